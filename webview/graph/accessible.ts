/**
 * The graph for those who do not see it: a tree of the selected frame, its callers, siblings and
 * callees, with the same names and shares, beside the canvas and out of sight.
 */
import { element, setText } from '../common/dom';
import { flagWords, kindText } from './kinds';
import type { Profile } from './profile';
import { placeOf } from './tooltip';
import { shareText } from './tooltip-table';
import { ancestorsOf, childrenOf } from './tree';

/** More siblings than anybody listens to; the rest is counted by aria-setsize. */
const NEIGHBOURS = 50;

export class AccessibleTree {
  readonly root = element('div', { class: 'out-of-sight' });
  readonly live = element('div', {
    class: 'out-of-sight',
    attributes: { 'aria-live': 'polite', role: 'status' },
  });
  private spoken = '';

  constructor(
    private readonly owner: HTMLElement,
    private readonly profile: () => Profile,
  ) {
    owner.append(this.root);
  }

  announce(text: string): void {
    // The same words twice are no change to a screen reader, so they are made one.
    setText(this.live, this.live.textContent === text ? `${text}\u00a0` : text);
  }

  /**
   * Says what a selection costs, once for each selection and not at each update of a live profile.
   */
  announceSelection(node: number): void {
    const profile = this.profile();
    if (node < 0) return;
    const total = shareText(profile, node, 'total');
    const self = shareText(profile, node, 'self');
    const kind =
      node === 0 ? profile.unit.all : kindText(profile.kinds, profile.tree.kinds[node]!).label;
    const words = [kind, ...flagWords(profile.tree.flags[node]!)].join(', ');
    this.announce(`${profile.nameOf(node)}, ${total} total, ${self} self, ${words}`);
  }

  update(selected: number, zoomed: number): void {
    const profile = this.profile();
    const tree = profile.tree;
    const focus = selected >= 0 ? selected : zoomed;
    const key = `${profile.id}|${focus}|${tree.size}|${tree.total[focus]}`;
    if (key === this.spoken) return;
    this.spoken = key;
    const items: HTMLElement[] = [];
    const above = ancestorsOf(tree, focus);
    for (const node of above.slice(0, -1)) items.push(this.item(node, 1, 1));
    const parent = tree.parents[focus]!;
    items.push(...this.row(parent < 0 ? [0] : childrenOf(tree, parent), focus));
    const at = items.findIndex((item) => item.id === idOf(focus));
    items.splice(at + 1, 0, ...this.row(childrenOf(tree, focus), -1));
    items.forEach((item) => item.setAttribute('aria-selected', String(item.id === idOf(selected))));
    this.root.replaceChildren(...items);
    this.owner.setAttribute('aria-activedescendant', idOf(focus));
  }

  private row(nodes: number[], around: number): HTMLElement[] {
    const centre = Math.max(0, nodes.indexOf(around));
    const from = Math.max(0, Math.min(centre - NEIGHBOURS / 2, nodes.length - NEIGHBOURS));
    return nodes
      .slice(from, from + NEIGHBOURS)
      .map((node, i) => this.item(node, from + i + 1, nodes.length));
  }

  private item(node: number, position: number, size: number): HTMLElement {
    const profile = this.profile();
    const { tree } = profile;
    const total = tree.total[node]!;
    const share = shareText(profile, node, 'total');
    const kind = node === 0 ? '' : kindText(profile.kinds, tree.kinds[node]!).label;
    const words = [
      profile.nameOf(node),
      placeOf(profile, node),
      kind,
      share,
      profile.unit.text(total),
    ];
    const hasChildren = tree.ends[node]! > node + 1;
    const attributes: Record<string, string> = {
      role: 'treeitem',
      'aria-level': String(tree.depths[node]! + 1),
      'aria-posinset': String(position),
      'aria-setsize': String(size),
    };
    if (hasChildren) attributes['aria-expanded'] = 'true';
    const made = element('div', {
      text: words.filter((word) => word !== '').join(', '),
      attributes,
    });
    made.id = idOf(node);
    return made;
  }
}

function idOf(node: number): string {
  return `frame-${node}`;
}
