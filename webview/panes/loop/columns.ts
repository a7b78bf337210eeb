/** The columns of the tables of the event loop. */
import type { LoopMessage, LoopStall } from '../../../extension/page/messages';
import { timeOf } from '../../common/clock';
import { percent } from '../../common/format';
import type { GridColumn, GridRow } from '../../common/grid';

export type StallRow = LoopStall & GridRow;
export type WorkerRow = LoopMessage['workers'][number] & GridRow;

/** "0.042 ms", "12.5 ms", "1.43 s" */
export function length(us: number): string {
  if (us >= 1e6) return `${(us / 1e6).toFixed(2)} s`;
  const ms = us / 1000;
  return `${ms >= 100 ? ms.toFixed(0) : ms >= 1 ? ms.toFixed(1) : ms.toFixed(3)} ms`;
}

/** Folder and file: what is before them is in the tooltip. */
function shortPlace(place: string): string {
  return place.split('/').slice(-2).join('/');
}

function culprit({ culprits: [first] }: LoopStall): string {
  if (first === undefined) return '';
  const place = shortPlace(first.place);
  return place === '' || place.startsWith(first.name) ? first.name : `${first.name} ${place}`;
}

export function stallColumns(startUnixMs: number): readonly GridColumn<StallRow>[] {
  return [
    {
      id: 'name',
      title: 'Culprit',
      hint: 'The Lua function that ran or was blocked for most of it; a click opens the source',
      numeric: false,
      value: (row) => culprit(row).toLowerCase(),
      text: culprit,
    },
    {
      id: 'part',
      title: 'Part',
      hint: "Of the stall's length, at this function",
      numeric: true,
      value: ({ culprits }) => culprits[0]?.share ?? 0,
      text: ({ culprits }) => percent(culprits[0]?.share ?? 0, 1),
    },
    {
      id: 'share',
      title: 'Length',
      hint: 'How long all other requests of the worker waited',
      numeric: true,
      value: ({ lengthUs }) => lengthUs,
      text: ({ lengthUs, exact }) => `${exact ? '' : '≥ '}${length(lengthUs)}`,
    },
    {
      id: 'time',
      title: 'Time',
      hint: 'When it began',
      numeric: true,
      value: ({ timeUs }) => timeUs,
      text: ({ timeUs }) => timeOf(startUnixMs, timeUs),
    },
    {
      id: 'worker',
      title: 'Worker',
      hint: 'The process',
      numeric: true,
      value: ({ pid }) => pid,
      text: ({ pid }) => String(pid),
    },
  ];
}

export const WORKER_COLUMNS: readonly GridColumn<WorkerRow>[] = [
  {
    id: 'name',
    title: 'Worker',
    hint: 'Each row is a process',
    numeric: false,
    value: ({ pid }) => pid,
    text: ({ name }) => name,
  },
  {
    id: 'share',
    title: 'Idle',
    hint: 'Part of its time in which it waited for events',
    numeric: true,
    value: ({ idle }) => idle,
    text: ({ idle }) => percent(idle, 1),
  },
  {
    id: 'queued',
    title: 'Without a CPU',
    hint: 'Part of its time in which it was ready to run while others had the CPU',
    numeric: true,
    value: ({ queued }) => queued,
    text: ({ queued }) => percent(queued, 1),
  },
];

/** The further functions of a stall. */
export function othersOf({ culprits }: StallRow): string {
  return culprits
    .slice(1)
    .map(({ name, place, share }) => `${percent(share, 1)} ${name} ${shortPlace(place)}`)
    .join(', ');
}
