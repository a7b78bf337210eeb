/** The columns of the tables of what goes wrong. */
import type { ExceptionRow, LogRow, ResponseRow, WrongRow } from '../../../extension/page/messages';
import { oneDecimal, whole } from '../../common/format';
import type { GridColumn, GridRow } from '../../common/grid';

/** `about`: only bursts are watched, so that its rates are estimates. */
export type Shown<R extends WrongRow> = R & GridRow & { readonly about: boolean };

const BLOCKS = ' ▁▂▃▄▅▆▇█';

export function placeText({ file, line }: WrongRow): string {
  return line > 0 ? `${file}:${line}` : file;
}

/** Folder and file: all of it is in the tooltip of the row. */
export function shortPlace(row: WrongRow): string {
  return placeText({ ...row, file: row.file.split('/').slice(-2).join('/') });
}

/** How many a second by now. */
export function rateNow({ rate }: WrongRow): number {
  return rate.at(-1) ?? 0;
}

function rateText(row: Shown<WrongRow>): string {
  const rate = rateNow(row);
  return rate > 0 ? `${row.about ? '≈ ' : ''}${oneDecimal(rate)}/s` : '–';
}

/** A bar for each stretch, to the highest of its row. */
export function bars(rate: readonly number[]): string {
  const most = Math.max(...rate, 0);
  if (most <= 0) return '';
  return rate
    .map((each) => BLOCKS[each <= 0 ? 0 : Math.max(1, Math.round((each / most) * 8))])
    .join('');
}

function text<R extends WrongRow>(
  id: string,
  title: string,
  hint: string,
  of: (row: Shown<R>) => string,
): GridColumn<Shown<R>> {
  return { id, title, hint, numeric: false, value: (row) => of(row).toLowerCase(), text: of };
}

const number = <R extends WrongRow>(
  id: string,
  title: string,
  hint: string,
  value: (row: Shown<R>) => number,
  written: (row: Shown<R>) => string,
): GridColumn<Shown<R>> => ({ id, title, hint, numeric: true, value, text: written });

function counted<R extends WrongRow>(title: string, hint: string): GridColumn<Shown<R>>[] {
  return [
    number(
      'share',
      title,
      hint,
      ({ count }) => count,
      ({ count }) => whole(count),
    ),
    number('rate', 'Now', 'How many a second in the last five seconds', rateNow, rateText),
    {
      ...number<R>(
        'bars',
        'Last minute',
        'A bar for each five seconds, to the highest of the row; sorts by the rate by now',
        rateNow,
        ({ rate }) => bars(rate),
      ),
    },
  ];
}

const place = <R extends WrongRow>(hint: string): GridColumn<Shown<R>> =>
  text('place', 'Line', `${hint}; a click opens the source`, (row) => shortPlace(row));

export const EXCEPTION_COLUMNS: readonly GridColumn<Shown<ExceptionRow>>[] = [
  text(
    'name',
    'Exception',
    'The first line of the message; # stands for long numbers',
    (row) => row.message,
  ),
  place('Where it was thrown'),
  text('caught', 'Caught', 'By pcall, xpcall or a coroutine; no: nginx ended what ran', (row) =>
    row.caught === null ? 'unknown' : row.caught ? 'yes' : 'no',
  ),
  ...counted<ExceptionRow>('Times', 'Times that it was thrown'),
];

export const RESPONSE_COLUMNS: readonly GridColumn<Shown<ResponseRow>>[] = [
  text('name', 'Status', 'Of the response; closed: there was none', (row) =>
    statusText(row.status),
  ),
  place('Where Lua ended the request'),
  ...counted<ResponseRow>('Requests', 'Requests that it ended so'),
];

export const LOG_COLUMNS: readonly GridColumn<Shown<LogRow>>[] = [
  text('name', 'Level', 'Of the error log', ({ level }) => level),
  text(
    'place',
    'Line',
    "Who wrote it: a line of Lua, which a click opens, or nginx's format",
    (row) => (row.file === '' ? row.text : shortPlace(row)),
  ),
  ...counted<LogRow>('Lines', 'Lines that were written'),
];

export function statusText(status: number | null): string {
  if (status === null) return 'unknown';
  return status === 0 ? 'closed' : String(status);
}
