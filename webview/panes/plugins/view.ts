/** The owners of CPU time or memory: pie and table side by side, from one report. */
import { amountText, stackSeries } from '../../../extension/profile/series';
import { element, setText } from '../../common/dom';
import { count, whole } from '../../common/format';
import type {
  FocusedRow,
  ReportEntry,
  ReportKeys,
  ReportMessage,
  StatusMessage,
  TableKey,
} from '../../../extension/page/messages';
import type { PaneHost, PaneView } from '../pane';
import { readTheme } from '../../common/theme';
import { button, dropdown } from '../../common/toolkit';
import { OwnerColours, THE_REST } from '../../common/owner-colours';
import { Pie } from '../../common/pie';
import { slicesOf } from '../../common/slices';
import { idOf, OwnerTable } from './table';
import { tableText } from './table-text';
import { KEY_WORDS } from './words';

export class OwnersView implements PaneView<'report'> {
  readonly root = element('section', {
    class: 'owners plugins',
    attributes: { 'aria-label': 'By plugin' },
  });
  private readonly facts = element('p', { class: 'owner-facts', attributes: { role: 'status' } });
  private readonly problems = element('p', { class: 'warning', attributes: { role: 'status' } });
  private readonly rows = dropdown('Rows', choices('By '));
  private readonly columns = dropdown('Columns', choices('Split by '));
  private readonly colours = new OwnerColours(readTheme());
  private readonly pie: Pie;
  private readonly table: OwnerTable;
  private report: ReportMessage | undefined;
  private focus: FocusedRow | null = null;
  private hovered: string | undefined;
  private pointerIn = false;

  constructor(private readonly host: PaneHost<'report'>) {
    const entryOf = (id: string): ReportEntry | undefined =>
      this.report?.entries.find((entry) => idOf(entry) === id);
    this.pie = new Pie({
      onSelect: (id) => this.select(entryOf(id)),
      onOpen: (id) => this.open(entryOf(id)),
      onHover: (id) => this.hover(id),
    });
    this.table = new OwnerTable({
      onSelect: (entry) => this.select(entry),
      onOpen: (entry) => this.open(entry),
      onHover: (id) => this.hover(id),
      onSort: () => this.draw(false),
    });
    const changed = (): void =>
      host.want({
        rows: this.rows.value as TableKey,
        columns: this.columns.value as TableKey,
      });
    this.rows.onChange(changed);
    this.columns.onChange(changed);
    const attributes = { role: 'group', 'aria-label': 'Table' };
    const choose = element(
      'div',
      { class: 'group', attributes },
      this.rows.root,
      this.columns.root,
    );
    const copy = button({
      label: 'Copy table',
      title: 'Copy the table as text, with tabs between its cells',
      onClick: () => this.copy(),
    });
    const bar = element('div', { class: 'owner-bar' }, choose, copy, this.facts);
    const main = element('div', { class: 'owner-main' }, this.pie.root, this.table.root);
    main.addEventListener('pointerenter', () => (this.pointerIn = true));
    main.addEventListener('pointerleave', () => {
      this.pointerIn = false;
      this.draw(false);
    });
    this.root.append(bar, this.problems, main);
  }

  private copy(): void {
    if (this.report === undefined) return;
    this.host.post({ type: 'copy', text: tableText(this.report) });
    this.host.announce('The table was copied.');
  }

  /** All rows are shown, also those beside the one that the tree is of. */
  isFilled(status: StatusMessage | undefined): boolean {
    const { samples = 0 } = status?.watched ?? status ?? {};
    return samples > 0;
  }

  setOptions({ rows, columns }: ReportKeys): void {
    this.rows.value = rows;
    this.columns.value = columns;
  }

  setFocus(focus: FocusedRow | null): void {
    if (JSON.stringify(focus) === JSON.stringify(this.focus)) return;
    this.focus = focus;
    this.draw(true);
  }

