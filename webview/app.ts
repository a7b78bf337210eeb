/**
 * Puts the parts of the page together: what the user does, what the extension says, what is drawn.
 */
import {
  defaultMeasure,
  type Measure,
  nextMeasure,
  stackSeries,
} from '../extension/profile/series';
import type { Commands } from './commands';
import { element } from './dom';
import { Explorer, noGraphState } from './explorer';
import type {
  FocusedRow,
  PageState,
  StatusMessage,
  ToExtension,
  ToPage,
  TreeMessage,
  TreeView,
} from './messages';
import { FocusChip, focusText } from './owners/chip';
import { MemoryView } from './memory/view';
import { OwnersView } from './owners/view';
import { Placeholder } from './placeholder';
import { loadState, saveState } from './state';
import { StatusLine } from './status';
import { FunctionTable } from './table';
import { Toolbar, type Layout } from './toolbar';

const initial: PageState = {
  ...noGraphState,
  view: { measure: defaultMeasure, windowSeconds: 0, hiddenKinds: 0 },
  layout: 'graph',
  table: { rows: 'owner', columns: 'phase' },
};

export class App {
  private status: StatusMessage | undefined;
  private state: PageState;
  private readonly statusLine = new StatusLine();
  private readonly explorer: Explorer;
  private readonly placeholder: Placeholder;
  private readonly toolbar: Toolbar;
  private readonly table: FunctionTable;
  private readonly owners: OwnersView;
  private readonly memory: MemoryView;
  private readonly chip: FocusChip;
  private readonly main = element('div', { class: 'main' });

  constructor(
    body: HTMLElement,
    private readonly post: (message: ToExtension) => void,
  ) {
    this.state = loadState(initial);
    this.explorer = this.makeExplorer();
    const commands = this.commands();
    this.placeholder = new Placeholder((action) => commands.control(action));
    this.toolbar = new Toolbar(
      commands,
      (view) => this.setView(view),
      (layout) => this.setLayout(layout),
      this.explorer.searchBox.root,
    );
    this.table = new FunctionTable(
      () => this.explorer.profile,
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
    this.chip = new FocusChip(
      () => focus(null),
      'in the flame graph, the editor and exports; percentages stay those of all samples',
      'all samples',
    );
    this.owners = new OwnersView({
      onTable: (table) => {
        this.state = { ...this.state, table };
        this.askForTable();
        this.save();
      },
      onFocus: focus,
      onGraph: () => this.setLayout('graph'),
      onCopy: (text) => this.post({ type: 'copy', text }),
      announce: (text) => this.explorer.announce(text),
    });
    this.memory = new MemoryView({
      onHeap: (pid) => this.post({ type: 'heap', pid }),
      announce: (text) => this.explorer.announce(text),
    });
    this.assemble(body);
  }

  start(): void {
    this.explorer.start();
    this.setLayout(this.state.layout);
    this.toolbar.setView(this.state.view);
    const { measure, windowSeconds, hiddenKinds } = this.state.view;
    const isPlain = measure === defaultMeasure && windowSeconds === 0 && hiddenKinds === 0;
    if (!isPlain) this.post({ type: 'view', ...this.state.view });
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
        this.chip.set(message.focus && focusText(message.focus));
        this.owners.setFocus(message.focus);
        return this.updatePlaceholder();
      case 'config':
        return this.explorer.setConfig(message);
      case 'reveal':
        return this.reveal(message.functionId);
      case 'layout':
        if (message.measure !== undefined) this.setMeasure(message.measure);
        if (message.layout !== undefined) this.setLayout(message.layout);
        return;
      case 'report':
        return this.owners.show(message);
      case 'memory':
        this.memory.show(message);
        return this.updatePlaceholder();
      case 'reset':
        return this.explorer.clear();
    }
  }

  private receiveTree(message: TreeMessage): void {
    const began = performance.now();
    this.explorer.setTree(message, () => {
      const milliseconds = performance.now() - began;
      this.post({ type: 'painted', revision: message.revision, milliseconds });
    });
  }

  private reveal(functionId: number): void {
    const node = this.explorer.reveal(functionId);
    if (node < 0) return;
    if (this.state.layout === 'table') this.setLayout('both');
    if (this.state.layout === 'owners' || this.state.layout === 'memory') this.setLayout('graph');
    this.explorer.show(node);
  }

