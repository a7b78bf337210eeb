/**
 * Puts the parts of the page together: what the user does, what the extension says, what is drawn.
 */
import { defaultMeasure, type Measure, stackSeries } from '../../extension/profile/series';
import type {
  ControlAction,
  MessageOf,
  OptionsOf,
  PageState,
  PaneId,
  StatusMessage,
  ToExtension,
  ToPage,
  Topic,
  TreeMessage,
  TreeView,
} from '../../extension/page/messages';
import { withoutRange } from '../../extension/page/tree';
import { FocusChip } from '../common/chip';
import { element } from '../common/dom';
import { percent } from '../common/format';
import { loadState, saveState } from '../common/state';
import { Explorer, noGraphState } from '../graph/explorer';
import { weightOf, widthOf } from '../graph/tree';
import { FunctionTable } from '../panes/functions/table';
import type { Pane, PaneView } from '../panes/pane';
import { focusText } from '../panes/plugins/words';
import { timeSpan } from '../common/clock';
import { allKeys, type PageKeys, pageKeys } from './page-keys';
import { followsMeasure, paneOf, showsTree, topicPanes, type TreePane } from './panes';
import { Placeholder } from './placeholder';
import { StatusLine } from './status';
import { Toolbar } from './toolbar';
import { Wants } from './wants';

const initial: PageState = {
  ...noGraphState,
  view: { measure: defaultMeasure, windowSeconds: 0, hiddenKinds: 0 },
  hiddenKinds: {},
  layout: 'graph',
  options: {},
};

export class App {
  private status: StatusMessage | undefined;
  private state: PageState;
  private readonly keys: PageKeys = pageKeys({
    choose: (pane) => this.choose(pane),
    setMeasure: (measure) => this.setMeasure(measure),
    pauseOrResume: () => this.pauseOrResume(),
  });
  private readonly statusLine = new StatusLine();
  private readonly explorer: Explorer;
  private readonly placeholder: Placeholder;
  private readonly toolbar: Toolbar;
  private readonly table: FunctionTable;
  private readonly views: ReadonlyMap<Topic, PaneView>;
  private readonly chip: FocusChip;
  private readonly timeChip: FocusChip;
  private readonly wants: Wants;
  private readonly main = element('div', { class: 'main' });

  constructor(
    body: HTMLElement,
    private readonly post: (message: ToExtension) => void,
  ) {
    this.state = loadState(initial);
    this.wants = new Wants(post);
    this.explorer = this.makeExplorer();
    this.placeholder = new Placeholder((action) => this.control(action));
    this.toolbar = new Toolbar(
      (action) => this.control(action),
      this.keys,
      this.explorer.keys,
      (changes) => this.changeView(changes),
      this.explorer.searchBox.root,
    );
    this.table = this.makeTable();
    this.chip = new FocusChip(
      () => this.post({ type: 'focus', focus: null }),
      'in the flame graph, the editor and exports; percentages stay those of all samples',
      'all samples',
    );
    this.timeChip = new FocusChip(
      () => this.setRange(null),
      'in all views and exports',
      'all of the time',
    );
    this.views = new Map(topicPanes.map((pane) => [pane.topic, this.makeView(pane)]));
    this.assemble(body);
  }

  start(): void {
    this.explorer.start();
    this.toolbar.setView(this.state.view);
    this.showPane(this.state.layout);
    addEventListener('focus', () => this.focusGraph());
    this.post({ type: 'ready' });
    this.want();
  }

  receive(message: ToPage): void {
    switch (message.type) {
      case 'functions':
        return this.explorer.learn(message);
      case 'shareErrors':
        return this.explorer.setErrors(message);
      case 'tree':
        return this.receiveTree(message);
      case 'status':
        return this.receiveStatus(message);
      case 'config':
        return this.explorer.setConfig(message);
      case 'reveal':
        return this.reveal(message.functionId);
      case 'layout':
        if (message.measure !== undefined) this.setMeasure(message.measure);
        if (message.layout !== undefined) this.setPane(message.layout);
        return;
      case 'reset':
        return this.explorer.clear();
      default:
        return this.receiveTopic(message);
    }
  }

