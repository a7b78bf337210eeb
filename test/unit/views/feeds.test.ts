import assert from 'node:assert/strict';
import type { AllVisible } from '../../../extension/common/outside';
import type { ReportKeys, StatusMessage, ToPage } from '../../../extension/page/messages';
import { Feeds } from '../../../extension/views/capture-page/feeds';
import type { FlameGraphSource, SourceChange } from '../../../extension/views/capture-page/source';
import { waitFor } from '../../fixtures/wait';
import { statusOf } from '../../webview/driver';
import { reportOf } from '../../webview/report';

/** A source that answers with reports of a name. */
class NamedSource {
  listener: (change: SourceChange) => void = () => undefined;
  readonly asked: ReportKeys[] = [];

  constructor(private readonly name: string) {}

  get source(): FlameGraphSource {
    return {
      functionCount: 0,
      status: () => statusOf({ host: this.name }) as AllVisible<StatusMessage>,
      onDidChange: (listener: (change: SourceChange) => void) => {
        this.listener = listener;
        return { dispose: () => (this.listener = () => undefined) };
      },
      answers: {
        report: async (by: ReportKeys) => {
          this.asked.push(by);
          return reportOf({ ...by, gateway: this.name });
        },
      },
    } as unknown as FlameGraphSource;
  }
}

describe('the feeds of a page', () => {
  const byPhase = { rows: 'owner', columns: 'phase' } as const;
  const byHost = { rows: 'host', columns: 'phase' } as const;
  let posted: ToPage[];
  let listening: boolean;
  let first: NamedSource;
  let feeds: Feeds;
  const reports = () => posted.filter((message) => message.type === 'report');
  const count = (name: string) => reports().filter(({ gateway }) => gateway === name).length;

  beforeEach(() => {
    posted = [];
    listening = true;
    first = new NamedSource('first');
    const host = {
      post: (message: ToPage) => void posted.push(message),
      isListening: () => listening,
      onError: (error: unknown) => assert.fail(String(error)),
    };
    feeds = new Feeds(first.source, host, () => undefined);
  });

  afterEach(() => feeds.dispose());

  it('answer what is wanted, as it is wanted last, and tell each change of state', async () => {
    first.listener('samples');
    assert.deepEqual(
      posted.map(({ type }) => type),
      ['status'],
    );
    feeds.want({ topic: 'report', options: byPhase });
    feeds.want({ topic: 'report', options: byHost });
    await waitFor('the report', () => count('first') === 1);
    assert.deepEqual(first.asked, [byHost]);
    // Other samples wait for the interval; another view does not.
    first.listener('view');
    await waitFor('another report', () => count('first') === 2, { timeoutMs: 900 });
  });

  it('answer nothing that is wanted no more, or that nobody sees', async () => {
    feeds.want({ topic: 'report', options: byPhase });
    feeds.want({ topic: 'report', options: null });
    first.listener('view');
    listening = false;
    feeds.want({ topic: 'report', options: byPhase });
    feeds.wantNothing();
    listening = true;
    feeds.restart();
    feeds.want({ topic: 'report', options: byHost });
    await waitFor('the report', () => count('first') === 1);
    assert.deepEqual(first.asked, [byHost]);
  });

  it('answer from another source what was wanted before', async () => {
    feeds.want({ topic: 'report', options: byHost });
    await waitFor('the report', () => count('first') === 1);
    const second = new NamedSource('second');
    feeds.setSource(second.source);
    await waitFor('its report', () => count('second') === 1);
    assert.deepEqual(second.asked, [byHost]);
    posted = [];
    first.listener('new-profile');
    assert.deepEqual(posted, []);
    second.listener('new-profile');
    assert.deepEqual(
      posted.map(({ type }) => type),
      ['reset', 'status'],
    );
  });
});
