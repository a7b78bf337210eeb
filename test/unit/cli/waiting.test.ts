import assert from 'node:assert/strict';
import { waitsIn, waitText, withoutLasting } from '../../../extension/analysis/waits';
import * as latency from '../../../extension/cli/commands/latency';
import { forMachines, lines } from '../../../extension/cli/commands/waiting';
import type { WatchFigures } from '../../../extension/capture/watch-log';
import { Analysis } from '../../../extension/analysis/analysis';
import { GroupingRules } from '../../../extension/analysis/grouping';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { FrameKind } from '../../../extension/profile/frames';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { tricks } from '../../fixtures/tricks';
import { emptyBatch } from '../profile/sample-profile';
import { stackRows } from '../profile/rows';

const hostile = Object.values(tricks).join('');
const seenByNobody = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const query = { ...sinceStart, measure: 'waiting' as const };

const figures: WatchFigures = {
  watchedUs: 20e6,
  elapsedUs: 20e6,
  events: 0,
  value: 0,
  lostEvents: 0,
  lostValue: 0,
  requests: 0,
  perRequest: null,
  requestsMissing: '',
  perRequestError: 0,
  perSecond: null,
};

/** outer calls query, which reads at one line and connects at another; and a request without Lua. */
function store(lasting = false): ProfileStore {
  const made = new ProfileStore(new TypeScriptEngine());
  made.beginRun(1_700_000_000_000);
  const lua = (name: string) => ({ name, file: '@/srv/a.lua', line: 7, lastLine: 40 });
  const other = (name: string) => ({ name, file: '', line: 0, lastLine: 0 });
  made.add({
    ...emptyBatch,
    timeUs: 1e6,
    functions: [
      lua('outer'),
      lua('query'),
      other('receive'),
      other('[waits for: read, 10.0.0.1:6379]'),
      other(`[waits for: connect, ${hostile}]`),
      other('[in flight for over a minute]'),
    ],
    frames: [
      { function: 1, kind: FrameKind.Lua, line: 12, flags: 0 },
      { function: 2, kind: FrameKind.LuaJit, line: 21, flags: 0 },
      { function: 2, kind: FrameKind.LuaJit, line: 25, flags: 0 },
      { function: 3, kind: FrameKind.LuaC, line: 0, flags: 0 },
      { function: 4, kind: FrameKind.Wait, line: 0, flags: 0 },
      { function: 5, kind: FrameKind.Wait, line: 0, flags: 0 },
      { function: 6, kind: FrameKind.Wait, line: 0, flags: 0 },
    ],
    stackParents: Uint32Array.of(0, 1, 2, 3, 1, 5, 0, 0, 8),
    stackFrames: Uint32Array.of(1, 2, 4, 5, 3, 6, 6, 7, 5),
    series: [
      {
        name: 'waiting',
        instrument: 'waiting',
        shape: 'stacks',
        unit: 'us',
        estimated: true,
        keys: [],
      },
    ],
    stacks: [
      stackRows(
        lasting
          ? { stacks: [4, 6, 7, 9], values: [600_000, 300_000, 100_000, 5_000_000] }
          : { stacks: [4, 6, 7], values: [600_000, 300_000, 100_000] },
        'waiting',
      ),
    ],
  });
  return made;
}

