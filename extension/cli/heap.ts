/** What holds a worker's Lua memory, as a table or for machines. */
import { join } from 'node:path';
import { heapStacks } from '../analysis/heap/tree';
import { heapText } from '../analysis/heap/text';
import { takeHeapSnapshot, type HeapSnapshot } from '../capture/heap-snapshot';
import type { HeapCommand } from './arguments';
import { withFarEnd } from './far-end';
import type { Interrupt } from './interrupt';
import { bar } from './progress';
import type { Messages } from './terminal';
import { writeWhole } from './write-file';

export async function heap(command: HeapCommand, messages: Messages, interrupt: Interrupt) {
  const { pid, maxPauseMs, groups: rules } = command;
  const snapshot = await withFarEnd(command, messages, interrupt, ({ session }) =>
    takeHeapSnapshot(session, {
      pid,
      maxPauseMs,
      rules,
      workerFile: join(__dirname, 'heap-worker.js'),
      signal: interrupt.signal,
      onProgress: (done, text) => messages.progress(bar(done, ` ${text}`, messages.columns)),
    }),
  );
  messages.clear();
  if (command.folded !== undefined) await writeWhole(command.folded, Buffer.from(folded(snapshot)));
  const text = command.json
    ? `${JSON.stringify(forMachines(snapshot), null, 2)}\n`
    : `${heapText({ pid, ...snapshot }, snapshot.report).join('\n')}\n`;
  process.stdout.write(text);
}

function forMachines({ pauseMs, copiedBytes, report }: HeapSnapshot) {
  const { gcTotalBytes, reachedBytes, owners } = report;
  return { pauseMs, copiedBytes, gcTotalBytes, reachedBytes, owners };
}

/** Folded stacks in bytes, for flame graphs of any make. */
function folded({ report }: HeapSnapshot): string {
  const line = (frames: readonly string[], bytes: number) =>
    `${frames.map((frame) => frame.replaceAll(';', ',')).join(';')} ${bytes}\n`;
  return heapStacks(report.tree)
    .map(({ frames, bytes }) => line(frames, bytes))
    .join('');
}
