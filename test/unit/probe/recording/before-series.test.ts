import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Recorder } from '../../../../extension/probe/recording/recorder';
import { type Query } from '../../../../extension/profile/engine';
import { sinceStart } from '../../../../extension/profile/store';
import { repositoryRoot } from '../../../fixtures/root';
import { encode } from '../scripted-probe';
import { hello } from './dialogue';
import { reopened } from './replayed';

const folder = join(repositoryRoot, 'test/fixtures/recordings');
/** Of the gateway of test/fixtures under load, with allocations; ten seconds, recorded by 0.1.0. */
const file = readFileSync(join(folder, 'protocol-1.acupoint'));
/** The words of 0.1.0 itself on it. */
const known = JSON.parse(readFileSync(join(folder, 'protocol-1.json'), 'utf8')) as {
  health: object;
};

describe('A recording of before there were series', () => {
  it('has the totals that it had then', async () => {
    const capture = await reopened(file);
    const { store, analysis, health } = capture;
    const { tallies } = store;
    const bytes: Query = { ...sinceStart, measure: 'allocated' };
    const rows = async (query: Query, by: 'owner' | 'uri') => {
      const report = await analysis.report(query, by, 'phase');
      const totals: Record<string, number> = {};
      for (const { name, weight } of report.rows) {
        // It was one row then.
        const key = name.startsWith('no request') ? 'no request known' : name;
        totals[key] = (totals[key] ?? 0) + weight;
      }
      return totals;
    };
    const watched = capture.watched('allocations', bytes);
    const { samples, lost, handledRequests, rateHz } = health;
    const found = {
      samples: tallies.samples,
      cpuUs: tallies.of('cpu').weight,
      allocatedBytes: tallies.of('allocated').weight,
      allocationSamples: tallies.of('allocated').samples,
      luaSamples: tallies.luaSamples,
      functions: store.functions.length,
      frames: store.frames.length,
      stacks: store.stacks.count,
      labels: store.labels.length,
      requests: store.requests.length,
      workers: [...tallies.byPid.values()].sort((a, b) => a - b),
      timeUs: store.timeUs,
      owners: { cpu: await rows(sinceStart, 'owner'), allocated: await rows(bytes, 'owner') },
      routes: { cpu: await rows(sinceStart, 'uri'), allocated: await rows(bytes, 'uri') },
      tree: {
        cpu: (await store.callTree()).parents.length,
        allocated: (await store.callTree(bytes)).parents.length,
      },
      watched: {
        watchedUs: watched.watchedUs,
        elapsedUs: watched.elapsedUs,
        allocations: watched.events,
        bytes: watched.value,
        lostBytes: watched.lostValue,
        requests: watched.requests,
      },
      health: { samples, lost, handledRequests, rateHz },
      message: capture.message,
      host: capture.host,
      target: capture.targetName,
    };
    assert.deepEqual(found, known);
  });

  it('is checked as all that comes from outside', async () => {
    const of = (batch: object) => {
      const recorder = new Recorder();
      recorder.heard(encode({ case: 'hello', value: { protocol: 1, probeVersion: '0.1.0' } }));
      recorder.heard(encode({ case: 'batch', value: { sequence: 1, timeUs: 1n, ...batch } }));
      return recorder.write({ host: 'h', target: 't' }, '');
    };
    const row = { rowStacks: [0], rowPids: [1], rowLabels: [0], rowCounts: [3], periodUs: 10 };
    const good = await reopened(of(row));
    assert.deepEqual([good.message, good.store.tallies.of('cpu').weight], ['', 30]);
    const bad = [
      { ...row, rowStacks: [1] },
      { ...row, rowPids: [] },
      { ...row, rowRequests: [0, 0] },
      { allocBytes: [1n] },
      {
        allocStacks: [0],
        allocPids: [1],
        allocLabels: [0],
        allocCounts: [1],
        allocBytes: [2n ** 60n],
      },
      // Rows of today have no place there.
      { ...row, rowStacks: [], stacks: [{ series: 1, stacks: [0] }] },
    ];
    for (const batch of bad) assert.match((await reopened(of(batch))).message, /damaged/);
  });

  it('is refused where its probe is of a later protocol', async () => {
    const recorder = new Recorder();
    recorder.heard(encode({ case: 'hello', value: { protocol: 3, probeVersion: '9' } }));
    const later = recorder.write({ host: 'h', target: 't' }, '');
    await assert.rejects(reopened(later), {
      message: /newer Acupoint \(protocol 3; this one reads 2/,
    });
    const today = new Recorder();
    today.heard(hello());
    await reopened(today.write({ host: 'h', target: 't' }, ''));
  });
});
