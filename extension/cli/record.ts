import { takeHeapSnapshot } from '../capture/heap-snapshot';
import { costPercent, newRecorder, type CaptureRecorder, type ProbeSession } from '../probe';
import type { Query } from '../profile/engine';
import { FrameKind, Quality } from '../profile/frames';
import { sinceStart } from '../profile/store';
import { allocationFigures, seenText, tellMissing } from './allocations';
import type { RecordCommand } from './arguments';
import { Failed } from './exit';
import { explain } from './far-end';
import { encode, type Format } from './formats';
import { heapOptions } from './heap';
import { forMachines, hotFunctions } from './hot-functions';
import type { Interrupt } from './interrupt';
import { printBytes, printJson } from './output';
import { qualityLines } from './quality';
import { withSamples, type Samples } from './samples';
import type { Sampling } from './sampling';
import type { Messages } from './terminal';
import { checkWritable, writeWhole } from './write-file';

const functionsInSummary = 50;

/** Whatever ends it, what was sampled until then is written. */
export async function record(command: RecordCommand, messages: Messages, interrupt: Interrupt) {
  const { out } = command;
  if (out && out.path !== '-') await checkWritable(out.path);
  const recorder = out?.format === 'recording' ? newRecorder() : undefined;
  if (recorder) recorder.onLeftOut = (text) => messages.say(text);
  const keep = (session: ProbeSession) => {
    if (recorder) session.record(recorder);
  };
  const done = async (samples: Samples) => {
    const { sampling, seconds } = samples;
    if (out) {
      if (recorder && command.heap) await addHeaps(samples, recorder, messages, interrupt);
      const content = await contentOf(samples, command, out.format, recorder);
      if (out.path === '-') printBytes(content);
      else await writeWhole(out.path, content);
    }
    tell(sampling, command, seconds, messages, interrupt);
    if (command.json) {
      const summary = await summarise(samples, command, interrupt);
      printJson(summary, 2);
    }
    if (command.allocations) tellMissing(sampling, messages);
  };
  await withSamples(command, messages, interrupt, done, keep);
}

async function contentOf(
  { sampling, host, local }: Samples,
  command: RecordCommand,
  format: Format,
  recorder: CaptureRecorder | undefined,
): Promise<Uint8Array> {
  const target = sampling.title;
  if (format !== 'recording') {
    const what = command.allocations ? ', allocations' : '';
    const snapshot = await sampling.store.snapshot(queryOf(command));
    return encode(format, snapshot, `${target} on ${host}${what}`);
  }
  const ending = sampling.failure?.message ?? '';
  return recorder!.write({ host: local ? '' : host, target }, ending);
}

/** A snapshot of each worker that was sampled last. What cannot be had is said. */
async function addHeaps(
  { sampling, session }: Samples,
  recorder: CaptureRecorder,
  messages: Messages,
  { signal }: Interrupt,
): Promise<void> {
  for (const pid of sampling.health?.pids ?? []) {
    if (sampling.failure || signal.aborted) return;
    try {
      const { pauseMs } = await takeHeapSnapshot(
        session,
        { ...heapOptions(messages, signal), pid },
        recorder,
      );
      messages.say(`Heap of worker ${pid} recorded; it stood ${pauseMs.toFixed(1)} ms.`);
    } catch (error) {
      messages.say(`No heap of worker ${pid}: ${explain(error).text}`);
    }
  }
}

function queryOf({ allocations }: RecordCommand): Query {
  return { ...sinceStart, measure: allocations ? 'allocated' : 'cpu' };
}

/** What is below Lua allocates nothing for itself: bytes are those of the code that asked for them. */
function summaryOf(command: RecordCommand): Query {
  const below = (1 << FrameKind.Kernel) | (1 << FrameKind.Native);
  return { ...queryOf(command), ...(command.allocations && { hiddenKinds: below }) };
}

function tell(
  sampling: Sampling,
  command: RecordCommand,
  seconds: number,
  messages: Messages,
  interrupt: Interrupt,
): void {
  const { out, allocations } = command;
  const asked = 'seconds' in command ? command.seconds : seconds;
  const { samples } = sampling.store.tallies;
  const early = interrupt.exitCode !== 0 || sampling.failure !== undefined;
  const seen = allocations
    ? `${seenText({ weight: sampling.store.tallies.of('allocated').weight }, allocationFigures(sampling))}, `
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
  { sampling, host, seconds, options }: Samples,
  command: RecordCommand,
  interrupt: Interrupt,
) {
  const { store, health, started } = sampling;
  if (!started) throw new Failed('The recording was not started.');
  const { byQuality, luaSamples, samples } = store.tallies;
  const { rows } = await hotFunctions(store, summaryOf(command), functionsInSummary);
  const { perRequest, perSecond } = allocationFigures(sampling);
  return {
    file: command.out?.path ?? null,
    format: command.out?.format ?? null,
    host,
    target: { ...options.target, description: sampling.title },
    sampler: started.sampler,
    rateHz: health?.rateHz ?? options.rateHz,
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
    budgetPercent: options.budgetPercent,
    ...(command.allocations && {
      allocated: {
        bytes: store.tallies.of('allocated').weight,
        bytesPerRequest: perRequest,
        bytesPerSecond: perSecond,
      },
    }),
    functions: rows.map(forMachines),
  };
}
