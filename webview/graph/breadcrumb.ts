/** The callers of the zoomed frame, each a way back to it. */
import { element } from '../common/dom';
import { percent } from '../common/format';
import type { Profile } from './profile';
import { ancestorsOf, weightOf } from './tree';
import type { Zoom } from './zoom';

/** In between, callers are left out: the path of a deep stack is longer than any line. */
const SHOWN = 6;

export class Breadcrumb {
  readonly root = element('nav', { class: 'breadcrumb', attributes: { 'aria-label': 'Zoom' } });
  private shown = '';

  constructor(
    private readonly profile: () => Profile,
    private readonly onZoom: (node: number) => void,
  ) {}

  update(zoom: Zoom): void {
    const profile = this.profile();
    const nodes = ancestorsOf(profile.tree, zoom.node);
    const share = percent(profile.tree.total[zoom.node]!, weightOf(profile.tree));
    const key = `${nodes.join()}|${share}|${zoom.complete}|${zoom.isWhole}|${profile.id}`;
    if (key === this.shown) return;
    this.shown = key;
    this.root.hidden = zoom.isWhole;
    const kept = nodes.length <= SHOWN ? nodes : [nodes[0]!, ...nodes.slice(1 - SHOWN)];
    const parts: HTMLElement[] = [];
    kept.forEach((node, i) => {
      const last = i === kept.length - 1;
      if (i === 1 && kept.length < nodes.length) {
        const left = nodes.length - kept.length;
        parts.push(element('span', { class: 'separator', text: `› … ${left} more …` }));
      }
      if (i > 0) parts.push(element('span', { class: 'separator', text: '›' }));
      parts.push(this.crumb(node, last ? `${profile.nameOf(node)} · ${share}` : undefined));
    });
    if (!zoom.complete) {
      const text = 'The zoomed frame has no samples now; it is shown again when it has.';
      parts.push(element('span', { class: 'warning', text }));
    }
    this.root.replaceChildren(...parts);
  }

  private crumb(node: number, text: string | undefined): HTMLElement {
    const name = this.profile().nameOf(node);
    const attributes: Record<string, string> = { type: 'button' };
    if (text !== undefined) attributes['aria-current'] = 'true';
    const made = element('button', { text: text ?? name, title: name, attributes });
    made.addEventListener('click', () => this.onZoom(node));
    return made;
  }
}
