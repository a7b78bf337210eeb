/** The page of a worker's heap snapshots: who holds the memory, and what has grown. */
import { element, setText } from '../common/dom';
import { bind } from '../graph/keys';
import { heapKeys } from './keys';
import { Explorer, noGraphState, type GraphState } from '../graph/explorer';
import { bytesText } from '../../extension/profile/bytes';
import { FocusChip } from '../common/chip';
import { loadState, saveState } from '../common/state';
import { progressRing } from '../common/toolkit';
import { childrenOf } from '../graph/tree';
import { factsText, growthText } from './facts';
import { growthKinds, heapKinds } from './kinds';
import {
  type FromHeapPage,
  type HeapMessage,
  type HeapPageState,
  type HeapRow,
  type ToHeapPage,
} from '../../extension/page/heap';
import { HeapTables } from './tables';
import { HeapToolbar } from './toolbar';
import { frameRows, heapTree, noteOf, onlyOwner, unitOf } from './tree';

type State = GraphState & HeapPageState;

const initial: State = {
  ...noGraphState,
  table: 'owners',
  layout: 'both',
  owner: null,
  widths: 'growth',
};

export class HeapApp {
  private state = loadState(initial);
  private message: HeapMessage | undefined;
  private revision = 0;
  private readonly keys = bind(heapKeys, {
    both: () => this.change({ layout: this.state.layout === 'both' ? 'graph' : 'both' }),
    compare: () => {
      if (this.message?.cannotTake === '') this.post({ type: 'action', action: 'compare' });
    },
  });
  private readonly explorer: Explorer;
  private readonly toolbar: HeapToolbar;
  private readonly tables: HeapTables;
  private readonly chip: FocusChip;
  private readonly facts = element('p', { class: 'heap-facts', attributes: { role: 'status' } });
  private readonly growth = element('p', { class: 'heap-growth', attributes: { role: 'status' } });
  private readonly main = element('div', { class: 'heap-main' });
  private readonly waiting = element('div', { class: 'placeholder' }, progressRing());
  private readonly foot = element('div', { class: 'heap-foot' });
  private readonly small = element('p', { class: 'heap-small' });

  constructor(
    body: HTMLElement,
    private readonly post: (message: FromHeapPage) => void,
  ) {
    this.explorer = this.makeExplorer();
    const { keys, searchBox } = this.explorer;
    this.toolbar = new HeapToolbar(
      {
        onAction: (action) => this.post({ type: 'action', action }),
        onChoose: (shown, compared) => this.post({ type: 'choose', shown, compared }),
        onLayout: (layout) => this.change({ layout }),
        onWidths: (widths) => {
          this.change({ widths });
          this.drawTree();
        },
      },
      { ...keys, ...this.keys },
      searchBox.root,
    );
    this.tables = new HeapTables({
      onTable: (table) => this.change({ table }),
      onChoose: (row, toSide) => this.choose(row, toSide),
      onOpen: (row) => {
        if (this.state.table === 'owners') this.showOnly(row);
        this.change({ layout: 'graph' });
      },
    });
    this.chip = new FocusChip(
      () => this.showOnly(null),
      'in the flame graph; percentages stay those of all that was found',
      'what all owners hold',
    );
    this.assemble(body);
  }

  start(): void {
    this.explorer.start();
    this.post({ type: 'ready' });
  }

  receive(message: ToHeapPage): void {
    if (message.type === 'config') return this.explorer.setConfig(message);
    const isOther = message.id !== this.message?.id;
    this.message = message;
    this.waiting.hidden = true;
    this.main.hidden = false;
    setText(this.facts, factsText(message.facts));
    const growth = growthText(message);
    if (growth !== this.growth.textContent) setText(this.growth, growth);
    this.growth.hidden = growth === '';
    this.drawAll();
    if (isOther) this.drawTree();
  }

  /** Another view of the same snapshots. */
  private change(changes: Partial<HeapPageState>): void {
    this.state = { ...this.state, ...changes };
    this.save();
    this.drawAll();
  }

