import assert from 'node:assert/strict';
import { hostItems, meantHost, meantItem } from '../../../extension/views/attach/host-items';
import type { HostEntry } from '../../../extension/remote';

const configured = ['demo-gateway', 'Edge.example.org', 'this-one'].map((alias): HostEntry => ({
  alias,
  description: '',
}));
const known = { local: true, recent: ['root@web1:2222', 'edge-2'] };

function meant(typed: string): string | undefined {
  const item = meantItem(hostItems(known, configured, typed), typed);
  return item?.value?.kind === 'local' ? 'local' : item?.label;
}

describe('The host that Enter takes', () => {
  it('is a known one whose name was begun, and not one that is called like that', () => {
    assert.equal(meant('demo'), 'demo-gateway');
    assert.equal(meant(' DEMO-g'), 'demo-gateway');
    assert.equal(meant('demo-gateway'), 'demo-gateway');
    assert.equal(meant('root@we'), 'root@web1:2222');
  });

  it('is one that was attached to before one of the configuration', () => {
    assert.equal(meant('edge'), 'edge-2');
    assert.equal(meant('edge.'), 'Edge.example.org');
  });

  it('is this machine only where no host is called like that', () => {
    assert.equal(meant('this'), 'this-one');
    assert.equal(meant('this m'), 'local');
  });

  it('is not that of a row that was shown before the rest was typed', () => {
    const items = hostItems(known, configured, 'demo');
    const enter = (taken: string) => meantHost(items, { kind: 'ssh', host: taken }, 'demo');
    assert.deepEqual(enter('dem'), { kind: 'ssh', host: 'demo-gateway' });
    assert.deepEqual(enter('demo'), { kind: 'ssh', host: 'demo' });
    assert.deepEqual(enter('edge-2'), { kind: 'ssh', host: 'edge-2' });
    const unknown = hostItems(known, configured, 'db9');
    assert.deepEqual(meantHost(unknown, { kind: 'ssh', host: 'db' }, 'db9'), {
      kind: 'ssh',
      host: 'db9',
    });
  });

  it('is what was typed where nothing known begins with it, and stays within reach', () => {
    for (const typed of ['', 'db', 'gateway', 'demo-gateway2'])
      assert.equal(meant(typed), undefined);
    const items = hostItems(known, configured, 'demo');
    assert.equal(items.at(-1)?.label, 'demo');
    assert.equal(items.at(-1)?.value?.kind, 'ssh');
  });
});
