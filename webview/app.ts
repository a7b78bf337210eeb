/**
 * Puts the parts of the page together: what the user does, what the extension says, what is drawn.
 */
import { AccessibleTree } from './accessible';
import { Breadcrumb } from './breadcrumb';
import { FocusChip } from './owners/chip';
import { MemoryView } from './memory/view';
import { OwnersView } from './owners/view';
import type { Commands } from './commands';
import { element } from './dom';
import { Finder } from './finder';
import { Graph } from './graph';
import { Help } from './help';
import { listenToGraph, listenToPage } from './keyboard';
import { Legend } from './legend';
import type {
  ConfigMessage,
  FocusedRow,
  PageState,
  StatusMessage,
  ToExtension,
  ToPage,
  TreeMessage,
} from './messages';
import { Placeholder } from './placeholder';
import { Pointer } from './pointer';
import { Profile } from './profile';
import { SearchBox } from './searchbox';
import { Selection } from './selection';
import { stackText } from './stacktext';
import { loadState, saveState } from './state';
import { StatusLine } from './status';
import { FunctionTable } from './table';
import { isStill, onThemeChange } from './theme';
import { Toolbar, type Layout } from './toolbar';
import { Tooltip } from './tooltip';
import { resolve } from './tree';
import { Zoom } from './zoom';

export class App {
  private readonly profile = new Profile();
  private status: StatusMessage | undefined;
  private config: ConfigMessage = { type: 'config', swapClicks: false, inverted: false };
  private state: PageState;
  private tooltipOnSelection = false;
  private readonly current = (): Profile => this.profile;
  private readonly graph = new Graph(this.current);
  private readonly finder = new Finder(this.current);
  private readonly accessible = new AccessibleTree(this.graph.scroller, this.current);
  private readonly tooltip = new Tooltip(this.current);
  private readonly legend = new Legend();
  private readonly statusLine = new StatusLine();
  private readonly help = new Help(() => this.config.swapClicks);
  private readonly zoom: Zoom;
  private readonly selection: Selection;
  private readonly breadcrumb: Breadcrumb;
  private readonly placeholder: Placeholder;
  private readonly searchBox: SearchBox;
  private readonly toolbar: Toolbar;
  private readonly table: FunctionTable;
  private readonly owners: OwnersView;
  private readonly memory: MemoryView;
  private readonly chip: FocusChip;
  private readonly pointer: Pointer;
  private readonly main = element('div', { class: 'main' });

  constructor(
    body: HTMLElement,
    private readonly post: (message: ToExtension) => void,
  ) {
    this.state = loadState();
    const commands = this.commands();
    this.zoom = new Zoom(
      () => this.profile.tree,
      isStill,
      () => this.graph.redraw(),
      () => this.save(),
    );
    this.selection = new Selection(
      () => this.profile.tree,
      () => this.save(),
    );
    this.breadcrumb = new Breadcrumb(this.current, (node) => commands.zoomTo(node));
    this.placeholder = new Placeholder((action) => commands.control(action));
    this.searchBox = new SearchBox({
      onQuery: (query) => {
        this.state = { ...this.state, search: query };
        this.finder.search(query);
        this.afterSearch();
        this.save();
      },
      onNext: (step) => commands.nextMatch(step),
      onLeave: () => this.graph.scroller.focus(),
    });
    this.toolbar = new Toolbar(
      commands,
      (view) => {
        this.state = { ...this.state, view };
        this.post({ type: 'view', ...view });
        this.save();
      },
      (layout) => this.setLayout(layout),
      this.searchBox.root,
    );
    this.table = new FunctionTable(
      this.current,
      {
        onSelect: (node) => commands.select(node),
        onOpen: (node, toSide) => commands.open(node, toSide),
        onZoom: (node) => {
          this.setLayout('graph');
          commands.zoomTo(node);
        },
      },
      () => this.updateTable(),
    );
    const focus = (focused: FocusedRow | null): void =>
      this.post({ type: 'focus', focus: focused });
    this.chip = new FocusChip(() => focus(null));
    this.owners = new OwnersView({
      onTable: (table) => {
        this.state = { ...this.state, table };
        this.askForTable();
        this.save();
      },
      onFocus: focus,
      onGraph: () => this.setLayout('graph'),
      announce: (text) => this.accessible.announce(text),
    });
    this.memory = new MemoryView({
      onHeap: (pid) => this.post({ type: 'heap', pid }),
      announce: (text) => this.accessible.announce(text),
    });
    this.pointer = new Pointer(
      this.graph,
      commands,
      () => this.config.swapClicks,
      () => this.showHover(),
    );
    this.connectGraph(commands);
    this.assemble(body);
  }

