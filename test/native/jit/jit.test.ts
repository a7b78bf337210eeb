/** Traces that LuaJIT gave up and why, by line, against what it says itself in the same process. */
import assert from 'node:assert/strict';
import { waitFor } from '../../fixtures/wait';
import { luajit, luajit2 } from '../../truth/packages';
import { Seen } from './seen';
import {
  type Abort,
  type Case,
  casesOf,
  type GivenUp,
  type JitTarget,
  type Ledger,
  marksOf,
  startJitTarget,
} from './target';

const FILES = ['aborts.lua', 'limits.lua', 'given_up.lua'];

const textsOf = (aborts: readonly Abort[]) =>
  aborts.map(({ reason, file, line }) => `${file}:${line} ${reason}`);
const placeTexts = (places: readonly GivenUp[]) =>
  places.map(({ file, line, kind }) => `${file}:${line} ${kind}`).sort();

/** Added up by reason and line. */
function countTexts(aborts: readonly Abort[]): string[] {
  const sums = new Map<string, number>();
  textsOf(aborts).forEach((text, i) => {
    sums.set(text, (sums.get(text) ?? 0) + (aborts[i]?.count ?? 0));
  });
  return [...sums].map(([text, count]) => `${text}: ${count}`).sort();
}

function since(before: Ledger, after: Ledger): Abort[] {
  const known = new Map(before.aborts.map(({ id, count }) => [id, count]));
  return after.aborts
    .map((row) => ({ ...row, count: row.count - (known.get(row.id) ?? 0) }))
    .filter(({ count }) => count > 0);
}

for (const program of [luajit2, luajit]) {
  describe(`the health of the compiler of ${program.name}`, function () {
    this.timeout(60_000);
    let target: JitTarget;
    let seen: Seen;

    afterEach(async () => {
      await seen?.session.end();
      await target?.stop();
    });

    /** Where a case is compiled depends on counters that others share: it may need some tries. */
    async function provoke({ name, aborts }: Case): Promise<Ledger> {
      for (let tries = 1; ; tries++) {
        const ledger = await target.run(name);
        const seenBy = textsOf(ledger.aborts);
        if (aborts.every((mark) => seenBy.includes(mark))) return ledger;
        assert.ok(tries < 10, `${name}: not ${aborts.join()} but ${seenBy.join()}`);
      }
    }

    /** All of it, and no more a while later. */
    async function assertSeen(file: string, aborts: readonly Abort[]): Promise<void> {
      const off = [file, 'ledger.lua'].flatMap((each) => marksOf(each, 'given up'));
      const places = [
        ...placeTexts(target.ledger().blacklisted),
        ...off.filter((mark) => mark.endsWith(' off')),
      ].sort();
      const expected = { aborts: countTexts(aborts), blacklisted: places };
      const found = () => ({
        aborts: countTexts(seen.aborts()),
        blacklisted: placeTexts(seen.blacklisted()),
      });
      const done = () => JSON.stringify(found()) === JSON.stringify(expected);
      await waitFor('all of it', done, { timeoutMs: 8000 }).catch(() => undefined);
      assert.deepEqual(found(), expected);
      await seen.nextVm();
      assert.deepEqual(found(), expected);
      for (const mark of marksOf(file, 'given up')) assert.ok(places.includes(mark), mark);
    }

    for (const file of FILES) {
      it(`is found for what happened before, in ${file}`, async () => {
        target = await startJitTarget(program(), file);
        for (const each of casesOf(file)) await provoke(each);
        seen = new Seen();
        await seen.start({ case: 'pid', value: target.pid });
        await assertSeen(file, target.ledger().aborts);
      });

      it(`is found for what happens now, in ${file}`, async () => {
        target = await startJitTarget(program(), file);
        seen = new Seen();
        await seen.start({ case: 'pid', value: target.pid });
        const aborts: Abort[] = [];
        for (const each of casesOf(file)) {
          const before = target.ledger();
          aborts.push(...since(before, await provoke(each)));
          const all = () => seen.aborts().reduce((sum, { count }) => sum + count, 0);
          const wanted = aborts.reduce((sum, { count }) => sum + count, 0);
          await waitFor(`the aborts of ${each.name}`, () => all() >= wanted, {
            describe: () => JSON.stringify([countTexts(aborts), countTexts(seen.aborts())]),
          });
        }
        await assertSeen(file, aborts);
      });
    }

    it('counts traces, machine code against its limits, and flushes', async () => {
      target = await startJitTarget(program(), 'flushes.lua');
      seen = new Seen();
      await seen.start({ case: 'pid', value: target.pid });
      let vm = await seen.nextVm();
      assert.equal(vm.flushes, 0);
      for (const { name } of casesOf('flushes.lua')) {
        const { flushes, traces } = await target.run(name);
        vm = await seen.nextVm((next) => next.flushes >= flushes && next.traces === traces);
        assert.equal(vm.flushes, flushes, name);
        if (name === 'traces') assert.equal(vm.maxTraces, 20);
      }
      assert.equal(vm.machineCodeLimit, 65536);
      assert.ok(vm.traces > 100 && vm.machineCodeBytes > 10_000, JSON.stringify(vm));
      assert.ok(vm.machineCodeBytes <= vm.machineCodeLimit, JSON.stringify(vm));
      assert.deepEqual([vm.hotloop, vm.hotexit], [56, 10]);
    });

    it('is good where all is compiled', async () => {
      target = await startJitTarget(program(), 'fine.lua');
      const { traces } = await target.run('');
      seen = new Seen();
      await seen.start({ case: 'pid', value: target.pid });
      await assertSeen('fine.lua', []);
      const vm = await seen.nextVm();
      assert.ok(traces > 3);
      assert.deepEqual([vm.traces, vm.flushes], [traces, 0]);
      const { instruments } = await seen.session.next('batch', (b) => b.instruments.length > 0);
      assert.equal(instruments[0]?.instrument, 'jit');
      assert.equal(instruments[0]?.missing, '');
      assert.equal(instruments[0]?.watchedUs, instruments[0]?.elapsedUs);
    });
  });
}
