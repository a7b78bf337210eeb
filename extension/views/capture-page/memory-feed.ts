/** Keeps the page's memory chart up to date while it is looked at: what is new, each second. */
import type { SharedZones } from '../../profile/memory';
import type { MemoryHistory, MemoryPoint } from '../../profile/memory-history';
import { visible, type AllVisible } from '../../common/outside';
import type { NoOptions } from '../../page/messages';
import type { Feed, FeedHost } from './feed';
import type { FlameGraphSource, SourceChange } from './source';

/** More at once is thinned: a chart has fewer dots. */
const MOST_POINTS = 10_000;
const LONGEST = 128;

export class MemoryFeed implements Feed<'memory'> {
  readonly topic = 'memory';
  private on = false;
  /** By pid, the time of the last point that was sent. */
  private readonly sent = new Map<number, number>();
  private whole = true;

  constructor(
    private readonly source: Pick<FlameGraphSource, 'memory'>,
    private readonly host: Pick<FeedHost, 'post' | 'isListening'>,
  ) {}

  want(options: NoOptions | null): void {
    this.on = options !== null;
    if (this.on) this.restart();
  }

  restart(): void {
    this.whole = true;
    this.send();
  }

  /** It comes with the health of the probe, of which `status` tells. */
  changed(change: SourceChange): void {
    if (change === 'status') this.send();
  }

  dispose(): void {
    this.on = false;
  }

  private send(): void {
    if (!this.on || !this.host.isListening()) return;
    const memory = this.source.memory?.();
    if (memory === undefined) return;
    // After a reset there is less than the page has.
    const { history, zones } = memory;
    const whole = this.whole || [...this.sent.keys()].some((pid) => history.of(pid).length === 0);
    if (whole) this.sent.clear();
    this.whole = false;
    const points = this.take(history);
    if (!whole && points.length === 0) return;
    this.host.post({ type: 'memory', whole, points, zones: zones ? readable(zones) : null });
  }

  private take(history: MemoryHistory): MemoryPoint[] {
    const fresh = history.pids.map((pid) => {
      const after = this.sent.get(pid) ?? -Infinity;
      return history.of(pid).filter(({ atMs }) => atMs > after);
    });
    const all = fresh.reduce((sum, points) => sum + points.length, 0);
    const step = Math.ceil(all / MOST_POINTS);
    return fresh.flatMap((points) => {
      const last = points.at(-1);
      if (last !== undefined) this.sent.set(last.pid, last.atMs);
      return points.filter((_, i) => (points.length - 1 - i) % step === 0);
    });
  }
}

/** Names are the target's. */
function readable({ zones, ...rest }: SharedZones): AllVisible<SharedZones> {
  const shown = zones.map((zone) => ({
    ...zone,
    name: visible(zone.name, LONGEST),
    module: visible(zone.module, LONGEST),
  }));
  return { ...rest, zones: shown, missing: visible(rest.missing, 600) };
}
