/** Errors by line: exceptions, requests that Lua ends, and lines of the error log. */
import type { ErrorsMessage, WrongRow } from '../../../extension/page/messages';
import { element, setText } from '../../common/dom';
import { count, oneDecimal, whole } from '../../common/format';
import { Grid, type GridColumn } from '../../common/grid';
import type { PaneHost, PaneView } from '../pane';
import {
  EXCEPTION_COLUMNS,
  LOG_COLUMNS,
  RESPONSE_COLUMNS,
  type Shown,
  statusText,
} from './columns';

/** One of the tables, with a word where it is empty. */
class Part<R extends WrongRow> {
  readonly root: HTMLElement;
  private readonly grid: Grid<Shown<R>>;
  private readonly none = element('p', { class: 'errors-none' });

  constructor(
    private readonly words: { title: string; caption: string; none: string },
    private readonly columns: readonly GridColumn<Shown<R>>[],
    private readonly nameOf: (row: R) => string,
    open: (row: WrongRow, toSide: boolean) => void,
  ) {
    this.grid = new Grid<Shown<R>>({ onChoose: open });
    const title = element('h2', { text: words.title });
    this.root = element('section', { class: 'errors-part' }, title, this.grid.root, this.none);
  }

  show(all: readonly R[], about: boolean): void {
    const most = Math.max(1, ...all.map((row) => row.count));
    const shareOf = (row: R): number => row.count / most;
    const rows = all.map((row) => ({
      ...row,
      key: JSON.stringify([this.nameOf(row), row.file, row.line, row.from, row.chunk]),
      name: this.nameOf(row),
      about,
    }));
    this.none.hidden = rows.length > 0;
    setText(this.none, this.words.none);
    this.grid.root.hidden = rows.length === 0;
    this.grid.show(
      {
        caption: this.words.caption,
        columns: this.columns,
        rows,
        sortBy: 'share',
        canChoose: ({ chunk }) => chunk >= 0,
        shareOf,
        weightOf: shareOf,
        detailOf: (row) => (row.from === '' ? '' : `from ${row.from}`),
        isChosen: null,
      },
      true,
    );
  }
}

export class ErrorsView implements PaneView<'errors'> {
  readonly root = element('section', {
    class: 'owners errors',
    attributes: { 'aria-label': 'What goes wrong' },
  });
  private readonly facts = element('p', { class: 'owner-facts', attributes: { role: 'status' } });
  private readonly hint = element('p', { class: 'errors-hint' });
  private readonly nothing = element('p', { class: 'errors-nothing' });
  private readonly main: HTMLElement;
  private readonly exceptions;
  private readonly responses;
  private readonly log;
  private message: ErrorsMessage | undefined;

  constructor(private readonly host: PaneHost<'errors'>) {
    const open = ({ chunk, line }: WrongRow, toSide: boolean): void =>
      this.host.post({ type: 'open-chunk', chunk, line, toSide });
    this.exceptions = new Part(
      {
        title: 'Exceptions',
        caption: 'Exceptions by message and line',
        none: 'No exception was thrown.',
      },
      EXCEPTION_COLUMNS,
      ({ message }) => message,
      open,
    );
    this.responses = new Part(
      {
        title: 'Responses',
        caption: 'Responses by the line that ended the request',
        none: 'No request was ended by Lua.',
      },
      RESPONSE_COLUMNS,
      ({ status }) => statusText(status),
      open,
    );
    this.log = new Part(
      {
        title: 'Error log',
        caption: 'Lines of the error log by level and by who wrote them',
        none: 'Nothing was written to the error log.',
      },
      LOG_COLUMNS,
      ({ level }) => level,
      open,
    );
    const below = element('div', { class: 'errors-tables' }, this.responses.root, this.log.root);
    this.main = element('div', { class: 'errors-main' }, this.exceptions.root, below);
    const bar = element('div', { class: 'owner-bar' }, this.facts);
    this.root.append(bar, this.hint, this.nothing, this.main);
  }

  isFilled(): boolean {
    return this.message !== undefined;
  }

  show(message: ErrorsMessage): void {
    this.message = message;
    const { exceptions, responses, log, missing } = message;
    const empty = exceptions.length + responses.length + log.length === 0;
    const unwatched = empty && (missing !== '' || !message.on);
    this.nothing.hidden = !unwatched;
    this.main.hidden = unwatched;
    setText(this.nothing, unwatched ? whyNothing(message) : '');
    setText(this.facts, unwatched ? '' : factsOf(message));
    setText(this.hint, unwatched ? '' : missing);
    this.hint.hidden = this.hint.textContent === '';
    const about = message.watchedMs < message.elapsedMs;
    this.exceptions.show(exceptions, about);
    this.responses.show(responses, about);
    this.log.show(log, about);
  }
}

function sumOf(rows: readonly WrongRow[]): number {
  return rows.reduce((sum, row) => sum + row.count, 0);
}

function factsOf(message: ErrorsMessage): string {
  const { exceptions, responses, log, left, lost, watchedMs, elapsedMs, on } = message;
  const uncaught = exceptions.filter(({ caught }) => caught === false);
  return [
    `${count(sumOf(exceptions), 'exception')}, ${whole(sumOf(uncaught))} uncaught`,
    `${count(sumOf(responses), 'request')} ended by Lua`,
    count(sumOf(log), 'log line'),
    ...(watchedMs < elapsedMs
      ? [
          `seen in bursts, in ${oneDecimal(watchedMs / 1000)} of ${oneDecimal(elapsedMs / 1000)} s ` +
            'of workers, since there are more than the budget pays for',
        ]
      : []),
    ...(lost > 0 ? [`${whole(lost)} in no row`] : []),
    ...(left > 0 ? [`${count(left, 'row')} not shown`] : []),
    on ? 'since the watch began' : 'not being watched now',
  ].join(' · ');
}

function whyNothing({ missing, on }: ErrorsMessage): string {
  if (missing !== '') return `Not all that goes wrong can be watched. ${missing}`;
  if (!on) return 'It was not watched: it is while this is shown and the capture runs.';
  return '';
}