  start(): void {
    this.zoom.restore(this.state.zoom);
    this.selection.restore(this.state.selection);
    this.setLayout(this.state.layout);
    this.toolbar.setView(this.state.view);
    this.applyOrientation();
    this.legend.setPalette(this.graph.colours);
    if (this.state.search.text !== '') this.searchBox.set(this.state.search);
    this.updatePlaceholder();
    const { windowSeconds, hiddenKinds } = this.state.view;
    if (windowSeconds !== 0 || hiddenKinds !== 0) this.post({ type: 'view', ...this.state.view });
    this.owners.setTable(this.state.table);
    this.post({ type: 'ready' });
    this.askForTable();
    this.askForMemory();
  }

  receive(message: ToPage): void {
    switch (message.type) {
      case 'tree':
        return this.receiveTree(message);
      case 'status':
        this.status = message;
        this.statusLine.set(message);
        this.toolbar.setStatus(message);
        this.chip.set(message.focus);
        this.owners.setFocus(message.focus);
        return this.updatePlaceholder();
      case 'config':
        this.config = message;
        return this.applyOrientation();
      case 'reveal':
        return this.reveal(message.functionId);
      case 'layout':
        return this.setLayout(message.layout);
      case 'report':
        return this.owners.show(message);
      case 'memory':
        this.memory.show(message);
        return this.updatePlaceholder();
      case 'reset':
        this.profile.clear();
        return this.afterTree();
    }
  }

  private receiveTree(message: TreeMessage): void {
    const began = performance.now();
    const known = this.state.profile;
    if (this.profile.apply(message) && message.profile !== known) {
      this.zoom.restore([]);
      this.selection.restore([]);
      this.finder.search(this.state.search);
    }
    this.state = { ...this.state, profile: message.profile };
    this.afterTree(() => {
      const milliseconds = performance.now() - began;
      this.post({ type: 'painted', revision: message.revision, milliseconds });
    });
  }

  private afterTree(painted?: () => void): void {
    // Asked for first: the browser gets the next frame ready while the rest is worked out.
    this.graph.redraw(painted);
    this.finder.update();
    this.legend.setTree(this.profile.tree);
    this.updatePlaceholder();
    this.showResult();
    this.updateTable();
  }

  private reveal(functionId: number): void {
    const node = this.finder.reveal(functionId);
    this.afterSearch();
    if (node < 0) return;
    if (this.state.layout === 'table') this.setLayout('both');
    if (this.state.layout === 'owners' || this.state.layout === 'memory') this.setLayout('graph');
    this.show(node);
    this.accessible.announceSelection(node);
  }

  private afterSearch(): void {
    this.legend.setTree(this.profile.tree);
    this.showResult();
    this.updateTable();
    this.graph.redraw();
  }

  private showResult(): void {
    const { text, isError } = this.finder.result();
    this.searchBox.showResult(text, isError);
  }

  /** Selects a frame and sees to it that it can be seen. */
  private show(node: number): void {
    this.selection.to(node);
    if (!this.graph.isVisible(node)) {
      const parent = Math.max(0, this.profile.tree.parents[node]!);
      this.zoom.to(this.zoom.holds(node) ? parent : 0);
      if (!this.graph.isVisible(node)) this.zoom.to(parent);
    }
    this.tooltipOnSelection = true;
    this.graph.scrollTo(node);
    this.graph.redraw();
    this.updateTable();
  }

  private updatePlaceholder(): void {
    const owners = this.state.layout === 'owners';
    // The table of owners shows all rows, also those beside the one that the tree is of.
    const samples = owners ? (this.status?.samples ?? 0) : this.profile.tree.samples;
    const memory = this.state.layout === 'memory' && !this.memory.isEmpty;
    const shown = memory ? 1 : samples;
    const nothing = this.placeholder.update(this.status, shown, this.state.view);
    this.main.hidden = nothing;
    this.legend.root.hidden = nothing || owners || memory;
    if (nothing) this.statusLine.hideMessage();
  }

  private updateTable(): void {
    if (this.state.layout !== 'table' && this.state.layout !== 'both') return;
    this.table.update(this.finder.found, this.selection.node, this.graph.colours);
  }

  private askForTable(): void {
    const by = this.state.layout === 'owners' ? this.state.table : null;
    this.post({ type: 'table', by });
  }

  private askForMemory(): void {
    this.post({ type: 'memory', on: this.state.layout === 'memory' });
  }

  private setLayout(layout: Layout): void {
    const before = this.state.layout;
    const changes = (one: Layout): boolean => (layout === one) !== (before === one);
    this.state = { ...this.state, layout };
    if (changes('owners')) this.askForTable();
    if (changes('memory')) this.askForMemory();
    this.main.dataset['layout'] = layout;
    this.toolbar.setLayout(layout);
    this.updatePlaceholder();
    this.updateTable();
    this.graph.redraw();
    this.save();
  }

  private applyOrientation(): void {
    this.graph.setInverted(this.state.inverted ?? this.config.inverted);
  }

  private save(): void {
    const { wanted: zoom } = this.zoom;
    const { wanted: selection } = this.selection;
    const copy = (path: typeof zoom): PageState['zoom'] => path.map(([id, kind]) => [id, kind]);
    this.state = { ...this.state, zoom: copy(zoom), selection: copy(selection) };
    saveState(this.state);
  }

