/** The worth of a recording, in sums whose parts are all there. */
import type { Health, SamplerKind } from '../probe';
import { Quality } from '../profile/frames';
import type { Tallies } from '../profile/tallies';
import { endedEarlyText } from '../profile/walk-ends';

export function qualityLines(
  tallies: Tallies,
  health: Health,
  sampler: SamplerKind | undefined,
): string[] {
  const { samples, luaSamples, byQuality } = tallies;
  const { nativeSamples, nativeComplete, nativeTruncated } = health;
  const early = nativeSamples - nativeComplete - nativeTruncated;
  const { sampleWeight } = health;
  const weighed =
    `a sample stands for ${sampleWeight.toFixed(2)} times its period: the kernel's account of CPU ` +
    'time and the samples differ';
  return [
    ...(sampleWeight === 1 ? [] : [weighed]),
    `${samples} = ${samples - luaSamples} without Lua + ${byQuality[Quality.Exact]} exact + ` +
      `${byQuality[Quality.FunctionOnly]} line unknown + ${byQuality[Quality.TraceRoot]} only ` +
      `the JIT trace known + ${byQuality[Quality.Unknown]} unknown; ${health.lost} lost`,
    `${nativeSamples} native stacks = ${nativeComplete} whole to the root + ${nativeTruncated} too ` +
      `deep + ${endedEarlyText(early, health.walkEnds)}; cost in the end: ${costText(health, sampler)} of a core, at ` +
      `${health.rateHz} Hz`,
  ];
}

/** BPF programs measure themselves; what the kernel does for other samplers nobody tells. */
export function costText(health: Health, sampler: SamplerKind | undefined): string {
  const { probeCpuPercent, kernelCpuPercent, stoppedPercent } = health;
  const parts = [`probe ${percent(probeCpuPercent)}`];
  if (sampler === 'BPF') parts.push(`kernel ${percent(kernelCpuPercent)}`);
  if (stoppedPercent > 0) parts.push(`stops ${percent(stoppedPercent)}`);
  return parts.join(' + ');
}

function percent(value: number): string {
  return `${value.toFixed(2)} %`;
}
