/** Buttons of the capture and of the view. What makes no sense in a state is hidden or disabled. */
import { defaultMeasure, type Measure, offered, stackSeries } from '../extension/profile/series';
import { FrameKind } from '../extension/profile/frames';
import type { Commands } from './commands';
import { element } from './dom';
import type { PageState, StatusMessage, TreeView } from './messages';
import { button, dropdown, setDisabled, setPressed } from './toolkit';

const bits = (...kinds: FrameKind[]): number => kinds.reduce((mask, kind) => mask | (1 << kind), 0);

/** Which frames are shown; what the others cost goes to the frames that called them. */
const FILTERS: readonly (readonly [string, string])[] = [
  ['0', 'All frames'],
  [String(bits(FrameKind.Kernel)), 'Without kernel'],
  [String(bits(FrameKind.Kernel, FrameKind.Native)), 'Lua and its C calls'],
  [
    String(bits(FrameKind.Kernel, FrameKind.Native, FrameKind.LuaC, FrameKind.LuaBuiltin)),
    'Lua only',
  ],
];

const WINDOWS: readonly (readonly [string, string])[] = [
  ['0', 'Since start'],
  ['10', 'Last 10 s'],
  ['30', 'Last 30 s'],
  ['120', 'Last 2 min'],
];

export type Layout = PageState['layout'];

/** In their order. */
const LAYOUT_LABELS: Record<Layout, string> = {
  owners: 'Plugins',
  graph: 'Graph',
  table: 'Functions',
  both: 'Both',
  memory: 'Memory',
};
const LAYOUTS = Object.keys(LAYOUT_LABELS) as Layout[];

const LAYOUT_TITLES: Record<Layout, string> = {
  owners: 'Plugins: whose CPU time or memory it was (o)',
  graph: 'Flame graph',
  table: 'Table of functions (t)',
  both: 'Both',
  memory: 'Memory of the workers, live (m)',
};

export class Toolbar {
  readonly root = element('div', {
    class: 'toolbar',
    attributes: { role: 'toolbar', 'aria-label': 'Capture and view' },
  });
  private readonly pause: HTMLElement;
  private readonly reset: HTMLElement;
  private readonly stop: HTMLElement;
  private readonly attach: HTMLElement;
  private readonly exportButton: HTMLElement;
  private readonly heap: HTMLElement;
  private readonly orientation: HTMLElement;
  private readonly layouts: [Layout, HTMLElement][];
  private readonly measures: [Measure, HTMLElement][];
  private measure: Measure = defaultMeasure;
  private readonly window = dropdown('Time shown', WINDOWS);
  private readonly filter = dropdown('Frames shown', FILTERS);

  constructor(
    commands: Commands,
    onView: (view: TreeView) => void,
    onLayout: (layout: Layout) => void,
    search: HTMLElement,
  ) {
    const make = (label: string, title: string, onClick: () => void): HTMLElement =>
      button({ label, title, onClick });
    this.pause = make('Pause', 'Pause the capture (p)', () => commands.pauseOrResume());
    this.reset = make('Reset', 'Forget what was captured and begin anew', () =>
      commands.control('reset'),
    );
    this.stop = make('Stop', 'Stop the capture; nothing is left on the host', () =>
      commands.control('stop'),
    );
    this.attach = button({
      label: 'Attach again',
      title: 'Choose a host and a worker',
      primary: true,
      onClick: () => commands.control('attach'),
    });
    this.exportButton = make(
      'Export…',
      'Save a recording, or as folded stacks, speedscope or pprof',
      () => commands.control('export'),
    );
    this.heap = make('Heap', 'Heap snapshot: who holds the Lua memory of a worker', () =>
      commands.control('heap'),
    );
    this.orientation = button({
      label: '⇅',
      title: 'Turn over: root at the top or at the bottom (i)',
      quiet: true,
      onClick: () => commands.toggleOrientation(),
    });
    this.layouts = LAYOUTS.map((layout) => [
      layout,
      button({
        label: LAYOUT_LABELS[layout],
        title: LAYOUT_TITLES[layout],
        quiet: true,
        onClick: () => onLayout(layout),
      }),
    ]);
    this.measures = offered.map((measure) => [
      measure,
      button({
        label: stackSeries[measure].words.label,
        title: `${stackSeries[measure].words.hint} (m)`,
        quiet: true,
        onClick: () => commands.setMeasure(measure),
      }),
    ]);
    const help = button({
      label: '?',
      title: 'Keys and mouse (?)',
      quiet: true,
      onClick: () => commands.toggleHelp(),
    });
    const changed = (): void =>
      onView({
        measure: this.measure,
        windowSeconds: Number(this.window.value),
        hiddenKinds: Number(this.filter.value),
      });
    this.window.onChange(changed);
    this.filter.onChange(changed);
    const capture = group('Capture', this.pause, this.reset, this.stop, this.attach);
    const measures = this.measures.map(([, made]) => made);
    const what = group('What is shown', ...measures, this.window.root, this.filter.root);
    const layouts = this.layouts.map(([, made]) => made);
    const how = group('How it is shown', ...layouts, this.orientation, help);
    capture.append(this.exportButton, this.heap);
    this.root.append(capture, what, how, search);
  }

  setStatus(status: StatusMessage): void {
    const live = status.state === 'running' || status.state === 'paused';
    this.pause.textContent = status.state === 'paused' ? 'Resume' : 'Pause';
    this.pause.title = `${this.pause.textContent} the capture (p)`;
    this.pause.hidden = !live;
    this.reset.hidden = !live;
    this.heap.hidden = !live;
    this.stop.hidden = !live && status.state !== 'attaching' && status.state !== 'connecting';
    const over = ['idle', 'stopped', 'failed'].includes(status.state);
    this.attach.hidden = !over || status.recorded !== undefined;
    const { samples } = status.allocations ?? status;
    setDisabled(this.exportButton, samples === 0);
  }

  setView(view: TreeView): void {
    this.measure = view.measure;
    for (const [measure, made] of this.measures) setPressed(made, measure === view.measure);
    this.window.value = String(view.windowSeconds);
    this.filter.value = String(view.hiddenKinds);
  }

  setLayout(layout: Layout): void {
    for (const [name, made] of this.layouts) setPressed(made, name === layout);
    this.orientation.hidden = layout !== 'graph' && layout !== 'both';
  }
}

function group(label: string, ...children: HTMLElement[]): HTMLElement {
  const attributes = { role: 'group', 'aria-label': label };
  return element('div', { class: 'group', attributes }, ...children);
}
