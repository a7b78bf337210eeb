/** The columns of the tables of LuaJIT's compiler. */
import { bytesText } from '../../../extension/profile/bytes';
import type { JitAbort, JitBlacklisted, JitPlace, JitVm } from '../../../extension/page/messages';
import { percent, whole } from '../../common/format';
import type { GridColumn, GridRow } from '../../common/grid';

export type VmRow = JitVm & GridRow;
export type AbortRow = JitAbort & GridRow;
export type BlacklistedRow = JitBlacklisted & GridRow;

export function placeText({ file, line }: JitPlace): string {
  return line > 0 ? `${file}:${line}` : file;
}

/** Folder and file: what is before them is in the tooltip of the row. */
function shortPlace(place: JitPlace): string {
  const { file } = place;
  return placeText({ ...place, file: file.split('/').slice(-2).join('/') });
}

function text<R extends GridRow>(
  id: string,
  title: string,
  hint: string,
  of: (row: R) => string,
): GridColumn<R> {
  return { id, title, hint, numeric: false, value: (row) => of(row).toLowerCase(), text: of };
}

function number<R extends GridRow>(
  id: string,
  title: string,
  hint: string,
  value: (row: R) => number,
  written: (row: R) => string = (row) => whole(value(row)),
): GridColumn<R> {
  return { id, title, hint, numeric: true, value, text: written };
}

const known = (value: number): string => (value > 0 ? whole(value) : '–');

export const VM_COLUMNS: readonly GridColumn<VmRow>[] = [
  text('name', 'Worker', 'Each row is a Lua VM', ({ name }) => name),
  number('traces', 'Traces', 'Compiled paths that are there now', ({ traces }) => traces),
  number('most', 'Of at most', 'maxtrace: with more, all are thrown away', (vm) => vm.maxTraces),
  number(
    'code',
    'Machine code',
    'Of the traces; with more than the limit, all are thrown away',
    ({ machineCodeBytes }) => machineCodeBytes,
    ({ machineCodeBytes }) => bytesText(machineCodeBytes),
  ),
  number(
    'limit',
    'Limit',
    'maxmcode',
    ({ machineCodeLimit }) => machineCodeLimit,
    ({ machineCodeLimit }) => bytesText(machineCodeLimit),
  ),
  number<VmRow>('share', 'Used', 'Part of the limit that machine code takes', usedOf, (vm) =>
    percent(usedOf(vm), 1),
  ),
  number('flushes', 'Flushes', 'Times that all traces were thrown away', ({ flushes }) => flushes),
  number(
    'recent',
    'In the last minute',
    'Flushes in the last minute: code that is compiled again and again runs interpreted in between',
    ({ recentFlushes }) => recentFlushes,
  ),
  number(
    'hotloop',
    'hotloop',
    'Rounds of a loop before it is compiled',
    ({ hotloop }) => hotloop,
    ({ hotloop }) => known(hotloop),
  ),
  number(
    'hotexit',
    'hotexit',
    'Exits of a trace before what follows is compiled too',
    ({ hotexit }) => hotexit,
    ({ hotexit }) => known(hotexit),
  ),
];

export function usedOf({ machineCodeBytes, machineCodeLimit }: JitVm): number {
  return machineCodeLimit > 0 ? machineCodeBytes / machineCodeLimit : 0;
}

export const ABORT_COLUMNS: readonly GridColumn<AbortRow>[] = [
  text('name', 'Reason', 'Why the compiler gave up on a trace', ({ reason }) => reason),
  text<AbortRow>('place', 'Line', 'Where it gave up; a click opens the source', shortPlace),
  number('share', 'Aborts', 'Times that it gave up there for this reason', ({ count }) => count),
];

export const BLACKLISTED_COLUMNS: readonly GridColumn<BlacklistedRow>[] = [
  text<BlacklistedRow>(
    'name',
    'Place',
    'It is not compiled any more; a click opens the source',
    shortPlace,
  ),
  text('kind', 'What', 'A function, or a loop in one', ({ kind }) => kind),
];
