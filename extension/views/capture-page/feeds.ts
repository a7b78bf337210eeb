/** All feeds of a page: what it wants goes to the one whose topic it is, and changes go to all. */
import { randomBytes } from 'node:crypto';
import type { OptionsOf, Topic, WantMessage } from '../../page/messages';
import { AskedFeed } from './asked-feed';
import type { Feed, FeedHost } from './feed';
import { MemoryFeed } from './memory-feed';
import type { FlameGraphSource, SourceChange, Subscription } from './source';
import { TreeFeed } from './tree-feed';

type Maker<T extends Topic> = (source: FlameGraphSource, host: FeedHost) => Feed<T>;

const MAKERS: { readonly [T in Topic]: Maker<T> } = {
  // Unguessable enough to differ between windows and reloads.
  tree: (source, host) => new TreeFeed(source, host, randomBytes(9).toString('base64url')),
  memory: (source, host) => new MemoryFeed(source, host),
  report: (source, host) => new AskedFeed('report', source, host),
  latency: (source, host) => new AskedFeed('latency', source, host, true),
  errors: (source, host) => new AskedFeed('errors', source, host, true),
  jit: (source, host) => new AskedFeed('jit', source, host, true),
  loop: (source, host) => new AskedFeed('loop', source, host, true),
};

export class Feeds {
  private feeds = new Map<Topic, Feed>();
  private changes: Subscription | undefined;
  private readonly wanted = new Map<Topic, OptionsOf<Topic> | null>();

  /** @param onChange hears of each change after the feeds. */
  constructor(
    private source: FlameGraphSource,
    private readonly host: FeedHost,
    private readonly onChange: (change: SourceChange) => void,
  ) {
    this.follow(source);
  }

  /** The page shows another source from now on. */
  setSource(source: FlameGraphSource): void {
    const wanted = [...this.wanted];
    this.wantNothing();
    this.stop();
    this.follow(source);
    this.postStatus();
    for (const [topic, options] of wanted) this.want({ topic, options });
  }

  want({ topic, options }: Omit<WantMessage, 'type'>): void {
    this.wanted.set(topic, options);
    this.source.looked?.(topic, options);
    this.feeds.get(topic)?.want(options);
  }

  /** The page has loaded and knows nothing. */
  restart(): void {
    this.postStatus();
    for (const feed of this.feeds.values()) feed.restart();
  }

  painted(revision: number): void {
    for (const feed of this.feeds.values()) feed.painted?.(revision);
  }

  /** Nobody looks any more; a page that comes back says what it wants. */
  wantNothing(): void {
    for (const topic of this.wanted.keys()) this.source.looked?.(topic, null);
    this.wanted.clear();
    for (const feed of this.feeds.values()) feed.want(null);
  }

  dispose(): void {
    this.wantNothing();
    this.stop();
  }

  private follow(source: FlameGraphSource): void {
    this.source = source;
    const made = Object.values(MAKERS).map((make): Feed => make(source, this.host));
    this.feeds = new Map(made.map((feed) => [feed.topic, feed]));
    this.changes = source.onDidChange((change) => {
      if (change === 'new-profile' && this.host.isListening()) this.host.post({ type: 'reset' });
      this.postStatus();
      for (const feed of this.feeds.values()) feed.changed(change);
      this.onChange(change);
    });
  }

  private stop(): void {
    this.changes?.dispose();
    for (const feed of this.feeds.values()) feed.dispose();
  }

  private postStatus(): void {
    if (this.host.isListening()) this.host.post(this.source.status());
  }
}