describe('acupoint waiting', () => {
  it('answers machines by the innermost Lua function, its lines and what it waits for', async () => {
    const of = store();
    const answer = forMachines(of, await waitsIn(of, query), 10);
    assert.equal(answer.requestSeconds, 1);
    const [query1, none, outer] = answer.functions;
    assert.deepEqual(
      [query1?.name, query1?.file, query1?.line, query1?.self, query1?.total],
      ['query', '/srv/a.lua', 7, 0.9, 0.9],
    );
    assert.equal(query1?.waitsFor, 'read, 10.0.0.1:6379');
    assert.deepEqual(query1?.lines, [
      { line: 21, self: 0.6 },
      { line: 25, self: 0.3 },
    ]);
    assert.deepEqual([none?.name, none?.self, none?.total], ['', 0.1, 0.1]);
    assert.deepEqual([outer?.name, outer?.self, outer?.total], ['outer', 0, 0.9]);
    const whole = answer.waits.reduce((sum, { share }) => sum + share, 0);
    assert.ok(Math.abs(whole - 1) < 1e-9);
    assert.deepEqual(answer.waits[0], { for: 'read, 10.0.0.1:6379', share: 0.6 });
  });

  it('prints tables, harmless whatever a peer is called', async () => {
    const of = store();
    const text = lines(of, await waitsIn(of, query), 10, figures, `nginx on ${hostile}`);
    assert.match(
      text.join('\n'),
      /^query +a\.lua:21 +90\.0 +90\.0 +read, 10\.0\.0\.1:6379; connect/m,
    );
    assert.match(text.join('\n'), /^\(no Lua waits\) +10\.0 +10\.0 /m);
    for (const line of text) assert.doesNotMatch(line, seenByNobody);
  });

  it('takes the words out of the innermost frame', () => {
    assert.equal(waitText('[waits for: sleep]'), 'sleep');
    assert.equal(waitText('[does not wait]'), 'does not wait');
    assert.equal(waitText('odd'), 'odd');
  });
});

describe('acupoint latency', () => {
  const taken = async (lasting = false): Promise<latency.Taken> => {
    const of = store(lasting);
    const analysis = new Analysis(of, new GroupingRules());
    const shown = withoutLasting(of, query);
    const waits = await waitsIn(of, shown);
    return {
      all: {
        count: 100,
        sumUs: 1_000_000,
        p50Us: 9000,
        p90Us: 12_000,
        p99Us: 30_000,
        p999Us: 40_000,
        maxUs: 50_000,
        hiddenUs: 0,
        upstreamUs: 0,
        bytesIn: 0,
        bytesOut: 0,
      },
      lost: 2,
      estimated: false,
      waits,
      allUs: of.tallies.of('waiting').weight,
      waiting: await analysis.report(shown, 'owner', 'phase'),
      cpu: await analysis.report(sinceStart, 'owner', 'phase'),
    };
  };
  const sum = (values: readonly (number | null)[]) =>
    values.reduce<number>((all, value) => all + (value ?? NaN), 0);

  it('divides the mean of a request into parts that add up to it', async () => {
    const answer = latency.forMachines(await taken());
    assert.equal(answer.meanMs, 10);
    assert.ok(Math.abs(sum(answer.parts.map(({ ms }) => ms)) - 10) < 1e-9);
    assert.ok(Math.abs(sum(answer.rows.map(({ waitMs }) => waitMs)) - 10) < 1e-9);
    assert.deepEqual(answer.parts[0], { for: 'read, 10.0.0.1:6379', ms: 6, share: 0.6 });
    assert.deepEqual([answer.requests, answer.lost, answer.lastingSeconds], [100, 2, 0]);
  });

  it('leaves out what has been in flight for over a minute, and says how much that is', async () => {
    const of = await taken(true);
    const answer = latency.forMachines(of);
    assert.equal(answer.lookedAtSeconds, 1);
    assert.equal(answer.lastingSeconds, 5);
    assert.ok(Math.abs(sum(answer.parts.map(({ ms }) => ms)) - 10) < 1e-9);
    const text = latency.lines(of, 'owner', `nginx on ${hostile}`);
    assert.match(text.join('\n'), /^5\.0 s more are of requests in flight for over a minute$/m);
    for (const line of text) assert.doesNotMatch(line, seenByNobody);
  });

  it('knows no part where no request has ended', async () => {
    const answer = latency.forMachines({ ...(await taken()), all: undefined });
    assert.equal(answer.meanMs, null);
    assert.ok(answer.parts.every(({ ms }) => ms === null));
  });
});
