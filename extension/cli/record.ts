import { costPercent } from '../probe';
import type { Query } from '../profile/engine';
import { Quality } from '../profile/frames';
import { sinceStart } from '../profile/store';
import { allocationFigures, seenText, tellMissing } from './allocations';
import type { RecordCommand } from './arguments';
import { Failed } from './exit';
import { withFarEnd } from './far-end';
import { encode } from './formats';
import { forMachines, hotFunctions } from './hot-functions';
import type { Interrupt } from './interrupt';
import { sampleFor } from './progress';
import { qualityLines } from './quality';
import { Sampling } from './sampling';
import type { Messages } from './terminal';
import { checkWritable, writeWhole } from './write-file';

const functionsInSummary = 50;

/** Whatever ends it, what was sampled until then is written. */
export async function record(command: RecordCommand, messages: Messages, interrupt: Interrupt) {
  const { out } = command;
  if (out && out.path !== '-') await checkWritable(out.path);
  await withFarEnd(command, messages, interrupt, async ({ session, transport }) => {
    const sampling = await Sampling.start(session, command, messages);
    if (command.allocations) await sampling.watchAllocations();
    await sampleFor(sampling, command.seconds, messages, interrupt);
    const seconds = Math.min(sampling.elapsedSeconds, command.seconds);
    const what = command.allocations ? ', allocations' : '';
    const title = `${sampling.title} on ${transport.label}${what}`;
    if (out) {
      const content = encode(out.format, await sampling.store.snapshot(queryOf(command)), title);
      if (out.path === '-') process.stdout.write(content);
      else await writeWhole(out.path, content);
    }
    tell(sampling, command, seconds, messages, interrupt);
    if (command.json) {
      const summary = await summarise(sampling, command, transport.label, seconds, interrupt);
      process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    }
    if (command.allocations) tellMissing(sampling, messages);
    if (sampling.failure) throw sampling.failure;
  });
}

function queryOf({ allocations }: RecordCommand): Query {
  return { ...sinceStart, measure: allocations ? 'allocated' : 'cpu' };
}

function tell(
  sampling: Sampling,
  { out, seconds: asked, allocations }: RecordCommand,
  seconds: number,
  messages: Messages,
  interrupt: Interrupt,
): void {
  const { samples } = sampling.store.tallies;
  const early = interrupt.exitCode !== 0 || sampling.failure !== undefined;
  const seen = allocations
    ? `${seenText({ weight: sampling.store.tallies.bytes }, allocationFigures(sampling))}, `
    : '';
  const what = `${seen}${samples} samples of ${sampling.title}, ${seconds.toFixed(1)} s`;
  const where = out && out.path !== '-' ? `; written to ${out.path}` : '';
  messages.say(`${early ? `Ended early (${asked} s were asked for): ` : ''}${what}${where}`);
  const { health } = sampling;
  const sampler = sampling.started?.sampler;
  if (health)
    for (const line of qualityLines(sampling.store.tallies, health, sampler)) messages.say(line);
  if (samples === 0)
    messages.say('There are no samples: the workers used no CPU time while they were sampled.');
}

async function summarise(
  sampling: Sampling,
  command: RecordCommand,
  host: string,
  seconds: number,
  interrupt: Interrupt,
) {
  const { store, health, started } = sampling;
  if (!started) throw new Failed('The recording was not started.');
  const { byQuality, luaSamples, samples } = store.tallies;
  const { rows } = await hotFunctions(store, queryOf(command), functionsInSummary);
  const { bytesPerRequest, bytesPerSecond } = allocationFigures(sampling);
  return {
    file: command.out?.path ?? null,
    format: command.out?.format ?? null,
    host,
    target: { ...command.target, description: sampling.title },
    sampler: started.sampler,
    rateHz: health?.rateHz ?? command.rateHz,
    seconds,
    samples,
    lost: health?.lost ?? 0,
    truncated: health?.truncated ?? 0,
    interrupted: interrupt.exitCode !== 0,
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
    budgetPercent: command.budgetPercent,
    ...(command.allocations && {
      allocated: { bytes: store.tallies.bytes, bytesPerRequest, bytesPerSecond },
    }),
    functions: rows.map(forMachines),
  };
}
