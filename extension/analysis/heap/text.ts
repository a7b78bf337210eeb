/** A snapshot as lines of text. */
import { bytesText } from '../../profile/bytes';
import { visible } from '../../common/outside';
import { tenths } from '../../profile/shares';
import { heapGrowth, placeGrowth } from './compare';
import { rootNames } from './holders';
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
    `Lua heap of worker ${pid}: ${bytesText(report.gcTotalBytes)} in ${report.objects} objects ` +
    `(${(share * 100).toFixed(1)} % attributed); ${bytesText(copiedBytes)} copied, ${stood}`
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

/** Held memory leads: garbage comes and goes with the collector. */
function growthLines(before: HeapReport, after: HeapReport): string[] {
  const { held, uncollected, owners } = heapGrowth(before, after);
  if (owners.every(({ growth }) => growth === 0))
    return ['Nothing has grown since the last snapshot.'];
  const row = (
    name: string,
    kind: string,
    { before, after }: { before: number; after: number },
  ) => [visible(name, 160), kind, bytesText(before), bytesText(after), signed(after - before)];
  const heldBytes = ({ owners }: HeapReport) =>
    owners.reduce((all, each) => all + (isHeld(each) ? each.retainedBytes : 0), 0);
  const sum = row('held in all', '', { before: heldBytes(before), after: heldBytes(after) });
  const [garbage] = owners.filter((each) => !isHeld(each));
  const places = placeGrowth(before, after)
    .filter((each) => each.after - each.before >= LEAST_GROWTH)
    .slice(0, grownShown);
  return [
    `Since the last snapshot: ${signed(held)} held, ${signed(uncollected)} garbage.`,
    '',
    ...columns([
      ['grown since the last snapshot', '', 'before', 'now', 'growth'],
      ...owners
        .filter((each) => isHeld(each) && each.growth !== 0)
        .map((each) => row(each.name, each.kind, each)),
      sum,
      ...(garbage === undefined ? [] : [row(garbage.name, '', garbage)]),
    ]),
    ...(places.length === 0
      ? []
      : [
          '',
          ...columns([
            ['where', '', 'before', 'now', 'growth'],
            ...places.map((each) => row(each.frames.join(' > '), '', each)),
          ]),
        ]),
  ];
}

const isHeld = ({ name }: { readonly name: string }) => name !== rootNames.garbage;

function signed(growth: number): string {
  return growth > 0 ? `+${bytesText(growth)}` : bytesText(growth);
}

/** Two columns of words, then figures. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const cell = (text: string, i: number) =>
    i < 2 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
