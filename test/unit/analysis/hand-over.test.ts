import assert from 'node:assert/strict';
import { Analysis } from '../../../extension/analysis/analysis';
import type { Dimension } from '../../../extension/analysis/dimensions';
import { sinceStart } from '../../../extension/profile/store';
import { type Sample, StackStore } from './stacks';

const log = { phase: 'log' };
const timer = { phase: 'timer' };
const request = (uri: string) => ({ method: 'GET', host: 'a', uri });

/** Returns what each row has caused. */
async function caused(samples: readonly Sample[], by: Dimension = 'owner') {
  const stacks = new StackStore();
  stacks.add(1000, [...samples], 101);
  const report = await new Analysis(stacks.store).report(sinceStart, by, 'phase');
  const rows = report.rows.map(
    (row) => [row.name, Math.round((row.caused / report.weight) * report.samples)] as const,
  );
  return Object.fromEntries(rows.filter(([, amount]) => amount !== 0));
}

/** A plugin creates timers in a gateway's log phase. */
const creates = (plugin: 'jwt' | 'acl', count: number, uri = '/x'): Sample => ({
  stack: ['nginx', 'access', 'init', 'iterator', plugin, 'timers'],
  labels: log,
  request: request(uri),
  count,
});

describe('Work that is handed over', () => {
  it('is charged to those who create timers, as often as they do', async () => {
    const machinery: Sample[] = [
      { stack: ['nginx', 'posted', 'module', 'timers', 'timers'], labels: timer, count: 60 },
      // ngx_lua on its way to the thread that it wakes.
      { stack: ['nginx', 'posted', 'module'], count: 40 },
    ];
    assert.deepEqual(await caused([creates('jwt', 30), creates('acl', 10), ...machinery]), {
      jwt: 75,
      acl: 25,
      'Kong timers': -60,
      nginx: -40,
    });
  });

  it('stays where it is while too few were seen to create any', async () => {
    const machinery: Sample = { stack: ['nginx', 'timers'], labels: timer, count: 60 };
    assert.deepEqual(await caused([creates('jwt', 7), machinery]), {});
    assert.deepEqual(await caused([machinery]), {});
  });

  it('is not what a plugin, or the gateway, does in its own timer', async () => {
    const own: Sample[] = [
      { stack: ['nginx', 'timers', 'jwt'], labels: timer, count: 20 },
      { stack: ['nginx', 'timers', 'router'], labels: timer, count: 20 },
      { stack: ['nginx', 'timers', 'tools'], labels: timer, count: 20 },
    ];
    assert.deepEqual(await caused([creates('acl', 30), ...own]), {});
  });

  it('is of those who fill a queue, where a queue runs', async () => {
    const fills: Sample = {
      stack: ['nginx', 'access', 'init', 'iterator', 'jwt', 'queue'],
      labels: log,
      count: 10,
    };
    const runs: Sample = { stack: ['nginx', 'timers', 'queue'], labels: timer, count: 50 };
    const threads: Sample = { stack: ['nginx', 'timers'], labels: timer, count: 20 };
    assert.deepEqual(await caused([fills, creates('acl', 30), runs, threads]), {
      jwt: 50,
      acl: 20,
      'Kong queues': -50,
      'Kong timers': -20,
    });
  });

  it('is of the application that sets a timer on a function of a library', async () => {
    const stacks: Sample[] = [
      { stack: ['nginx', 'access', 'shop', 'http', 'at'], labels: log, count: 20 },
      { stack: ['nginx', 'access', 'cart', 'at'], labels: log, count: 20 },
      { stack: ['nginx', 'http'], labels: timer, count: 50 },
      // Another library, which nobody was seen to call.
      { stack: ['nginx', 'dns'], labels: timer, count: 50 },
    ];
    assert.deepEqual(await caused(stacks), { orders: 50, 'library resty': -50 });
  });

  it('belongs to the requests in which timers were created', async () => {
    const stacks: Sample[] = [
      creates('jwt', 30, '/a'),
      creates('jwt', 10, '/b'),
      creates('acl', 10, '/c'),
      { stack: ['nginx', 'timers', 'jwt'], labels: timer, count: 80 },
      { stack: ['nginx', 'timers'], labels: timer, count: 50 },
    ];
    assert.deepEqual(await caused(stacks, 'uri'), {
      '/a': 90,
      '/b': 30,
      '/c': 10,
      'no request: timers': -130,
    });
  });
});

describe('Samples without a request', () => {
  it('say what the worker did', async () => {
    const stacks = new StackStore();
    const samples: Sample[] = [
      { stack: ['nginx', 'accept', 'kernel'] },
      { stack: ['nginx', 'timers'], labels: timer },
      { stack: ['nginx', 'posted', 'kernel'] },
      { stack: ['nginx', 'shop'] },
      { stack: ['nginx', 'shop'], request: { method: 'GET', host: '', uri: '/' } },
    ];
    stacks.add(1000, samples, 101);
    const analysis = new Analysis(stacks.store);
    const names = async (by: Dimension) => {
      const { rows } = await analysis.report(sinceStart, by, 'phase');
      return rows.map(({ name }) => name).sort();
    };
    assert.deepEqual(await names('host'), [
      '(no host)',
      'no request known',
      'no request: accepting',
      'no request: event loop',
      'no request: timers',
    ]);
  });
});
