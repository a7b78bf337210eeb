/** What holds a worker's Lua memory, as a table or for machines. */
import { join } from 'node:path';
import { visible } from '../common/outside';
import { heapStacks } from '../analysis/heap/tree';
import { heapText } from '../analysis/heap/text';
import { takeHeapSnapshot, type HeapOptions, type HeapSnapshot } from '../capture/heap-snapshot';
import { newRecorder, type RecordedHeap } from '../probe';
import { defaultMaxPauseMs, type HeapCommand } from './arguments';
import { Failed } from './exit';
import { withFarEnd } from './far-end';
import type { Interrupt } from './interrupt';
import { printJson, printLines } from './output';
import { bar } from './progress';
import { recordedEnd } from './samples';
import type { Messages } from './terminal';
import { checkWritable, writeWhole } from './write-file';

export async function heap(command: HeapCommand, messages: Messages, interrupt: Interrupt) {
  const { out, folded } = command;
  if (out !== undefined) await checkWritable(out);
  const { pid, snapshot } =
    command.from === undefined
      ? await takeNow(command, messages, interrupt)
      : await takeFrom(command.from, command, messages, interrupt);
  messages.clear();
  if (folded !== undefined) await writeWhole(folded, Buffer.from(foldedText(snapshot)));
  if (command.json) printJson(forMachines(snapshot), 2);
  else printLines(heapText({ pid, ...snapshot }, snapshot.report));
}

interface Taken {
  readonly pid: number;
  readonly snapshot: HeapSnapshot;
}

async function takeNow(command: HeapCommand, messages: Messages, interrupt: Interrupt) {
  const { out, destination } = command;
  const pid = command.pid!;
  const recorder = out === undefined ? undefined : newRecorder();
  const snapshot = await withFarEnd(
    command,
    messages,
    interrupt,
    async ({ session, transport }) => {
      if (recorder) {
        session.record(recorder);
        recorder.onLeftOut = (text) => messages.say(text);
      }
      const options = optionsOf(command, pid, messages, interrupt);
      const taken = await takeHeapSnapshot(session, options, recorder);
      if (out === undefined || recorder === undefined) return taken;
      const host = destination.kind === 'local' ? '' : transport.label;
      await writeWhole(out, recorder.write({ host, target: `worker ${pid}` }, ''));
      return taken;
    },
  );
  return { pid, snapshot };
}

async function takeFrom(
  path: string,
  command: HeapCommand,
  messages: Messages,
  interrupt: Interrupt,
): Promise<Taken> {
  const { session } = await recordedEnd(path);
  const { heaps } = session.recorded;
  const fits = heaps.flatMap((heap, i) => (heap.pid === (command.pid ?? heap.pid) ? [i] : []));
  const recorded = command.snapshot === undefined ? fits.at(-1) : command.snapshot - 1;
  const chosen = recorded === undefined ? undefined : heaps[recorded];
  if (recorded === undefined || chosen === undefined) throw notThere(path, heaps);
  messages.say(`Snapshot ${recorded + 1} of ${heaps.length}: ${describe(chosen)}`);
  const { pid } = chosen;
  const options = { ...optionsOf(command, pid, messages, interrupt), recorded };
  return { pid, snapshot: await takeHeapSnapshot(session, options) };
}

function optionsOf(command: HeapCommand, pid: number, messages: Messages, interrupt: Interrupt) {
  const { maxPauseMs, groups: rules } = command;
  return { ...heapOptions(messages, interrupt.signal), pid, maxPauseMs, rules };
}

/** But for whose heap it is. */
export function heapOptions(messages: Messages, signal: AbortSignal): Omit<HeapOptions, 'pid'> {
  return {
    maxPauseMs: defaultMaxPauseMs,
    rules: [],
    workerFile: join(__dirname, 'heap-worker.js'),
    signal,
    onProgress: (done, text) => messages.progress(bar(done, ` ${text}`, messages.columns)),
  };
}

function notThere(path: string, heaps: readonly RecordedHeap[]): Failed {
  const list = heaps.map((heap, i) => `${i + 1}: ${describe(heap)}`).join('; ');
  const has = heaps.length === 0 ? 'no heap snapshot' : `these heap snapshots: ${list}`;
  return new Failed(`The recording ${path} has ${has}.`);
}

function describe({ pid, takenUnixMs }: RecordedHeap): string {
  return `worker ${pid}, taken ${new Date(takenUnixMs).toISOString()}`;
}

function forMachines({ pauseMs, copiedBytes, report }: HeapSnapshot) {
  const { gcTotalBytes, reachedBytes, owners } = report;
  return { pauseMs, copiedBytes, gcTotalBytes, reachedBytes, owners };
}

/** Folded stacks in bytes, for flame graphs of any make. */
function foldedText({ report }: HeapSnapshot): string {
  const line = (frames: readonly string[], bytes: number) =>
    `${frames.map((frame) => visible(frame).replaceAll(';', ',')).join(';')} ${bytes}\n`;
  return heapStacks(report.tree)
    .map(({ frames, bytes }) => line(frames, bytes))
    .join('');
}
