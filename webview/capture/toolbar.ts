/**
 * Buttons of the capture and of the view. A button that makes no sense in a state is hidden or
 * disabled.
 */
import { FrameKind } from '../../extension/profile/frames';
import { type Measure, stackSeries } from '../../extension/profile/series';
import type { ControlAction, PaneId, StatusMessage, TreeView } from '../../extension/page/messages';
import { element } from '../common/dom';
import { overflow } from '../common/overflow';
import { rove } from '../common/roving';
import { button, type Dropdown, dropdown, setDisabled, setPressed } from '../common/toolkit';
import { keyButton, TURN_TITLE } from '../graph/key-button';
import { type BoundKey, type GraphKey, withKey } from '../graph/keys';
import type { PageKeys } from './page-keys';
import { panes, paneOf, showsTree } from './panes';

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
  private readonly panes: readonly (readonly [PaneId, HTMLElement])[];
  private readonly measures: readonly (readonly [Measure, HTMLElement])[];
  /** In place of the buttons, where there is no room for them. */
  private readonly paneList: Dropdown;
  private readonly measureList: Dropdown;
  private readonly measureGroup: HTMLElement;
  private readonly window = dropdown('Time shown', WINDOWS);
  private readonly filter = dropdown('Frames shown', FILTERS);

  constructor(
    control: (action: ControlAction) => void,
    private readonly keys: PageKeys,
    ofGraph: Readonly<Record<GraphKey, BoundKey>>,
    onView: (changes: Pick<TreeView, 'windowSeconds' | 'hiddenKinds'>) => void,
    private readonly search: HTMLElement,
  ) {
    const make = (label: string, title: string, action: ControlAction): HTMLElement =>
      button({ label, title, onClick: () => control(action) });
    this.pause = keyButton('Pause', 'Pause the capture', keys.pause, false);
    this.reset = make('Reset', 'Discard samples and start over', 'reset');
    this.stop = make('Stop', 'Stop the capture; nothing is left on the host', 'stop');
    this.attach = button({
      label: 'Attach again',
      title: 'Choose a host and a worker',
      primary: true,
      onClick: () => control('attach'),
    });
    const formats = 'Save a recording, or as folded stacks, speedscope or pprof';
    this.exportButton = make('Export…', formats, 'export');
    this.heap = make('Heap', 'Heap snapshot: who holds the Lua memory of a worker', 'heap');
    this.orientation = keyButton('⇅', TURN_TITLE, ofGraph.turn);
    this.panes = panes.map(
      ({ id, label, title }) => [id, keyButton(label, title, keys.panes.get(id)!)] as const,
    );
    this.measures = [...keys.measures].map(([measure, key]) => {
      const { label, hint } = stackSeries[measure].words;
      return [measure, keyButton(label, hint, key)] as const;
    });
    const help = keyButton('?', 'Keys and mouse', ofGraph.help);
    const changed = (): void =>
      onView({
        windowSeconds: Number(this.window.value),
        hiddenKinds: Number(this.filter.value),
      });
    this.window.onChange(changed);
    this.filter.onChange(changed);
    const more = overflow(this.reset, this.exportButton, this.heap);
    const capture = group('Capture', this.pause, this.stop, this.attach, more);
    this.measureGroup = wideOnly('Measure', this.measures);
    this.measureList = list('Measure', [...keys.measures], ([measure]) => [
      measure,
      stackSeries[measure].words.label,
    ]);
    this.paneList = list('View', [...keys.panes], ([id]) => [id, paneOf(id)?.label ?? id]);
    this.root.append(
      capture,
      group(
        'Samples shown',
        this.measureGroup,
        this.measureList.root,
        this.window.root,
        this.filter.root,
      ),
      group('View', wideOnly('Views', this.panes), this.paneList.root, this.orientation, help),
      search,
    );
    rove(this.root);
  }

  setStatus(status: StatusMessage): void {
    const live = status.state === 'running' || status.state === 'paused';
    this.pause.textContent = status.state === 'paused' ? 'Resume' : 'Pause';
    this.pause.title = withKey(`${this.pause.textContent} the capture`, this.keys.pause);
    this.pause.hidden = !live;
    this.reset.hidden = !live;
    this.heap.hidden = !live;
    const begins = ['connecting', 'choosing', 'attaching'].includes(status.state);
    this.stop.hidden = !live && !begins;
    const over = ['idle', 'stopped', 'failed'].includes(status.state);
    this.attach.hidden = !over || (status.recorded !== undefined && status.again !== true);
    const { samples } = status.watched ?? status;
    setDisabled(this.exportButton, samples === 0);
  }

  setView(view: TreeView): void {
    for (const [measure, made] of this.measures) setPressed(made, measure === view.measure);
    this.measureList.value = view.measure;
    this.window.value = String(view.windowSeconds);
    this.filter.value = String(view.hiddenKinds);
  }

  setPane(shown: PaneId): void {
    for (const [id, made] of this.panes) setPressed(made, id === shown);
    this.paneList.value = shown;
    const pane = paneOf(shown);
    const graph = showsTree(pane, 'graph');
    const tree = graph || showsTree(pane, 'functions');
    const weighs = tree || (pane !== undefined && 'topic' in pane && pane.topic === 'report');
    // Controls without an effect on what is shown are not there.
    this.measureGroup.hidden = this.measureList.root.hidden = !weighs;
    this.window.root.hidden = !weighs;
    this.filter.root.hidden = !tree;
    this.search.hidden = !tree;
    this.orientation.hidden = !graph;
  }
}

function group(label: string, ...children: HTMLElement[]): HTMLElement {
  const attributes = { role: 'group', 'aria-label': label };
  return element('div', { class: 'group', attributes }, ...children);
}

function wideOnly(label: string, made: readonly (readonly [string, HTMLElement])[]): HTMLElement {
  const all = group(label, ...made.map(([, each]) => each));
  all.classList.add('wide-only');
  return all;
}

/** Chooses among things that have a key: it does what the key does. */
function list<K extends string>(
  label: string,
  keys: readonly (readonly [K, BoundKey])[],
  option: (key: readonly [K, BoundKey]) => readonly [string, string],
): Dropdown {
  const made = dropdown(label, keys.map(option));
  made.root.classList.add('narrow-only');
  made.onChange(() => keys.find(([id]) => id === made.value)?.[1].run());
  return made;
}
