import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ProfileEngine, Query } from '../../../extension/profile/engine';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import type { Measure } from '../../../extension/profile/series';
import { newNativeEngine } from './engines';

interface Row {
  stack: number;
  pid: number;
  count: number;
  label: number;
  request: number;
  weight: number;
}

/** Two that weigh counts, and two that weigh rows. */
const series = ['cpu', 'offcpu', 'allocated', 'any other'] as const;
type Series = (typeof series)[number];
const weighsRows = new Set<Series>(['allocated', 'any other']);

/** One tick: dictionary entries, whose references are folded into what is there, and rows. */
interface Tick {
  frames: { fn: number; kind: number; line: number; flags: number }[];
  stacks: { parent: number; frame: number }[];
  rows: Record<Series, Row[]>;
  labelled: boolean;
  elapsedUs: number;
  periodUs: number;
  clears: boolean;
}

// Few functions, lines and kinds, so that recursion, ties and merging are frequent.
const small = (max: number) => fc.nat({ max });
const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    stack: small(1000),
    pid: small(3),
    count: small(5),
    label: small(6),
    request: small(4),
    weight: fc.oneof(small(3), fc.nat({ max: 2 ** 40 })),
  }),
  { maxLength: 30 },
);
const tick: fc.Arbitrary<Tick> = fc.record({
  frames: fc.array(
    fc.record({
      fn: fc.integer({ min: 1, max: 8 }),
      kind: small(11),
      line: small(4),
      flags: small(31),
    }),
    { maxLength: 8 },
  ),
  stacks: fc.array(fc.record({ parent: small(1000), frame: small(1000) }), { maxLength: 30 }),
  rows: fc.record({ cpu: rows, offcpu: rows, allocated: rows, 'any other': rows }),
  labelled: fc.boolean(),
  elapsedUs: small(3),
  periodUs: fc.constantFrom(0, 1, 1001, 10101),
  clears: fc.nat({ max: 19 }).map((n) => n === 0),
});

const query: fc.Arbitrary<Query> = fc
  .record({
    measure: fc.constantFrom(...series, 'never declared', undefined),
    from: fc.constantFrom(-Infinity, 0, 1, 3, 6),
    length: fc.constantFrom(0, 1, 3, 8, Infinity),
    pids: fc.option(fc.array(small(4), { maxLength: 3 }), { nil: undefined }),
    hiddenKinds: fc.option(small(2 ** 12 - 1), { nil: undefined }),
    labels: fc.option(fc.array(small(1), { maxLength: 8 }), { nil: undefined }),
    requests: fc.option(fc.array(small(1), { maxLength: 6 }), { nil: undefined }),
    stacks: fc.option(fc.array(small(1), { maxLength: 60 }), { nil: undefined }),
  })
  .map(({ measure, from, length, pids, hiddenKinds, labels, requests, stacks }) => ({
    ...(measure && { measure: measure as Measure }),
    fromUs: from,
    toUs: Number.isNaN(from + length) ? Infinity : from + length,
    ...(pids && { pids: Uint32Array.from(pids) }),
    ...(hiddenKinds !== undefined && { hiddenKinds }),
    ...(labels && { labels: Uint8Array.from(labels) }),
    ...(requests && { requests: Uint8Array.from(requests) }),
    ...(stacks && { stacks: Uint8Array.from(stacks) }),
  }));

function feed(engine: ProfileEngine, ticks: Tick[]): void {
  let frames = 0;
  let stacks = 0;
  let timeUs = 0;
  for (const t of ticks) {
    const column = <T>(rows: T[], of: (row: T, index: number) => number) =>
      Uint32Array.from(rows.map(of));
    engine.addFrames(
      column(t.frames, (f) => f.fn),
      Uint8Array.from(t.frames, (f) => f.kind),
      column(t.frames, (f) => f.line),
      Uint8Array.from(t.frames, (f) => f.flags),
    );
    frames += t.frames.length;
    const added = frames === 0 ? [] : t.stacks;
    const base = stacks;
    engine.addStacks(
      column(added, (s, i) => s.parent % (base + i + 1)),
      column(added, (s) => (s.frame % frames) + 1),
    );
    stacks += added.length;
    timeUs += t.elapsedUs;
    const columns = (rows: Row[]) =>
      [
        column(rows, (r) => r.stack % (stacks + 1)),
        column(rows, (r) => r.pid),
        column(rows, (r) => r.count),
      ] as const;
    const marks = (rows: Row[]) =>
      t.labelled ? [column(rows, (r) => r.label), column(rows, (r) => r.request)] : [];
    for (const name of series) {
      const rows = t.rows[name];
      const own = Float64Array.from(rows, (row) => row.weight);
      const weights = weighsRows.has(name) ? own : t.periodUs;
      engine.append(name, timeUs, ...columns(rows), weights, ...marks(rows));
    }
    if (t.clears) engine.clear();
  }
}

describe('The two engines', () => {
  it('give equal call trees and tables', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(tick, { maxLength: 8 }),
        fc.array(query, { minLength: 1, maxLength: 4 }),
        fc.array(small(5), { minLength: 9, maxLength: 9 }),
        fc.array(small(3), { maxLength: 8 }),
        async (ticks, queries, ranks, groups) => {
          const typescript = new TypeScriptEngine();
          const native = newNativeEngine();
          for (const engine of [typescript, native]) feed(engine, ticks);
          for (const q of queries) {
            const order = Uint32Array.from(ranks);
            assert.deepEqual(await native.callTree(q, order), await typescript.callTree(q, order));
            assert.deepEqual(await native.functionTable(q), await typescript.functionTable(q));
            assert.deepEqual(await native.stackTable(q), await typescript.stackTable(q));
            const [of, backwards] = [groups, [...groups].reverse()].map((g) => Uint32Array.from(g));
            assert.deepEqual(
              await native.groupTable(q, of!, backwards!),
              await typescript.groupTable(q, of!, backwards!),
            );
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('answer for what was there when they were asked, while more arrives', async () => {
    const native = newNativeEngine();
    const one = Uint32Array.of(1);
    const ranks = Uint32Array.of(0, 0);
    native.addFrames(one, Uint8Array.of(3), one, Uint8Array.of(0));
    native.addStacks(Uint32Array.of(0), one);
    const answers: Promise<{ samples: number }>[] = [];
    for (let i = 1; i <= 300; i++) {
      native.append('cpu', i, one, one, one, 10);
      answers.push(native.callTree({ fromUs: 0, toUs: Infinity }, ranks));
      native.append(
        'cpu',
        i,
        new Uint32Array(400).fill(1),
        new Uint32Array(400),
        new Uint32Array(400),
        0,
      );
    }
    const samples = (await Promise.all(answers)).map((tree) => tree.samples);
    assert.deepEqual(
      samples,
      Array.from({ length: 300 }, (_, i) => i + 1),
    );
  });
});
