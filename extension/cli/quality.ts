/** What a recording is worth, in sums whose parts are all there. */
import type { Health } from '../probe';
import { Quality } from '../profile/frames';
import type { Tallies } from '../profile/tallies';

export function qualityLines(tallies: Tallies, health: Health): string[] {
  const { samples, luaSamples, byQuality } = tallies;
  const { nativeSamples, nativeComplete, nativeTruncated } = health;
  const ended = nativeSamples - nativeComplete - nativeTruncated;
  const percent = (value: number): string => `${value.toFixed(2)} %`;
  return [
    `${samples} = ${samples - luaSamples} without Lua + ${byQuality[Quality.Exact]} exact + ` +
      `${byQuality[Quality.FunctionOnly]} function only + ${byQuality[Quality.TraceRoot]} trace ` +
      `root only + ${byQuality[Quality.Unknown]} unknown; ${health.lost} lost`,
    `${nativeSamples} native stacks = ${nativeComplete} whole to the root + ${nativeTruncated} too ` +
      `long + ${ended} ended early; cost: probe ${percent(health.probeCpuPercent)} + kernel ` +
      `${percent(health.kernelCpuPercent)} of a core, at ${health.rateHz} Hz`,
  ];
}
