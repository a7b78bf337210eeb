import { plain } from '../common/plain';
import { StatusBarItem } from '../ui/widgets';
import type { Captures } from '../capture/captures';
import type { Subscription } from '../common/emitter';
import { statusFacts } from './facts';
import { statusItem } from './status-text';

/** Health comes about once a second, and states change rarely: no timer is needed. */
export class StatusBar {
  readonly #item = new StatusBarItem('acupoint.status', plain`Acupoint Tracer`, 'acupoint.menu');
  readonly #subscription: Subscription;
  #capture: Subscription | undefined;

  constructor(private readonly captures: Captures) {
    this.#subscription = captures.onDidChangeActive(() => this.#follow());
    this.#follow();
  }

  /** The text shown now; '' if nothing is. For tests. */
  get text(): string {
    return this.captures.active === undefined ? '' : this.#item.text;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#capture?.dispose();
    this.#item.dispose();
  }

  #follow(): void {
    this.#capture?.dispose();
    this.#capture = this.captures.active?.onDidChange((change) => {
      if (change !== 'samples') this.#show();
    });
    this.#show();
  }

  #show(): void {
    const { active } = this.captures;
    const item = statusItem(active && statusFacts(active));
    if (item === undefined) this.#item.hide();
    else this.#item.show(item.icon, item.text, item.tooltip, item.warning);
  }
}
