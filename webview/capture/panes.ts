/** The panes of the page. Buttons stand in the order of the table. */
import type { PaneId } from '../../extension/page/messages';
import { errorsPane } from '../panes/errors/pane';
import { jitPane } from '../panes/jit/pane';
import { latencyPane } from '../panes/latency/pane';
import { loopPane } from '../panes/loop/pane';
import { memoryPane } from '../panes/memory/pane';
import type { Pane, PaneWords } from '../panes/pane';
import { pluginsPane } from '../panes/plugins/pane';

/** Shows the call tree, which the whole page is about: in one way, or in both. */
export interface TreePane extends PaneWords {
  readonly tree: readonly ('graph' | 'functions')[];
}

export const panes: readonly (Pane | TreePane)[] = [
  pluginsPane,
  { id: 'graph', label: 'Graph', key: 'g', title: 'Flame graph', tree: ['graph'] },
  { id: 'table', label: 'Functions', key: 't', title: 'Table of functions', tree: ['functions'] },
  {
    id: 'both',
    label: 'Both',
    key: 'b',
    title: 'Both: flame graph and table of functions',
    tree: ['graph', 'functions'],
  },
  latencyPane,
  errorsPane,
  loopPane,
  jitPane,
  memoryPane,
];

export const topicPanes = panes.filter((pane): pane is Pane => 'topic' in pane);

/** @returns undefined for what an older page may have kept. */
export function paneOf(id: PaneId): Pane | TreePane | undefined {
  return panes.find((pane) => pane.id === id);
}

export function showsTree(pane: Pane | TreePane | undefined, part: 'graph' | 'functions'): boolean {
  return pane !== undefined && 'tree' in pane && pane.tree.includes(part);
}

/** Whether it shows what the chosen measure counts. */
export function followsMeasure(pane: Pane | TreePane | undefined): boolean {
  return pane !== undefined && ('tree' in pane || pane.byMeasure === true);
}
