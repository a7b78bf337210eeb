/**
 * Whatever is captured and whatever is filtered: each part that the page, the terminal or JSON
 * shows adds up to the whole that it names. The true sums are counted from the stacks themselves.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Analysis } from '../../../extension/analysis/analysis';
import type { Focus } from '../../../extension/analysis/focus';
import { forMachines, tableLines } from '../../../extension/cli/commands/plugins';
import { hotFunctions as hotInTerminal, kindsText } from '../../../extension/cli/hot-functions';
import type { CallTree, Query } from '../../../extension/profile/engine';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { FrameKind } from '../../../extension/profile/frames';
import { sinceStart } from '../../../extension/profile/store';
import { onlyFound } from '../../../webview/graph/filter';
import { hotFunctions } from '../../../webview/graph/hot';
import { frameKinds } from '../../../webview/graph/kinds';
import { HIDDEN, kindShares } from '../../../webview/graph/kind-shares';
import { tooltipTable } from '../../../webview/graph/tooltip-table';
import { isWithin, prepare, weightOf, widthOf, type Tree } from '../../../webview/graph/tree';
import { units } from '../../../webview/graph/units';
import { columnsOf } from '../../../webview/panes/plugins/columns';
import { tenths } from '../../../extension/profile/shares';
import { newNativeEngine } from '../profile/engines';
import { allWords, kindOf, StackStore, type Sample } from '../analysis/stacks';

const RUNS = 10_000;
const PERIOD = 1000;

const sample: fc.Arbitrary<Sample> = fc.record({
  stack: fc.array(fc.constantFrom(...allWords), { maxLength: 6 }),
  count: fc.integer({ min: 1, max: 400 }),
  labels: fc.record({ phase: fc.constantFrom('', 'access', 'log') }),
  request: fc.constantFrom(
    undefined,
    { method: 'GET', host: 'a', uri: '/orders/1' },
    { method: 'POST', host: 'b', uri: '/orders/2' },
  ) as fc.Arbitrary<Sample['request'] & object>,
});

interface Case {
  readonly early: Sample[];
  readonly late: Sample[];
  readonly onlyLate: boolean;
  readonly hiddenKinds: number;
  readonly focusBy: Focus['by'] | 'nothing';
  /** Which row is focused, function is searched for, and node is pointed at or zoomed into. */
  readonly row: number;
  readonly search: number;
  readonly node: number;
  readonly zoom: number;
}

const samples = fc.array(sample, { maxLength: 6 });
const random: fc.Arbitrary<Case> = fc.record({
  early: samples,
  late: samples,
  onlyLate: fc.boolean(),
  hiddenKinds: fc.oneof(fc.constantFrom(0, 2, 6, 6 | 64 | 32), fc.nat({ max: 2 ** 12 - 1 })),
  focusBy: fc.constantFrom('nothing', 'owner', 'phase', 'uri', 'method'),
  row: fc.nat({ max: 9 }),
  search: fc.nat({ max: 40 }),
  node: fc.nat({ max: 99 }),
  zoom: fc.nat({ max: 99 }),
});

const sum = (values: Iterable<number>): number => [...values].reduce((all, each) => all + each, 0);
const near = (one: number, other: number): void =>
  assert.ok(Math.abs(one - other) < 1e-9, `${one} is not ${other}`);
const percentOf = (text: string): number => (text.startsWith('<') ? 0 : Number.parseFloat(text));

/** By kind, and outside the shown frames, from the stacks as words. */
function trueKinds(taken: readonly Sample[], hidden: number): Map<number, number> {
  const weights = new Map<number, number>();
  for (const { stack, count = 1 } of taken) {
    const shown = stack.map(kindOf).filter((kind) => ((hidden >>> kind) & 1) === 0);
    const leaf = shown.reduce<number>((caller, kind) => {
      const isOverhead = overheads.has(caller);
      return isOverhead && !luaSide.has(kind) ? caller : kind;
    }, HIDDEN);
    const kind = stack.length === 0 ? FrameKind.Unknown : leaf;
    weights.set(kind, (weights.get(kind) ?? 0) + count * PERIOD);
  }
  return weights;
}

