/** The memory of the workers: a chart, what it is now, and the zones that they share. */
import { memoryHints } from '../../../extension/profile/memory-hints';
import type { SharedZones } from '../../../extension/profile/memory';
import { MemoryHistory, type MemoryPoint } from '../../../extension/profile/memory-history';
import { clock } from '../../common/clock';
import { element, setText } from '../../common/dom';
import type { Gap } from '../../common/gaps';
import type { MemoryMessage } from '../../../extension/page/messages';
import type { PaneHost, PaneView } from '../pane';
import { button, dropdown } from '../../common/toolkit';
import { Chart } from './chart';
import { Figures } from './figures';
import { MemoryLegend } from './legend';
import { WORKER_COLUMNS, workerRow, ZONE_COLUMNS, zoneRow } from './rows';
import { COMPARED, OF_LUA, seriesOfWorker, seriesOfWorkers, type Series } from './series';
import { size } from './words';

const ONE_WORKER = 'one';
/** The same on a scale of its own: beside all resident memory it may be a flat line. */
const LUA_OF_WORKER = 'lua of one';
const SPANS: readonly (readonly [string, string])[] = [
  ['120', 'Last 2 min'],
  ['600', 'Last 10 min'],
  ['3600', 'Last hour'],
];

export class MemoryView implements PaneView<'memory'> {
  readonly root = element('section', {
    class: 'memory',
    attributes: { 'aria-label': 'Memory of the workers' },
  });
  private readonly history = new MemoryHistory();
  private zones: SharedZones | null = null;
  /** Unix milliseconds. */
  private gaps: readonly Gap[] = [];
  private pid = 0;
  private cursorMs: number | undefined;
  private readonly hidden = new Set<string>();
  private readonly what = dropdown('Chart', [
    [ONE_WORKER, 'One worker'],
    [LUA_OF_WORKER, 'Lua of one worker'],
    ...COMPARED,
  ]);
  private readonly span = dropdown('Time of the chart', SPANS);
  private readonly chart = new Chart((atMs) => this.setCursor(atMs));
  private readonly legend = new MemoryLegend((id) => this.toggle(id));
  private readonly hints = element('p', { class: 'warning', attributes: { role: 'status' } });
  private readonly notes = element('p', { class: 'memory-notes' });
  private readonly workers: Figures;
  private readonly table = new Figures(
    'Memory that the workers share, by zone, in MiB',
    ZONE_COLUMNS,
  );

  constructor(private readonly host: PaneHost<'memory'>) {
    this.workers = new Figures('Memory of the workers now, in MiB', WORKER_COLUMNS, (id) => {
      const attributes = { type: 'button', title: 'Show in the chart' };
      const name = element('button', { class: 'row-name', attributes });
      name.addEventListener('click', () => this.choose(Number(id)));
      const last = button({
        label: 'Heap snapshot',
        title: `Take a snapshot of the Lua heap of worker ${id}`,
        onClick: () => host.post({ type: 'heap', pid: Number(id) }),
      });
      return { name, last };
    });
    this.what.onChange(() => this.draw());
    this.span.onChange(() => this.draw());
    this.chart.root.addEventListener('keydown', (event) => this.move(event));
    const attributes = { role: 'group', 'aria-label': 'Chart' };
    const choose = element('div', { class: 'group', attributes }, this.what.root, this.span.root);
    const bar = element('div', { class: 'memory-bar' }, choose, this.legend.root);
    const tables = element('div', { class: 'memory-tables' }, this.workers.root, this.table.root);
    this.root.append(bar, this.chart.root, this.hints, tables, this.notes);
  }

  isFilled(): boolean {
    return this.history.pids.length > 0;
  }

  show({ whole, points, zones }: MemoryMessage): void {
    if (whole) this.history.clear();
    for (const point of points) this.history.add(point);
    this.zones = zones;
    if (this.history.of(this.pid).length === 0) this.pid = this.largest();
    this.draw();
  }

  setGaps(gaps: readonly Gap[], startUnixMs: number): void {
    const before = this.gaps;
    this.gaps = gaps.map(([from, to]) => [startUnixMs + from / 1000, startUnixMs + to / 1000]);
    if (String(this.gaps) !== String(before)) this.draw();
  }

  /** The worker that uses most is looked at first. */
  private largest(): number {
    const rss = (pid: number): number => this.history.of(pid).at(-1)?.rssBytes ?? 0;
    return this.history.pids.reduce((best, pid) => (rss(pid) > rss(best) ? pid : best), 0);
  }