  /** The page has the keyboard and nothing of it has: keys of the graph are to work at once. */
  private focusGraph(): void {
    if (document.hasFocus() && document.activeElement === document.body) this.explorer.focus();
  }

  private receiveTree(message: TreeMessage): void {
    const began = performance.now();
    this.explorer.setTree(message, () => {
      const milliseconds = performance.now() - began;
      this.post({ type: 'painted', revision: message.revision, milliseconds });
    });
    this.focusGraph();
  }

  private receiveStatus(message: StatusMessage): void {
    this.status = message;
    this.rememberKept(message.kept);
    this.statusLine.set(message);
    this.toolbar.setStatus(message);
    this.showFocus();
    this.showRange();
    for (const view of this.views.values()) {
      view.setGaps?.(message.gaps ?? [], message.startUnixMs);
      view.setFocus?.(message.focus);
    }
    this.updatePlaceholder();
  }

  private rememberKept(kept: string | undefined): void {
    if (kept === undefined || kept === this.state.kept) return;
    this.state = { ...this.state, kept };
    this.save();
  }

  private receiveTopic(message: MessageOf<Exclude<Topic, 'tree'>>): void {
    this.views.get(message.type)?.show(message);
    this.updatePlaceholder();
  }

  private reveal(functionId: number): void {
    const node = this.explorer.reveal(functionId);
    if (node < 0) return;
    if (!showsTree(this.pane, 'graph')) {
      this.setPane(showsTree(this.pane, 'functions') ? 'both' : 'graph');
    }
    this.explorer.show(node);
  }

  private get pane(): Pane | TreePane | undefined {
    return paneOf(this.state.layout);
  }

  /** The view of the pane that is shown; undefined: that shows the tree. */
  private get view(): PaneView | undefined {
    const { pane } = this;
    return pane !== undefined && 'topic' in pane ? this.views.get(pane.topic) : undefined;
  }

  private updatePlaceholder(): void {
    const { view } = this;
    const filled = view?.isFilled(this.status) ?? this.explorer.profile.tree.samples > 0;
    const nothing = this.placeholder.update(this.status, filled, this.state.view);
    this.main.hidden = nothing;
    this.explorer.legend.root.hidden = nothing || view !== undefined;
    if (nothing) this.statusLine.hideMessage();
  }

  private updateTable(): void {
    if (!showsTree(this.pane, 'functions')) return;
    const { found, selected, colours } = this.explorer;
    this.table.update(found, selected, colours);
  }

  /** Each measure has a filter of frames of its own. A pane that shows none makes room. */
  private setMeasure(measure: Measure): void {
    if (!followsMeasure(this.pane)) this.setPane('graph');
    const { view, hiddenKinds } = this.state;
    if (measure === view.measure) return;
    const kept = { ...hiddenKinds, [view.measure]: view.hiddenKinds };
    this.state = { ...this.state, hiddenKinds: kept };
    const hidden = kept[measure] ?? stackSeries[measure].hiddenAtFirst;
    this.setView({ ...view, measure, hiddenKinds: hidden });
  }

  /** Another window of time takes the place of the one that was chosen in it. */
  private changeView(changes: Pick<TreeView, 'windowSeconds' | 'hiddenKinds'>): void {
    const { range, ...view } = this.state.view;
    const same = changes.windowSeconds === view.windowSeconds;
    this.setView({ ...view, ...changes, ...(range && same && { range }) });
  }

  private setRange(range: TreeView['range'] | null): void {
    const view = withoutRange(this.state.view);
    this.setView(range ? { ...view, range } : view);
  }

  private setView(view: TreeView): void {
    this.state = { ...this.state, view };
    this.toolbar.setView(view);
    this.showRange();
    this.want();
    this.updatePlaceholder();
    this.save();
  }

  /** With its part of all, so that whoever reads other shares knows what they add up to. */
  private showFocus(): void {
    const focus = this.status?.focus ?? null;
    const { all } = this.explorer.profile;
    const share = all.samples > 0 ? ` · ${percent(widthOf(all), weightOf(all))} of all` : '';
    this.chip.set(focus && `${focusText(focus)}${share}`);
  }

