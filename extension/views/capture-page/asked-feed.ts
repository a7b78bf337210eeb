/**
 * Keeps an answer of the source up to date while it is looked at: once a second, and at once when
 * somebody asks.
 */
import { Throttle } from '../../common/throttle';
import type { OptionsOf } from '../../page/messages';
import type { Feed, FeedHost } from './feed';
import type { AnsweredTopic, FlameGraphSource, SourceChange } from './source';

const INTERVAL_MS = 1000;

export class AskedFeed<T extends AnsweredTopic> implements Feed<T> {
  private options: OptionsOf<T> | null = null;
  private throttle = this.newThrottle();

  constructor(
    readonly topic: T,
    private readonly source: FlameGraphSource,
    private readonly host: FeedHost,
    /** The state of what is watched is part of the answer. */
    private readonly isOfStatus = false,
  ) {}

  want(options: OptionsOf<T> | null): void {
    this.options = options;
    this.askNow();
  }

  changed(change: SourceChange): void {
    if (change === 'view') this.askNow();
    else if (this.isOfStatus || change !== 'status') this.ask();
  }

  restart(): void {
    this.askNow();
  }

  dispose(): void {
    this.options = null;
    this.throttle.dispose();
  }

  /** Asks without waiting for the interval, since a person waits. */
  private askNow(): void {
    this.throttle.dispose();
    this.throttle = this.newThrottle();
    this.ask();
  }

  private ask(): void {
    if (this.options !== null) this.throttle.ask();
  }

  private newThrottle(): Throttle {
    return new Throttle(INTERVAL_MS, () => this.send());
  }

  private async send(): Promise<void> {
    const { options } = this;
    if (options === null || !this.host.isListening()) return;
    try {
      const answer = await this.source.answers?.[this.topic]?.(options);
      // Another may have been asked for by now.
      if (answer !== undefined && this.options === options) this.host.post(answer);
    } catch (error) {
      this.host.onError(error);
    }
  }
}