const { Lua, LuaJit, LuaBuiltin, LuaC, GarbageCollector, JitCompiler } = FrameKind;
const overheads = new Set<number>([GarbageCollector, JitCompiler]);
const luaSide = new Set<number>([Lua, LuaJit, LuaBuiltin, LuaC, GarbageCollector, JitCompiler]);

function checkLegend(tree: Tree, truth: ReadonlyMap<number, number> | undefined): void {
  const shares = kindShares({ tree, kinds: frameKinds });
  near(sum(shares.map(({ weight }) => weight)), widthOf(tree));
  const all = weightOf(tree);
  const shown = all > 0 ? Math.round((1000 * widthOf(tree)) / all) : 0;
  assert.equal(sum(shares.map(({ tenths: share }) => share)), shown);
  if (truth === undefined) return;
  for (const { kind, weight } of shares) assert.equal(weight, truth.get(kind) ?? 0, `kind ${kind}`);
}

function checkTooltip(tree: Tree, node: number, zoomed: number): void {
  const unit = units.cpu;
  const figures = (of: number): { total: number[]; self: number[] } => {
    const [head, total, self] = tooltipTable({ tree, unit }, of, zoomed);
    assert.deepEqual(head!.slice(2, 5), ['samples', '% of all', '95 %']);
    const numbers = (cells: string[]): number[] => {
      const [least, most] = cells[4]!.split('–').map(Number);
      const share = percentOf(cells[3]!);
      // Each is rounded for itself.
      assert.ok(least! <= share + 0.051 && share <= most! + 0.051, cells.join(' '));
      assert.ok(share <= 100);
      const ofZoomed = cells[5];
      if (ofZoomed !== undefined && isWithin(tree, of, zoomed))
        assert.ok(percentOf(ofZoomed) <= 100, cells.join(' '));
      else if (ofZoomed !== undefined) assert.equal(ofZoomed, '–');
      return [Number(cells[2]!.replaceAll(',', '')), share];
    };
    return { total: numbers(total!), self: numbers(self!) };
  };
  const { total, self } = figures(node);
  let children = 0;
  for (let child = node + 1; child < tree.ends[node]!; child = tree.ends[child]!)
    children += figures(child).total[0]!;
  assert.equal(self[0]! + children, total[0]);
}

function checkFunctions(tree: Tree): void {
  const rows = hotFunctions(tree, frameKinds.charged!(tree));
  near(sum(rows.map(({ self }) => self)) + tree.self[0]!, widthOf(tree));
  assert.equal(sum(rows.map((row) => row.samples)) + tree.selfSamples[0]!, tree.totalSamples[0]);
  for (const row of rows) assert.ok(row.total <= widthOf(tree) && row.self <= row.total);
}

