/** What holds a worker's Lua memory, as a table or for machines. */
import { join } from 'node:path';
import { takeHeapSnapshot, type HeapSnapshot } from '../capture/heap-snapshot';
import { visible } from '../profile/names';
import { tenths } from '../profile/shares';
import type { HeapCommand } from './arguments';
import { withFarEnd } from './far-end';
import type { Interrupt } from './interrupt';
import { bar } from './progress';
import type { Messages } from './terminal';
import { writeWhole } from './write-file';

const modulesShown = 15;
const holdersShown = 10;

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
    : `${tableLines(snapshot, pid).join('\n')}\n`;
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
  return report.stacks.map(({ frames, bytes }) => line(frames, bytes)).join('');
}

function tableLines({ pauseMs, copiedBytes, report }: HeapSnapshot, pid: number): string[] {
  const stood = pauseMs === 0 ? 'it slept and was not stopped' : `stood ${pauseMs.toFixed(1)} ms`;
  const share = report.gcTotalBytes > 0 ? report.reachedBytes / report.gcTotalBytes : 0;
  const shares = tenths(report.owners.map((row) => row.retainedBytes));
  const owners = report.owners.map((row, i) => [
    visible(row.name, 60),
    row.kind,
    size(row.retainedBytes),
    (shares[i]! / 10).toFixed(1),
    String(row.objects),
  ]);
  const sum = shares.reduce((all, each) => all + each, 0) / 10;
  return [
    `Lua heap of worker ${pid}: ${size(report.gcTotalBytes)} by its collector, ` +
      `${(share * 100).toFixed(1)} % of it found; ${size(copiedBytes)} copied, ${stood}`,
    '',
    ...align([
      ['owner', '', 'retained', '%', 'objects'],
      ...owners,
      ['sum', '', size(report.reachedBytes), sum.toFixed(1), String(report.objects)],
    ]),
    '',
    ...align([
      ['module', 'owner', 'retained', '', 'objects'],
      ...report.modules
        .slice(0, modulesShown)
        .map((row) => [
          visible(row.name, 60),
          visible(row.owner, 40),
          size(row.retainedBytes),
          '',
          String(row.objects),
        ]),
    ]),
    '',
    'largest holders',
    ...report.largest
      .slice(0, holdersShown)
      .map((row) => `${size(row.retainedBytes).padStart(10)}  ${row.path.join(' > ')}`),
  ];
}

function size(bytes: number): string {
  if (bytes < 1e4) return `${bytes} B`;
  return bytes < 1e7 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Two columns of words, then figures. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const cell = (text: string, i: number) =>
    i < 2 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