  private showRange(): void {
    const { range } = this.state.view;
    const startUnixMs = this.status?.startUnixMs ?? 0;
    this.timeChip.set(range ? `Only ${timeSpan(startUnixMs, ...range)}` : null);
  }

  /** The same again leads back to the graph. */
  private choose(pane: PaneId): void {
    this.setPane(pane === this.state.layout ? 'graph' : pane);
  }

  private setPane(layout: PaneId): void {
    this.state = { ...this.state, layout };
    this.showPane(layout);
    this.want();
    this.explorer.redraw();
    this.save();
  }

  private showPane(layout: PaneId): void {
    const { pane } = this;
    this.explorer.root.hidden = !showsTree(pane, 'graph');
    this.table.root.hidden = !showsTree(pane, 'functions');
    for (const view of this.views.values()) view.root.hidden = view !== this.view;
    this.toolbar.setPane(layout);
    this.updatePlaceholder();
    this.updateTable();
  }

  /** The tree is always looked at: it says what the editor shows too. */
  private want(): void {
    this.wants.set('tree', this.state.view);
    for (const pane of topicPanes) {
      this.wants.set(pane.topic, pane === this.pane ? this.optionsOf(pane) : null);
    }
  }

  private optionsOf<T extends Topic>({ topic, options }: Pane<T>): OptionsOf<T> {
    return this.state.options[topic] ?? options;
  }

  private save(): void {
    this.state = { ...this.state, ...this.explorer.state };
    saveState(this.state);
  }

  private makeView<T extends Topic>(pane: Pane<T>): PaneView<T> {
    const view = pane.make({
      want: (options) => {
        this.state = { ...this.state, options: { ...this.state.options, [pane.topic]: options } };
        this.want();
        this.save();
      },
      post: this.post,
      showGraph: () => this.setPane('graph'),
      setRange: (range) => this.setRange(range),
      announce: (text) => this.explorer.announce(text),
    });
    view.setOptions?.(this.optionsOf(pane));
    return view;
  }

  private makeTable(): FunctionTable {
    const { commands } = this.explorer;
    return new FunctionTable(
      () => this.explorer.profile,
      {
        onSelect: (node) => commands.select(node),
        onOpen: (node, toSide) => commands.open(node, toSide),
        onZoom: (node) => {
          this.setPane('graph');
          commands.zoomTo(node);
        },
      },
      () => this.updateTable(),
    );
  }

  private assemble(body: HTMLElement): void {
    const { root, breadcrumb, legend, overlays } = this.explorer;
    this.main.append(root, this.table.root, ...[...this.views.values()].map((view) => view.root));
    const page = element('main', {}, breadcrumb.root, this.main, this.placeholder.root);
    body.append(this.toolbar.root, this.statusLine.root, this.chip.root, this.timeChip.root);
    body.append(page, legend.root, ...overlays);
  }

  private makeExplorer(): Explorer {
    return new Explorer(
      {
        open: (functionId, line, toSide) => this.post({ type: 'open', functionId, line, toSide }),
        copy: (text) => this.post({ type: 'copy', text }),
        save: () => this.save(),
        changed: () => {
          this.showFocus();
          this.updatePlaceholder();
          this.updateTable();
        },
        themed: () => {
          this.updateTable();
          for (const view of this.views.values()) view.readTheme?.();
        },
        note: () =>
          `A frame is as wide as its share of ${this.explorer.profile.unit.whole}. Callees ` +
          `${this.explorer.isInverted ? 'hang below' : 'stand on'} their callers, in alphabetical ` +
          'order, so that frames keep their place while the capture runs.',
        keys: allKeys(this.keys),
      },
      this.state,
    );
  }

  private control(action: ControlAction): void {
    // Times of what was forgotten are those of nothing.
    if (action === 'reset') this.setRange(null);
    this.post({ type: 'control', action });
  }

  private pauseOrResume(): void {
    if (this.status?.state === 'running') this.post({ type: 'control', action: 'pause' });
    if (this.status?.state === 'paused') this.post({ type: 'control', action: 'resume' });
  }
}