  private drawAll(): void {
    const { message, state } = this;
    if (message === undefined) return;
    this.toolbar.update(message, state);
    this.tables.update(message, state);
    this.chip.set(state.owner && `Only ${state.owner.name}`);
    this.main.dataset['layout'] = state.layout;
    this.foot.hidden = state.layout === 'tables';
    this.explorer.redraw();
  }

  private drawTree(): void {
    const { message, explorer } = this;
    if (message === undefined) return;
    const { widths, owner } = this.state;
    const { profile } = explorer;
    const whole = heapTree(message.tree, widths);
    const tree = onlyOwner(whole, message.tree, owner);
    const growing = unitOf(message.tree, widths) === 'grown';
    profile.kinds = message.tree.before === null ? heapKinds : growthKinds;
    profile.noteOf = (node) => noteOf(profile.tree, node, growing);
    explorer.setTree({
      ...tree,
      type: 'tree',
      revision: ++this.revision,
      profile: message.id,
      whole: whole.whole,
      unit: unitOf(message.tree, widths),
      firstFunction: 1,
      newFunctions: frameRows(message.tree),
    });
    explorer.readTheme();
    const smallest = bytesText(message.tree.smallestBytes);
    setText(this.small, `Objects under ${smallest} are grouped as “small”.`);
  }

  private choose(row: HeapRow, toSide: boolean): void {
    const { table, owner } = this.state;
    if (table === 'owners') {
      const again = owner?.name === row.name && owner.kind === row.kind;
      return this.showOnly(again ? null : row);
    }
    if (row.source >= 0) this.post({ type: 'source', source: row.source, toSide });
    if (table === 'modules') this.showFrame([row.owner, row.name]);
    if (table === 'largest') this.showFrame([row.owner]);
  }

  /** @param row of an owner; null: all. */
  private showOnly(row: Pick<HeapRow, 'name' | 'kind'> | null): void {
    const owner = row && { name: row.name, kind: row.kind };
    this.change({ owner });
    this.drawTree();
    this.explorer.commands.zoomReset();
    this.explorer.announce(
      owner === null ? 'What all owners hold is shown' : `Only ${owner.name} is shown`,
    );
  }

  /** Selects the frame that these names lead to, from an owner on. */
  private showFrame(names: readonly string[]): void {
    if (this.state.owner !== null) this.showOnly(null);
    const { profile } = this.explorer;
    let node = 0;
    for (const name of names) {
      const child = childrenOf(profile.tree, node).find((each) => profile.nameOf(each) === name);
      if (child === undefined) break;
      node = child;
    }
    if (node > 0) this.explorer.show(node);
  }

  private save(): void {
    this.state = { ...this.state, ...this.explorer.state };
    saveState(this.state);
  }

  private assemble(body: HTMLElement): void {
    const { root, breadcrumb, legend, overlays } = this.explorer;
    const graph = element('div', { class: 'heap-graph' }, breadcrumb.root, this.chip.root, root);
    this.main.append(this.tables.root, graph);
    this.main.hidden = this.foot.hidden = true;
    const page = element('main', {}, this.main, this.waiting);
    const head = element('div', { class: 'heap-head' }, this.facts, this.growth);
    this.foot.append(legend.root, this.small);
    body.append(this.toolbar.root, head, page, this.foot, ...overlays);
  }

  private makeExplorer(): Explorer {
    return new Explorer(
      {
        open: (functionId, _line, toSide) => {
          const source = this.message?.tree.frames[functionId]?.source ?? -1;
          if (source >= 0) this.post({ type: 'source', source, toSide });
        },
        copy: (text) => this.post({ type: 'copy', text }),
        save: () => this.save(),
        changed: () => undefined,
        themed: () => this.tables.readTheme(),
        note: () =>
          'A frame is as wide as the memory that it keeps from being freed. What stands below ' +
          'it is held by it alone; what several hold belongs to what holds all of them.',
        keys: Object.values(this.keys),
      },
      this.state,
    );
  }
}