async function checkTables(analysis: Analysis, query: Query, part: CallTree): Promise<void> {
  const report = await analysis.report(query, 'owner', 'phase');
  const collected = kindShares({ tree: prepare(part), kinds: frameKinds });
  const ofKind = (wanted: number) => collected.find(({ kind }) => kind === wanted)!.weight;
  near(sum(report.rows.map((row) => row.garbageCollector)), ofKind(GarbageCollector));
  near(sum(report.rows.map((row) => row.jitCompiler)), ofKind(JitCompiler));
  const entries = report.rows.map((row) => ({
    ...row,
    key: row.name,
    cells: [...row.cells],
    requests: null,
    trend: [],
  }));
  const shares = tenths(entries.map(({ weight }) => weight));
  const all = sum(shares);
  assert.equal(all, report.weight > 0 ? 1000 : 0);
  const message = {
    type: 'report',
    measure: 'cpu',
    rows: 'owner',
    columns: 'phase',
    entries,
    weight: report.weight,
    samples: report.samples,
    requests: null,
    requestsMissing: '',
    perRequest: null,
    perSecond: null,
    causedSamples: 0,
    gateway: '',
    problems: [],
  } as const;
  const share = columnsOf({ ...message, columnNames: [...report.columns], problems: [] }, all).find(
    ({ id }) => id === 'share',
  )!;
  const texts = entries.map((entry, i) => share.text(entry, shares[i]!).replace('≈ ', ''));
  near(sum(texts.map(percentOf)), percentOf(share.sum()));

  const { owners } = forMachines(report, { missing: '' }, () => undefined, 1);
  const of1 = report.weight > 0 ? 1 : 0;
  near(sum(owners.map((owner) => owner.share)), of1);
  assert.equal(sum(owners.map((owner) => owner.samples)), report.samples);
  for (const { share: its, interval, phases } of owners) {
    near(sum(Object.values(phases)), its);
    assert.ok(interval[0] <= its && its <= interval[1]);
  }
  const lines = tableLines(report, { missing: '' }, () => undefined, 'owner', 'all').slice(2);
  const printed = lines.map((line) => Number(/ ≈?(\d+\.\d)/.exec(line)?.[1]));
  near(sum(printed.slice(0, -1)), printed.at(-1)!);
}

async function checkTerminal(store: StackStore['store'], query: Query): Promise<void> {
  const { rows, kinds, samples: taken } = await hotInTerminal(store, query, Infinity);
  if (taken > 0) near(sum(kinds.map(({ share }) => share)), 1);
  const shown = kindsText(kinds).match(/\d+\.\d(?= %)/g) ?? [];
  near(sum(shown.map(Number)), taken > 0 ? 100 : 0);
  for (const { self, selfInterval, total, totalInterval } of rows) {
    assert.ok(selfInterval![0] <= self && self <= selfInterval![1]);
    assert.ok(totalInterval![0] <= total && total <= totalInterval![1]);
  }
}

describe('What is shown', () => {
  it(`adds up to the whole that it names, in ${RUNS} profiles with filters`, async function () {
    this.timeout(600_000);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(random, async (made) => {
        const native = run++ % 10 === 0;
        const stacks = new StackStore(native ? newNativeEngine() : new TypeScriptEngine());
        stacks.add(1000, made.early, PERIOD).add(2000, made.late, PERIOD);
        const { store } = stacks;
        const window = made.onlyLate ? { fromUs: 1001, toUs: Infinity } : sinceStart;
        const taken = made.onlyLate ? made.late : [...made.early, ...made.late];
        const query: Query = { ...window, hiddenKinds: made.hiddenKinds };
        const analysis = new Analysis(store);
        await checkTables(analysis, window, await store.callTree(window));
        await checkTerminal(store, query);

        const by = made.focusBy;
        const row =
          by === 'nothing'
            ? undefined
            : (await analysis.report(window, by, 'phase')).rows.at(made.row);
        if (row && by !== 'nothing') analysis.focus({ by, name: row.name, kind: row.kind });
        const received = await analysis.profile.callTree(query);
        const whole = prepare(received, received.whole, received.wholeSamples);
        assert.equal(whole.wholeSamples, sum(taken.map(({ count = 1 }) => count)));
        if (row) assert.equal(whole.totalSamples[0], row.samples);
        const truth = row ? undefined : trueKinds(taken, made.hiddenKinds);

        const found = new Uint8Array(allWords.length + 2);
        found[made.search] = 1;
        for (const tree of [whole, onlyFound(whole, found)]) {
          checkLegend(tree, tree === whole ? truth : undefined);
          checkTooltip(tree, made.node % tree.size, made.zoom % tree.size);
          checkFunctions(tree);
          assert.equal(tree.samples, tree.totalSamples[0]);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
