/**
 * A flame graph with all that goes with it: search, zoom, selection, tooltip, legend, keys and the
 * tree for screen readers. The profile says what weights and kinds its frames have.
 */
import { AccessibleTree } from './accessible';
import { Breadcrumb } from './breadcrumb';
import type { GraphCommands } from './commands';
import { element } from '../common/dom';
import { Finder } from './finder';
import { Graph } from './graph';
import { Help } from './help';
import { listenToGraph, listenToPage } from './keyboard';
import { bind, graphKeys, type BoundKey, type GraphKey } from './keys';
import { Legend } from './legend';
import type {
  ConfigMessage,
  ShareErrorsMessage,
  FunctionsMessage,
  PageState,
  TreeMessage,
} from '../../extension/page/messages';
import { Pointer } from './pointer';
import { Profile } from './profile';
import { SearchBox } from './searchbox';
import { Selection } from './selection';
import { stackText } from './stacktext';
import { isStill, onThemeChange } from '../common/theme';
import { Tooltip } from './tooltip';
import { resolve } from './tree';
import { Zoom } from './zoom';

/** The part of the graph's state that outlives the page. */
export type GraphState = Pick<PageState, 'profile' | 'zoom' | 'selection' | 'inverted' | 'search'>;

export const noGraphState: GraphState = {
  profile: '',
  zoom: [],
  selection: [],
  search: { text: '', matchCase: false, regex: false, filter: false },
};

export interface ExplorerHost {
  open(functionId: number, line: number, toSide: boolean): void;
  copy(text: string): void;
  save(): void;
  /** Another tree, other matches or another selection: what stands beside the graph follows. */
  changed(): void;
  /** Colours are others now. */
  themed(): void;
  /** How the graph is to be read. */
  note(): string;
  /** Keys of the page besides the graph's. */
  readonly keys: readonly BoundKey[];
}

export class Explorer {
  readonly profile = new Profile();
  private readonly current = (): Profile => this.profile;
  private readonly graph = new Graph(this.current);
  private readonly finder = new Finder(this.current);
  private readonly accessible = new AccessibleTree(this.graph.scroller, this.current);
  private readonly tooltip = new Tooltip(this.current);
  private readonly help: Help;
  private readonly zoom: Zoom;
  private readonly selection: Selection;
  private readonly pointer: Pointer;
  private config: ConfigMessage = { type: 'config', swapClicks: false, inverted: false };
  private tooltipOnSelection = false;
  private kept: GraphState;

  readonly legend = new Legend();
  readonly breadcrumb: Breadcrumb;
  readonly searchBox: SearchBox;
  readonly root = element('div', { class: 'graph' }, this.graph.scroller);
  readonly commands: GraphCommands = this.makeCommands();
  readonly keys: Readonly<Record<GraphKey, BoundKey>> = bind(graphKeys, {
    search: () => this.commands.focusSearch(),
    next: () => this.commands.nextMatch(1),
    previous: () => this.commands.nextMatch(-1),
    whole: () => this.commands.zoomReset(),
    turn: () => this.commands.toggleOrientation(),
    help: () => this.commands.toggleHelp(),
  });

  constructor(
    private readonly host: ExplorerHost,
    state: GraphState,
  ) {
    this.kept = {
      profile: state.profile,
      zoom: state.zoom,
      selection: state.selection,
      search: state.search,
      ...(state.inverted !== undefined && { inverted: state.inverted }),
    };
    this.help = new Help(
      () => this.config.swapClicks,
      this.allKeys,
      () => host.note(),
    );
    this.zoom = new Zoom(
      () => this.profile.tree,
      isStill,
      () => this.graph.redraw(),
      () => host.save(),
    );
    this.selection = new Selection(
      () => this.profile.tree,
      () => host.save(),
    );
    this.breadcrumb = new Breadcrumb(this.current, (node) => this.commands.zoomTo(node));
    this.searchBox = new SearchBox({
      onQuery: (query) => {
        this.kept = { ...this.kept, search: query };
        this.finder.search(query);
        this.afterSearch();
        host.save();
      },
      onNext: (step) => this.commands.nextMatch(step),
      onLeave: () => this.graph.scroller.focus(),
    });
    this.pointer = new Pointer(
      this.graph,
      this.commands,
      () => this.config.swapClicks,
      () => this.showHover(),
    );
    this.connect();
  }

  /** The parts that float over the page or are only spoken. */
  get overlays(): HTMLElement[] {
    return [this.tooltip.root, this.accessible.live, this.help.root];
  }

  get state(): GraphState {
    const copy = (path: Zoom['wanted']): PageState['zoom'] => path.map(([id, kind]) => [id, kind]);
    const zoom = copy(this.zoom.wanted);
    return { ...this.kept, zoom, selection: copy(this.selection.wanted) };
  }

  private get allKeys(): BoundKey[] {
    return [...Object.values(this.keys), ...this.host.keys];
  }

  get colours(): Graph['colours'] {
    return this.graph.colours;
  }

  /** Root at the top. */
  get isInverted(): boolean {
    return this.graph.isInverted;
  }

