/** Says what the page looks at, each time that it differs from what was said last. */
import type { OptionsOf, Topic, WantMessage } from '../../extension/page/messages';

export class Wants {
  private readonly said = new Map<Topic, string>();

  constructor(private readonly post: (message: WantMessage) => void) {}

  /** @param options null: it is looked at no more. */
  set<T extends Topic>(topic: T, options: OptionsOf<T> | null): void {
    const key = JSON.stringify(options);
    if ((this.said.get(topic) ?? 'null') === key) return;
    this.said.set(topic, key);
    this.post({ type: 'want', topic, options } as WantMessage);
  }
}
