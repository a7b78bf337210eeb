/** The summary of what was recorded, for people and for machines. */
import { costPercent } from '../probe';
import type { Query } from '../profile/engine';
import { Quality } from '../profile/frames';
import type { StackSeries } from '../profile/series';
import { sinceStart } from '../profile/store';
import type { Terminal } from './command-line/command';
import { Failed } from './exit';
import type { Format } from './formats';
import { forMachines, hotFunctions } from './hot-functions';
import { figuresOf, seenText } from './instrument-text';
import { noSamplesText } from './no-samples';
import { qualityLines } from './quality';
import type { Samples } from './samples';
import { gapText, type Sampling } from './sampling';

const functionsInSummary = 50;

/** The recording asked for. */
interface Recording {
  /** The series of the weights. */
  readonly series: StackSeries;
  readonly out: { readonly path: string; readonly format: Format } | undefined;
  /** Absent: of a recording. */
  readonly seconds?: number;
}

export function queryOf({ series }: Recording): Query {
  return { ...sinceStart, measure: series.name };
}

/** How long, how many samples, how good they are, and where they are. */
export function tellSummary(
  { sampling, seconds }: Samples,
  request: Recording,
  { messages, interrupt }: Terminal,
): void {
  const { out, series } = request;
  const asked = request.seconds ?? seconds;
  const { samples } = sampling.store.tallies;
  const early = interrupt.exitCode !== 0 || sampling.failure !== undefined;
  const { weight } = sampling.store.tallies.of(series.name);
  const figures = figuresOf(sampling, series.instrument);
  const seen = series.always ? '' : `${seenText(series, weight, figures)}, `;
  const what = `${seen}${samples} samples of ${sampling.title}, ${seconds.toFixed(1)} s`;
  const where = out && out.path !== '-' ? `; written to ${out.path}` : '';
  messages.say(`${early ? `Ended early (${asked} s were asked for): ` : ''}${what}${where}`);
  const gaps = gapText(sampling.store.gaps);
  if (gaps !== '') messages.say(gaps);
  const { health } = sampling;
  const sampler = sampling.started?.sampler;
  if (health)
    for (const line of qualityLines(sampling.store.tallies, health, sampler)) messages.say(line);
  if (samples === 0) messages.say(noSamplesText(health));
}

/** As `--json` prints it. */
export async function summarise(
  { sampling, host, seconds, options }: Samples,
  request: Recording,
  { interrupt }: Terminal,
) {
  const { store, health, started } = sampling;
  if (!started) throw new Failed('The recording was not started.');
  const { byQuality, luaSamples, samples } = store.tallies;
  const { series } = request;
  const query = { ...queryOf(request), hiddenKinds: series.hiddenAtFirst };
  const { rows, kinds } = await hotFunctions(store, query, functionsInSummary);
  return {
    file: request.out?.path ?? null,
    format: request.out?.format ?? null,
    host,
    target: { ...options.target, description: sampling.title },
    sampler: started.sampler,
    rateHz: health?.rateHz ?? options.rateHz,
    sampleWeight: health?.sampleWeight ?? 1,
    usedCpuSeconds: (health?.targetCpuUs ?? 0) / 1e6,
    sampledCpuSeconds: (health?.sampledCpuUs ?? 0) / 1e6,
    seconds,
    samples,
    lost: health?.lost ?? 0,
    truncated: health?.truncated ?? 0,
    interrupted: interrupt.exitCode !== 0,
    gaps: store.gaps.map(([fromUs, toUs]) => ({ fromS: fromUs / 1e6, toS: toUs / 1e6 })),
    lua: {
      samples: luaSamples,
      exact: byQuality[Quality.Exact],
      functionOnly: byQuality[Quality.FunctionOnly],
      traceRoot: byQuality[Quality.TraceRoot],
      unknown: byQuality[Quality.Unknown],
    },
    native: {
      samples: health?.nativeSamples ?? 0,
      complete: health?.nativeComplete ?? 0,
      truncated: health?.nativeTruncated ?? 0,
    },
    probeCpuPercent: health ? costPercent(health) : null,
    budgetPercent: options.budgetPercent,
    ...(!series.always && { [series.name]: sumsOf(sampling, series) }),
    kinds,
    functions: rows.map(forMachines),
  };
}

function sumsOf(sampling: Sampling, { name, instrument, quantity }: StackSeries) {
  const { weight } = sampling.store.tallies.of(name);
  const { perRequest, perSecond } = figuresOf(sampling, instrument);
  if (quantity === 'count') return { count: weight, perRequest, perSecond };
  return quantity === 'memory'
    ? { bytes: weight, bytesPerRequest: perRequest, bytesPerSecond: perSecond }
    : { seconds: weight / 1e6 };
}