  get selected(): number {
    return this.selection.node;
  }

  get found(): Uint8Array | undefined {
    return this.finder.found;
  }

  /** Once the page's parts are in place. */
  start(): void {
    this.zoom.restore(this.kept.zoom);
    this.selection.restore(this.kept.selection);
    this.applyOrientation();
    this.readTheme();
    if (this.kept.search.text !== '') this.searchBox.set(this.kept.search);
  }

  setConfig(config: ConfigMessage): void {
    this.config = config;
    this.applyOrientation();
  }

  /** Functions of a tree that comes next. */
  learn(message: FunctionsMessage): void {
    this.profile.learn(message);
  }

  /** @param painted called when the tree is on the screen. */
  setTree(message: TreeMessage, painted?: () => void): void {
    const known = this.kept.profile;
    if (this.profile.apply(message) && message.profile !== known) {
      this.zoom.restore([]);
      this.selection.restore([]);
      this.finder.search(this.kept.search);
    }
    this.kept = { ...this.kept, profile: message.profile };
    this.afterTree(painted);
  }

  /** Of the tree that came before. */
  setErrors(message: ShareErrorsMessage): void {
    if (this.profile.applyErrors(message)) this.afterTree();
  }

  clear(): void {
    this.profile.clear();
    this.afterTree();
  }

  /** Colours follow the theme and the kinds of the profile. */
  readTheme(): void {
    this.graph.readTheme();
    this.legend.setPalette(this.profile.kinds, this.graph.colours);
    this.legend.update(this.profile);
  }

  redraw(): void {
    this.graph.redraw();
  }

  /** Its keys work, as soon as it can be seen. */
  focus(): void {
    this.graph.scroller.focus({ preventScroll: true });
  }

  announce(text: string): void {
    this.accessible.announce(text);
  }

  /** Marks the frames of a function. @returns the heaviest; -1: it has none now. */
  reveal(functionId: number): number {
    const node = this.finder.reveal(functionId);
    this.afterSearch();
    return node;
  }

  /** Selects a frame and sees to it that it can be seen. */
  show(node: number): void {
    this.selection.to(node);
    if (!this.graph.isVisible(node)) {
      const parent = Math.max(0, this.profile.tree.parents[node]!);
      this.zoom.to(this.zoom.holds(node) ? parent : 0);
      if (!this.graph.isVisible(node)) this.zoom.to(parent);
    }
    this.tooltipOnSelection = true;
    this.graph.scrollTo(node);
    this.graph.redraw();
    this.host.changed();
    this.accessible.announceSelection(node);
  }

  private afterTree(painted?: () => void): void {
    // Asked for first: the browser gets the next frame ready while the rest is worked out.
    this.graph.redraw(painted);
    this.finder.update();
    this.legend.update(this.profile);
    this.showResult();
    this.host.changed();
  }

  private afterSearch(): void {
    this.legend.update(this.profile);
    this.showResult();
    this.host.changed();
    this.graph.redraw();
  }

  private showResult(): void {
    const { text, isError } = this.finder.result();
    this.searchBox.showResult(text, isError);
  }

  private applyOrientation(): void {
    this.graph.setInverted(this.kept.inverted ?? this.config.inverted);
  }

  private connect(): void {
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
      this.readTheme();
      this.host.themed();
    });
    const { graph, current: profile, commands } = this;
    listenToGraph({ graph, profile, selected: () => this.selection.node, commands });
    listenToPage(this.allKeys, () => commands.focusSearch());
    this.graph.scroller.addEventListener('blur', () => {
      this.tooltipOnSelection = false;
      this.showTooltip();
    });
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

  private makeCommands(): GraphCommands {
    return {
      select: (node) => {
        this.selection.to(node);
        this.tooltipOnSelection = node >= 0 && node !== this.pointer?.node;
        this.graph.scrollTo(node);
        this.graph.redraw();
        this.host.changed();
        this.accessible.announceSelection(node);
      },
      open: (node, toSide) => {
        if (this.profile.rowOf(node)?.hasSource !== true) return;
        const { functions, lines } = this.profile.tree;
        this.host.open(functions[node]!, lines[node]!, toSide);
      },
      zoomTo: (node) => this.zoomed(() => this.zoom.to(node)),
      zoomOut: () => this.zoomed(() => this.zoom.out()),
      zoomReset: () => this.zoomed(() => this.zoom.to(0)),
      toggleOrientation: () => {
        this.kept = { ...this.kept, inverted: !this.graph.isInverted };
        this.applyOrientation();
        this.host.save();
      },
      focusSearch: () => this.searchBox.focus(),
      nextMatch: (step) => {
        const node = this.finder.next(this.selection.node, step);
        if (node >= 0) this.show(node);
      },
      clearSearch: () => {
        if (!this.finder.isActive) return false;
        this.searchBox.set({ ...this.kept.search, text: '' });
        return true;
      },
      toggleHelp: () => this.help.toggle(),
      copy: (node, wholeStack) => {
        this.host.copy(stackText(this.profile, node, wholeStack));
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
}
