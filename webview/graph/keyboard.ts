/** Keys of the graph and of the whole page. */
import type { GraphCommands } from './commands';
import type { Graph } from './graph';
import type { BoundKey } from './keys';
import type { Profile } from './profile';
import { childrenOf, heaviestChild } from './tree';

export interface KeyboardContext {
  graph: Graph;
  profile: () => Profile;
  selected: () => number;
  commands: GraphCommands;
}

/** Keys that work wherever the focus is, but in a text field. */
export function listenToPage(keys: readonly BoundKey[], search: () => void): void {
  const byKey = new Map(keys.map(({ key, run }) => [key, run]));
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'f') {
      take(event, search);
      return;
    }
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = byKey.get(event.key);
    if (action !== undefined) take(event, action);
  });
}

/** Keys of the graph while it has the focus. */
export function listenToGraph(context: KeyboardContext): void {
  context.graph.scroller.addEventListener('keydown', (event) => {
    const action = copyAction(event, context) ?? graphAction(event, context);
    if (action !== undefined) take(event, action);
  });
}

function copyAction(event: KeyboardEvent, context: KeyboardContext): (() => void) | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'c') return undefined;
  return () => context.commands.copy(Math.max(0, context.selected()), event.shiftKey);
}

function graphAction(event: KeyboardEvent, context: KeyboardContext): (() => void) | undefined {
  const { graph, commands } = context;
  if (event.ctrlKey || event.metaKey) return undefined;
  const node = context.selected();
  switch (event.key) {
    case 'ArrowUp':
      return () => walk(context, graph.isInverted ? 'parent' : 'child');
    case 'ArrowDown':
      return () => walk(context, graph.isInverted ? 'child' : 'parent');
    case 'ArrowLeft':
      return () => walk(context, 'previous');
    case 'ArrowRight':
      return () => walk(context, 'next');
    case 'Home':
      return () => commands.select(graph.zoom.node);
    case 'End':
      return () => commands.select(hottestLeaf(context));
    case 'PageUp':
      return () => (graph.scroller.scrollTop -= graph.scroller.clientHeight * 0.9);
    case 'PageDown':
      return () => (graph.scroller.scrollTop += graph.scroller.clientHeight * 0.9);
    case 'Enter':
      return node < 0 ? undefined : () => commands.open(node, event.shiftKey || event.altKey);
    case 'z':
    case 'Z':
      return node < 0 ? undefined : () => commands.zoomTo(node);
    case '+':
    case '=':
      return () => graph.zoom.by(0.5, centreOf(context));
    case '-':
      return () => graph.zoom.by(2, centreOf(context));
    case 'Escape':
      return () => stepOut(context);
    default:
      return undefined;
  }
}

type Step = 'parent' | 'child' | 'previous' | 'next';

function walk(context: KeyboardContext, step: Step): void {
  const { graph, commands } = context;
  const tree = context.profile().tree;
  const node = context.selected();
  // The first key shows where one is.
  if (node < 0) return commands.select(graph.zoom.node);
  const to = neighbour(context, node, step);
  if (to >= 0) return commands.select(to);
  const words = { parent: 'Root', child: 'Last of its stack', previous: 'First', next: 'Last' };
  const hidden = step === 'child' && heaviestChild(tree, node) >= 0;
  commands.announce(hidden ? 'What follows is too narrow to be shown: Z zooms' : words[step]);
}

function neighbour(context: KeyboardContext, node: number, step: Step): number {
  const tree = context.profile().tree;
  if (step === 'parent') return tree.parents[node]!;
  if (step === 'child') {
    const child = heaviestChild(tree, node);
    return child >= 0 && context.graph.isVisible(child) ? child : -1;
  }
  const parent = tree.parents[node]!;
  if (parent < 0) return -1;
  const siblings = childrenOf(tree, parent).filter(
    (sibling) => sibling === node || context.graph.isVisible(sibling),
  );
  return siblings[siblings.indexOf(node) + (step === 'next' ? 1 : -1)] ?? -1;
}

/** Down the heaviest callees from the selected frame, or from the zoomed one. */
function hottestLeaf(context: KeyboardContext): number {
  const tree = context.profile().tree;
  let node = Math.max(context.selected(), context.graph.zoom.node);
  for (;;) {
    const child = heaviestChild(tree, node);
    if (child < 0 || !context.graph.isVisible(child)) return node;
    node = child;
  }
}

function centreOf(context: KeyboardContext): number {
  const rect = context.graph.rectOf(context.selected());
  return rect === undefined ? 0.5 : context.graph.partAt(rect.left + rect.width / 2);
}

function stepOut(context: KeyboardContext): void {
  const { graph, commands } = context;
  if (!graph.zoom.isWhole) commands.zoomOut();
  else if (!commands.clearSearch()) commands.select(-1);
}

function isTyping(event: KeyboardEvent): boolean {
  return event.composedPath().some((target) => {
    if (target instanceof HTMLInputElement) return true;
    return target instanceof HTMLElement && target.getAttribute('role') === 'combobox';
  });
}

/** VS Code would otherwise take the key for its own as well. */
function take(event: KeyboardEvent, action: () => void): void {
  event.preventDefault();
  event.stopPropagation();
  action();
}
