/** Keeps the page's table up to date while it is looked at: once a second, and at once when asked. */
import { Throttle } from '../../common/throttle';
import type { FeedHost } from './feed';
import type { FlameGraphSource, ReportKeys } from './source';

const INTERVAL_MS = 1000;

export class ReportFeed {
  private by: ReportKeys | null = null;
  private throttle = this.newThrottle();

  constructor(
    private readonly source: () => FlameGraphSource,
    private readonly host: FeedHost,
  ) {}

  want(by: ReportKeys | null): void {
    this.by = by;
    // What a person waits for does not wait for the interval.
    this.throttle.dispose();
    this.throttle = this.newThrottle();
    this.changed();
  }

  changed(): void {
    if (this.by !== null) this.throttle.ask();
  }

  dispose(): void {
    this.by = null;
    this.throttle.dispose();
  }

  private newThrottle(): Throttle {
    return new Throttle(INTERVAL_MS, () => this.send());
  }

  private async send(): Promise<void> {
    const { by } = this;
    if (by === null || !this.host.isListening()) return;
    try {
      const report = await this.source().report?.(by);
      // Another may have been asked for meanwhile.
      if (report !== undefined && this.by === by) this.host.post(report);
    } catch (error) {
      this.host.onError(error);
    }
  }
}
