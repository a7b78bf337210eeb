/** The tables of the page: what a report lists, beside what an earlier one did. */
import type { HeapReport, SlotFill } from '../../analysis/heap/report';
import type { Source } from '../../analysis/heap/sources';
import { bytesText } from '../../profile/bytes';
import { FrameKind } from '../../profile/frames';
import { visible, type AllVisible } from '../../common/outside';
import { fileText } from '../../profile/names';
import {
  type HeapKindName,
  type HeapRow,
  type HeapTable,
  type HeapTableName,
  UNCOLLECTED,
} from '../../page/heap';
import type { SourceList } from './source-list';

/** More rows than anybody reads. */
const MOST_ROWS = 500;
const LONGEST = 300;
/** Of the owners, so that their sum stays that of all. */
const THE_REST = '(the rest)';

/** A row before its past is known. */
type Line = Partial<HeapRow> & Pick<HeapRow, 'name' | 'bytes' | 'objects'>;
type Table = AllVisible<HeapTable>;
type Row = AllVisible<HeapRow>;

export function heapTables(
  after: HeapReport,
  before: HeapReport | undefined,
  sources: SourceList,
): Record<HeapTableName, Table> {
  const table = (
    lines: (report: HeapReport) => Line[],
    isWhole: (report: HeapReport) => boolean = () => true,
  ): Table => joined(lines(after), before && lines(before), before && isWhole(before));
  const functions = table(
    (report) => functionLines(report, sources),
    (report) => report.functionCount <= report.functions.length,
  );
  return {
    owners: withRest(table(ownerLines)),
    modules: cut(table((report) => moduleLines(report, sources))),
    types: cut(table(typeLines)),
    functions: { ...functions, left: after.functionCount - after.functions.length },
    largest: table(largestLines, () => false),
  };
}

function ownerLines(report: HeapReport): Line[] {
  return report.owners.map(({ name, kind, retainedBytes, objects }) => ({
    name,
    kind,
    bytes: retainedBytes,
    objects,
  }));
}

function moduleLines(report: HeapReport, sources: SourceList): Line[] {
  return report.modules.map(({ name, owner, kind, retainedBytes, objects, source }) => ({
    name,
    kind,
    owner,
    bytes: retainedBytes,
    objects,
    source: sources.add(source),
  }));
}

function typeLines(report: HeapReport): Line[] {
  const { array, hash } = report.tables;
  const lines: Line[] = [];
  for (const { type, bytes, count } of report.types) {
    lines.push({ name: type, bytes, objects: count });
    if (type === 'table') lines.push(slots('array parts', array), slots('hash parts', hash));
    if (type !== 'cdata') continue;
    for (const row of report.cdata) {
      const note =
        row.finalizers > 0 ? `${row.finalizers.toLocaleString('en')} with a finalizer` : '';
      lines.push({ name: row.type, bytes: row.bytes, objects: row.count, note, part: true });
    }
  }
  const garbage = report.owners.find(({ name }) => name === UNCOLLECTED);
  if (garbage !== undefined)
    lines.push({ name: garbage.name, bytes: garbage.retainedBytes, objects: garbage.objects });
  return lines;
}

function slots(name: string, fill: SlotFill): Line {
  const empty = fill.slots - fill.used;
  const used = fill.slots === 0 ? 100 : (100 * fill.used) / fill.slots;
  const note = `${used.toFixed(0)} % in use, ${bytesText(empty * fill.bytes)} empty`;
  return { name, bytes: fill.slots * fill.bytes, objects: fill.slots, note, part: true };
}

function functionLines(report: HeapReport, sources: SourceList): Line[] {
  return report.functions.map(({ name, closures, retainedBytes, source }) => ({
    name: source === undefined ? name : placeOf(source),
    bytes: retainedBytes,
    objects: closures,
    source: sources.add(source),
  }));
}

function placeOf({ chunk, line }: Source): string {
  return `${fileText(chunk, FrameKind.Lua)}:${line}`;
}

function largestLines(report: HeapReport): Line[] {
  return report.largest.map(({ what, owner, retainedBytes, objects, path }) => ({
    name: path.length > 0 ? `${path[path.length - 1]!} (${what})` : what,
    owner,
    bytes: retainedBytes,
    objects,
    path: [...path],
  }));
}

/** @param whole of the earlier rows: what is not among them was not there. */
function joined(after: Line[], before: Line[] | undefined, whole = false): Table {
  const past = new Map(before === undefined ? [] : keyed(before));
  const rows = keyed(after).map(([key, line]) => {
    const known = past.get(key)?.bytes ?? (before !== undefined && whole ? 0 : null);
    past.delete(key);
    return rowOf(key, line, known);
  });
  // A part without the row that it is a part of would say nothing.
  const gone = [...past].filter(([, line]) => line.part !== true && whole);
  const left = gone.map(([key, line]) =>
    rowOf(key, { ...line, bytes: 0, objects: 0, note: '' }, line.bytes),
  );
  return { rows: [...rows, ...left], left: 0 };
}

/** Rows of one name are told apart by their order, which is by size. */
function keyed(lines: Line[]): [string, Line][] {
  const seen = new Map<string, number>();
  let group = '';
  return lines.map((line) => {
    if (line.part !== true) group = line.name;
    const words = [line.kind, line.part === true ? group : '', line.owner, line.name];
    const key = [...words, ...(line.path ?? [])].join('\n');
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return [times === 1 ? key : `${key}\n${times}`, line];
  });
}

function rowOf(key: string, line: Line, before: number | null): Row {
  const kind: HeapKindName = line.kind ?? 'other';
  const { bytes, objects, note = '', part = false, source = -1, path = [] } = line;
  const name = visible(line.name, LONGEST);
  const owner = visible(line.owner ?? '', LONGEST);
  const said = { note: visible(note), path: path.map((step) => visible(step, LONGEST)) };
  return { key, name, kind, owner, bytes, objects, before, part, source, ...said };
}

function cut({ rows }: Table): Table {
  return { rows: rows.slice(0, MOST_ROWS), left: Math.max(0, rows.length - MOST_ROWS) };
}

function withRest({ rows }: Table): Table {
  if (rows.length <= MOST_ROWS) return { rows, left: 0 };
  const shown = rows.slice(0, MOST_ROWS - 1);
  const rest = rows.slice(MOST_ROWS - 1);
  const sum = (pick: (row: Row) => number) => rest.reduce((all, row) => all + pick(row), 0);
  const before = rest[0]!.before === null ? null : sum((row) => row.before ?? 0);
  const line = { name: THE_REST, bytes: sum((row) => row.bytes), objects: sum((r) => r.objects) };
  return { rows: [...shown, rowOf(THE_REST, line, before)], left: rest.length };
}