  private updatePlaceholder(): void {
    const owners = this.state.layout === 'owners';
    // The table of owners shows all rows, also those beside the one that the tree is of.
    const samples = owners ? this.samplesInAll() : this.explorer.profile.tree.samples;
    const memory = this.state.layout === 'memory' && !this.memory.isEmpty;
    const shown = memory ? 1 : samples;
    const nothing = this.placeholder.update(this.status, shown, this.state.view);
    this.main.hidden = nothing;
    this.explorer.legend.root.hidden = nothing || owners || memory;
    if (nothing) this.statusLine.hideMessage();
  }

  private samplesInAll(): number {
    if (!stackSeries[this.state.view.measure].always) return this.status?.allocations?.samples ?? 0;
    return this.status?.samples ?? 0;
  }

  private updateTable(): void {
    if (this.state.layout !== 'table' && this.state.layout !== 'both') return;
    const { found, selected, colours } = this.explorer;
    this.table.update(found, selected, colours);
  }

  private askForTable(): void {
    const by = this.state.layout === 'owners' ? this.state.table : null;
    this.post({ type: 'table', by });
  }

  /** Each measure has a filter of frames of its own. */
  private setMeasure(measure: Measure): void {
    const { view, otherHiddenKinds = stackSeries[measure].hiddenAtFirst } = this.state;
    if (measure === view.measure) return;
    this.state = { ...this.state, otherHiddenKinds: view.hiddenKinds };
    this.setView({ ...view, measure, hiddenKinds: otherHiddenKinds });
  }

  private toggleMeasure(): void {
    this.setMeasure(nextMeasure(this.state.view.measure));
  }

  private setView(view: TreeView): void {
    this.state = { ...this.state, view };
    this.toolbar.setView(view);
    this.post({ type: 'view', ...view });
    this.askForTable();
    this.updatePlaceholder();
    this.save();
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
    this.explorer.redraw();
    this.save();
  }

  private save(): void {
    this.state = { ...this.state, ...this.explorer.state };
    saveState(this.state);
  }

  private assemble(body: HTMLElement): void {
    const { root, breadcrumb, legend, overlays } = this.explorer;
    this.main.append(root, this.table.root, this.owners.root, this.memory.root);
    const page = element('main', {}, breadcrumb.root, this.main, this.placeholder.root);
    body.append(this.toolbar.root, this.statusLine.root, this.chip.root, page, legend.root);
    body.append(...overlays);
  }

  private makeExplorer(): Explorer {
    return new Explorer(
      {
        open: (functionId, line, toSide) => this.post({ type: 'open', functionId, line, toSide }),
        copy: (text) => this.post({ type: 'copy', text }),
        save: () => this.save(),
        changed: () => {
          this.updatePlaceholder();
          this.updateTable();
        },
        themed: () => {
          this.updateTable();
          this.owners.readTheme();
        },
        help: {
          rows: [
            ['t', 'table of functions'],
            ['a', 'CPU time or allocated bytes'],
            ['o', 'by plugin; a click on a row shows only its samples, everywhere'],
            ['m', 'memory of the workers; arrow keys on the chart move in time'],
            ['p', 'pause and resume'],
          ],
          note: () =>
            `A frame is as wide as its share of ${this.explorer.profile.unit.whole}. Callees ` +
            'stand on their callers, in alphabetical order, so that frames keep their place ' +
            'while the capture runs.',
        },
        keys: {
          t: () => this.setLayout(this.state.layout === 'graph' ? 'both' : 'graph'),
          o: () => this.setLayout(this.state.layout === 'owners' ? 'graph' : 'owners'),
          m: () => this.setLayout(this.state.layout === 'memory' ? 'graph' : 'memory'),
          a: () => this.toggleMeasure(),
          p: () => this.pauseOrResume(),
        },
      },
      this.state,
    );
  }

  private commands(): Commands {
    return {
      ...this.explorer.commands,
      control: (action) => this.post({ type: 'control', action }),
      pauseOrResume: () => this.pauseOrResume(),
      setMeasure: (measure) => this.setMeasure(measure),
    };
  }

  private pauseOrResume(): void {
    if (this.status?.state === 'running') this.post({ type: 'control', action: 'pause' });
    if (this.status?.state === 'paused') this.post({ type: 'control', action: 'resume' });
  }
}