  private choose(pid: number): void {
    this.pid = pid;
    if (!this.isOfOne) this.what.value = ONE_WORKER;
    this.draw();
    this.host.announce(`The chart shows worker ${pid}`);
  }

  private toggle(id: string): void {
    if (!this.hidden.delete(id)) this.hidden.add(id);
    this.draw();
  }

  private get isOfOne(): boolean {
    return this.what.value === ONE_WORKER || this.what.value === LUA_OF_WORKER;
  }

  private get series(): Series[] {
    if (this.isOfOne) {
      const all = seriesOfWorker(this.history.of(this.pid));
      return this.what.value === ONE_WORKER ? all : all.filter(({ id }) => OF_LUA.has(id));
    }
    const { pids } = this.history;
    return seriesOfWorkers(
      this.what.value,
      new Map(pids.map((pid) => [pid, this.history.of(pid)])),
    );
  }

  private get latest(): MemoryPoint[] {
    const last = this.history.pids.map((pid) => this.history.of(pid).at(-1));
    const points = last.filter((point) => point !== undefined);
    const newest = Math.max(...points.map(({ atMs }) => atMs));
    // A worker that is gone says nothing any more; its line stays.
    return points.filter(({ atMs }) => atMs > newest - 5000).sort((a, b) => a.pid - b.pid);
  }

  private draw(): void {
    if (!this.isFilled()) return;
    const { series, latest } = this;
    const one = this.isOfOne;
    const toMs = Math.max(...latest.map(({ atMs }) => atMs));
    this.chart.draw({
      series: series.filter(({ id }) => !this.hidden.has(id)),
      phases: one ? this.history.of(this.pid).map((p) => [p.atMs, p.gcPhase] as const) : [],
      gaps: this.gaps,
      fromMs: toMs - Number(this.span.value) * 1000,
      toMs,
      label: one ? `Memory of worker ${this.pid}` : 'Memory of all workers',
    });
    this.legend.update(series, this.hidden, this.cursorMs, this.gaps);
    this.chart.setCursor(this.cursorMs);
    this.workers.update(latest.map(workerRow));
    this.workers.select(one ? String(this.pid) : '');
    this.drawZones();
    const chosen = latest.find(({ pid }) => pid === this.pid);
    setText(this.hints, chosen && one ? memoryHints(chosen).join(' ') : '');
    this.hints.hidden = this.hints.textContent === '';
  }

  private drawZones(): void {
    const { zones } = this;
    this.table.root.hidden = zones === null || zones.zones.length === 0;
    this.table.update(zones?.zones.map(zoneRow) ?? []);
    const parts: string[] = [];
    if (zones === null) parts.push('The shared zones have not been read yet.');
    else if (zones.missing !== '') parts.push(zones.missing);
    else if (zones.zones.length === 0) parts.push('No shared memory zones are configured.');
    if (zones !== null && zones.leftOut > 0) parts.push(`${zones.leftOut} zones are not shown.`);
    if (this.isOfOne) {
      parts.push(
        'Band below the chart: GC marking (as the line of Lua), sweeping (as its allocator).',
      );
    }
    setText(this.notes, parts.join(' '));
  }

  private setCursor(atMs: number | undefined): void {
    this.cursorMs = atMs;
    this.chart.setCursor(atMs);
    this.legend.update(this.series, this.hidden, atMs, this.gaps);
  }

  /** Arrow keys go from point to point, Home and End to the ends. */
  private move(event: KeyboardEvent): void {
    const times = this.series[0]?.points.map(([at]) => at) ?? [];
    const last = times.length - 1;
    const { cursorMs } = this;
    const now = cursorMs === undefined ? last : times.findIndex((at) => at >= cursorMs);
    const steps: Record<string, number> = {
      ArrowLeft: (now < 0 ? last : now) - 1,
      ArrowRight: (now < 0 ? last : now) + 1,
      Home: 0,
      End: last,
    };
    const to = steps[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const atMs = times[Math.max(0, Math.min(last, to))]!;
    this.setCursor(atMs);
    const figures = this.series
      .filter(({ id }) => !this.hidden.has(id))
      .map(({ name, points }) => `${name} ${size(points.find(([at]) => at === atMs)?.[1] ?? 0)}`);
    this.host.announce(`${clock(atMs)}: ${figures.join(', ')}`);
  }
}