  private connectGraph(commands: Commands): void {
    this.graph.zoom = this.zoom;
    this.graph.selected = () => this.selection.node;
    this.graph.hovered = () => this.pointer.node;
    this.graph.found = () => this.finder.found;
    this.graph.onDrawn = () => {
      this.breadcrumb.update(this.zoom);
      this.accessible.update(this.selection.node, this.zoom.node);
      this.showTooltip();
    };
    onThemeChange(() => {
      this.graph.readTheme();
      this.legend.setPalette(this.graph.colours);
      this.updateTable();
      this.owners.readTheme();
    });
    const selected = (): number => this.selection.node;
    listenToGraph({ graph: this.graph, profile: this.current, selected, commands });
    listenToPage({ graph: this.graph, profile: this.current, selected, commands });
    this.graph.scroller.addEventListener('blur', () => {
      this.tooltipOnSelection = false;
      this.showTooltip();
    });
  }

  private assemble(body: HTMLElement): void {
    const graph = element('div', { class: 'graph' }, this.graph.scroller);
    this.main.append(graph, this.table.root, this.owners.root, this.memory.root);
    const page = element('main', {}, this.breadcrumb.root, this.main, this.placeholder.root);
    body.append(this.toolbar.root, this.statusLine.root, this.chip.root, page, this.legend.root);
    body.append(this.tooltip.root, this.accessible.live, this.help.root);
  }

  private showHover(): void {
    this.tooltipOnSelection = false;
    this.graph.refreshOutlines();
    this.showTooltip();
  }

  /** Of the frame under the pointer, or of the one that the keyboard has just reached. */
  private showTooltip(): void {
    const hovered = this.pointer.node;
    const node = hovered >= 0 && !this.tooltipOnSelection ? hovered : this.selection.node;
    const onSelection = node !== hovered || this.tooltipOnSelection;
    const anchor = onSelection ? this.graph.farCorner() : this.pointer.anchor;
    if (node < 0 || anchor === undefined || (onSelection && !this.tooltipOnSelection)) {
      return this.tooltip.hide();
    }
    const keys = this.config.swapClicks ? 'Double click opens' : 'Click opens';
    const hint = onSelection ? 'Enter opens the source, z zooms' : `${keys} the source`;
    this.tooltip.show(node, this.zoom.node, anchor, hint);
  }

  private commands(): Commands {
    return {
      select: (node) => {
        this.selection.to(node);
        this.tooltipOnSelection = node >= 0 && node !== this.pointer?.node;
        this.graph.scrollTo(node);
        this.graph.redraw();
        this.updateTable();
        this.accessible.announceSelection(node);
      },
      open: (node, toSide) => {
        if (this.profile.rowOf(node)?.hasSource !== true) return;
        const { functions, lines } = this.profile.tree;
        this.post({ type: 'open', functionId: functions[node]!, line: lines[node]!, toSide });
      },
      zoomTo: (node) => this.zoomed(() => this.zoom.to(node)),
      zoomOut: () => this.zoomed(() => this.zoom.out()),
      zoomReset: () => this.zoomed(() => this.zoom.to(0)),
      control: (action) => this.post({ type: 'control', action }),
      pauseOrResume: () => {
        if (this.status?.state === 'running') this.post({ type: 'control', action: 'pause' });
        if (this.status?.state === 'paused') this.post({ type: 'control', action: 'resume' });
      },
      toggleOrientation: () => {
        this.state = { ...this.state, inverted: !this.graph.isInverted };
        this.applyOrientation();
        this.save();
      },
      focusSearch: () => this.searchBox.focus(),
      nextMatch: (step) => this.nextMatch(step),
      clearSearch: () => {
        if (!this.finder.isActive) return false;
        this.searchBox.set({ ...this.state.search, text: '' });
        return true;
      },
      toggleTable: () => this.setLayout(this.state.layout === 'graph' ? 'both' : 'graph'),
      toggleOwners: () => this.setLayout(this.state.layout === 'owners' ? 'graph' : 'owners'),
      toggleMemory: () => this.setLayout(this.state.layout === 'memory' ? 'graph' : 'memory'),
      toggleHelp: () => this.help.toggle(),
      copy: (node, wholeStack) => {
        const text = stackText(this.profile, node, wholeStack);
        this.post({ type: 'copy', text });
        this.accessible.announce('Copied');
      },
      announce: (text) => this.accessible.announce(text),
    };
  }

  private zoomed(change: () => void): void {
    change();
    const { node } = resolve(this.profile.tree, this.zoom.wanted);
    const name = this.profile.nameOf(node);
    this.accessible.announce(node === 0 ? 'Whole graph' : `Zoomed into ${name}`);
  }

  private nextMatch(step: 1 | -1): void {
    const node = this.finder.next(this.selection.node, step);
    if (node < 0) return;
    this.show(node);
    this.accessible.announceSelection(node);
  }
}
