/** What a snapshot says, as lines of text. */
import { bytesText } from '../../profile/bytes';
import { visible } from '../../common/outside';
import { tenths } from '../../profile/shares';
import { ownerGrowth, placeGrowth, type Growth } from './compare';
import type { HeapReport } from './report';

const modulesShown = 15;
const holdersShown = 15;
const grownShown = 10;
/** Less is noise: strings and functions that come and go. */
const LEAST_GROWTH = 1024;

export interface HeapHeading {
  readonly pid: number;
  readonly pauseMs: number;
  readonly copiedBytes: number;
}

/** @param before an earlier snapshot of the same worker, to say what has grown since. */
export function heapText(heading: HeapHeading, report: HeapReport, before?: HeapReport): string[] {
  return [
    headline(heading, report),
    '',
    ...ownerLines(report),
    '',
    ...(before === undefined ? [] : [...growthLines(before, report), '']),
    ...moduleLines(report),
    '',
    ...columns([
      ['largest holders', '', 'retained', 'objects'],
      ...report.largest
        .slice(0, holdersShown)
        .map((row) => [
          visible(row.path.join(' > '), 160),
          visible(row.owner, 40),
          bytesText(row.retainedBytes),
          String(row.objects),
        ]),
    ]),
    '',
    ...columns([
      ['type', '', 'bytes', 'objects'],
      ...report.types.map(({ type, bytes, count }) => [type, '', bytesText(bytes), String(count)]),
    ]),
    '',
    fillLine(report),
  ];
}

function fillLine({ tables: { array, hash } }: HeapReport): string {
  const empty = [array, hash].reduce((sum, fill) => sum + (fill.slots - fill.used) * fill.bytes, 0);
  return (
    `Tables: ${array.used + hash.used} of ${array.slots + hash.slots} slots in use; the empty ` +
    `ones take ${bytesText(empty)}.`
  );
}

function headline({ pid, pauseMs, copiedBytes }: HeapHeading, report: HeapReport): string {
  const stood =
    pauseMs === 0
      ? 'the worker slept and was not stopped'
      : `worker paused ${pauseMs.toFixed(1)} ms`;
  const share = report.gcTotalBytes > 0 ? report.reachedBytes / report.gcTotalBytes : 0;
  return (
    `Lua heap of worker ${pid}: ${bytesText(report.gcTotalBytes)} by its collector, ` +
    `${(share * 100).toFixed(1)} % of it found; ${bytesText(copiedBytes)} copied, ${stood}`
  );
}

function ownerLines(report: HeapReport): string[] {
  const shares = tenths(report.owners.map((row) => row.retainedBytes));
  const sum = shares.reduce((all, each) => all + each, 0) / 10;
  return columns([
    ['owner', '', 'retained', '%', 'objects'],
    ...report.owners.map((row, i) => [
      visible(row.name, 60),
      row.kind,
      bytesText(row.retainedBytes),
      (shares[i]! / 10).toFixed(1),
      String(row.objects),
    ]),
    ['sum', '', bytesText(report.reachedBytes), sum.toFixed(1), String(report.objects)],
  ]);
}

function moduleLines(report: HeapReport): string[] {
  return columns([
    ['module', 'owner', 'retained', 'objects'],
    ...report.modules
      .slice(0, modulesShown)
      .map((row) => [
        visible(row.name, 60),
        visible(row.owner, 40),
        bytesText(row.retainedBytes),
        String(row.objects),
      ]),
  ]);
}

function growthLines(before: HeapReport, after: HeapReport): string[] {
  const lines = (title: string, rows: Growth[]) =>
    columns([
      [title, '', 'before', 'now', 'growth'],
      ...rows
        .filter((row) => row.after - row.before >= LEAST_GROWTH)
        .slice(0, grownShown)
        .map((row) => [
          visible(row.frames.join(' > '), 160),
          '',
          bytesText(row.before),
          bytesText(row.after),
          `+${bytesText(row.after - row.before)}`,
        ]),
    ]);
  const owners = lines('grown since the last snapshot', ownerGrowth(before, after));
  if (owners.length === 1) return ['Nothing has grown since the last snapshot.'];
  return [...owners, '', ...lines('where', placeGrowth(before, after))];
}

/** Two columns of words, then figures. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const cell = (text: string, i: number) =>
    i < 2 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