  readTheme(): void {
    this.colours.setTheme(readTheme());
    this.draw(true);
  }

  show(report: ReportMessage): void {
    if (this.report?.rows !== report.rows) this.colours.clear();
    this.report = report;
    this.draw(this.pointerIn || this.table.root.contains(document.activeElement));
  }

  /** @param stay rows keep their places. */
  private draw(stay: boolean): void {
    const { report } = this;
    if (report === undefined) return;
    const byOwner = report.rows === 'owner';
    const colourOf = (entry: ReportEntry): string => this.colours.of(entry, byOwner);
    setText(this.facts, factsOf(report));
    setText(this.problems, report.problems.join(' '));
    this.problems.hidden = report.problems.length === 0;
    this.table.update(report, this.focus, stay, colourOf);
    this.drawPie();
  }

  private drawPie(): void {
    const { report } = this;
    if (report === undefined) return;
    const byOwner = report.rows === 'owner';
    const { focus } = this;
    const colourOf = (entry: ReportEntry): string => this.colours.of(entry, byOwner);
    const rows = report.entries.map((entry) => ({
      key: entry.key === THE_REST ? undefined : idOf(entry),
      name: entry.name,
      weight: entry.weight,
      fill: colourOf(entry),
      selected: focus?.by === report.rows && idOf(focus) === idOf(entry),
    }));
    const slices = slicesOf(rows, () => this.colours.of({ key: THE_REST, kind: 'other' }, byOwner));
    const { Whole } = stackSeries[report.measure].words;
    const caption = `${Whole} by ${KEY_WORDS[report.rows][1]}`;
    this.pie.update(slices, caption, this.hovered, figureOf(report));
  }

  private hover(id: string | undefined): void {
    if (this.hovered === id) return;
    this.hovered = id;
    this.table.hover(id);
    this.drawPie();
  }

  /** A second click on the same takes the filter back. */
  private select(entry: ReportEntry | undefined): void {
    if (this.report === undefined || entry === undefined) return;
    const by = this.report.rows;
    const again = this.focus?.by === by && idOf(this.focus) === idOf(entry);
    const focus = again ? null : { by, key: entry.key, kind: entry.kind };
    this.host.post({ type: 'focus', focus });
    this.host.announce(again ? 'All samples are shown' : `Only ${entry.name} is shown`);
  }

  private open(entry: ReportEntry | undefined): void {
    if (this.report === undefined || entry === undefined) return;
    const focus = { by: this.report.rows, key: entry.key, kind: entry.kind };
    this.host.post({ type: 'focus', focus });
    this.host.showGraph();
  }
}

function choices(before: string): [TableKey, string][] {
  const keys = Object.keys(KEY_WORDS) as TableKey[];
  return keys.map((key) => [key, `${before}${KEY_WORDS[key][1]}`]);
}

function factsOf(report: ReportMessage): string {
  const { measure, weight, samples, requests, requestsMissing, gateway } = report;
  const { always, inBursts, quantity } = stackSeries[measure];
  const watched = inBursts ? ' in bursts' : '';
  const seen = always ? '' : `${amountText(quantity, weight)} in `;
  const counted =
    requests === null
      ? `${always ? 'requests not counted: ' : ''}${requestsMissing}`
      : `${whole(requests)} requests${watched}`;
  return [gateway, `${seen}${count(samples, 'sample')}`, counted]
    .filter((text) => text !== '')
    .join(' · ');
}

/** Cost of a request, or of a second; an estimate has its sign. */
function figureOf({ measure, perRequest, perSecond }: ReportMessage): readonly [string, string] {
  const { quantity, estimated } = stackSeries[measure];
  const amount = perRequest ?? perSecond;
  if (amount === null) return ['', ''];
  const text = `${estimated ? '≈ ' : ''}${amountText(quantity, amount)}`;
  return [text, perRequest === null ? '/ second' : '/ request'];
}
