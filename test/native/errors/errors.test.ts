/** Exceptions, ended requests and lines of the error log against what a gateway was asked to do. */
import assert from 'node:assert/strict';
import { startWrongGateway, type WrongGateway } from '../../fixtures/errors/start';
import { Watched, type Wrong } from './watched';

const NULL = '0';
const UNCAUGHT = '1';
const CAUGHT = '2';

/** Each throws once at the line of its name, with such a message. */
const MESSAGES: Readonly<Record<string, RegExp>> = {
  text: /wrongs\.lua:\d+: no such order$/,
  raised: /^with level 2$/,
  object: /^\(table\)$/,
  index: /wrongs\.lua:\d+: attempt to index upvalue 'nothing' \(a nil value\)$/,
  asserted: /wrongs\.lua:\d+: asserted so$/,
  dumped: /wrongs\.lua:\d+: unable to dump given function$/,
  number: /^\(number\)$/,
  long: /wrongs\.lua:\d+: x{100,}\.\.\.$/,
  lines: /wrongs\.lua:\d+: first$/,
  folded: /wrongs\.lua:\d+: order # is at table: #$/,
  compiled: /wrongs\.lua:\d+: attempt to perform arithmetic on local 'value' \(a nil value\)$/,
};

const TIMES = 40;
const text = ({ what, lines, count }: Wrong) => `${what.join(' ')} ${lines[0]} ${count}`;

describe('what goes wrong', function () {
  this.timeout(60_000);
  let gateway: WrongGateway;
  let watched: Watched;
  before(async () => {
    gateway = await startWrongGateway();
  });
  after(() => gateway.stop());
  afterEach(() => watched?.end());

  const sumOf = (rows: readonly Wrong[]) => rows.reduce((sum, { count }) => sum + count, 0);
  const at = (rows: readonly Wrong[], name: string) =>
    rows.filter(({ lines }) => lines[0] === gateway.line(name));

  it('is each exception at its line, also where it is caught', async () => {
    watched = await Watched.start(gateway.pid);
    for (const kind of Object.keys(MESSAGES)) await gateway.ask(`/caught/${kind}/${TIMES}`);
    const state = await watched.over();
    const rows = watched.rows('exceptions');
    for (const [kind, message] of Object.entries(MESSAGES)) {
      const own = at(rows, kind);
      assert.equal(sumOf(own), TIMES, `${kind}: ${own.map(text).join()}`);
      assert.match(own[0]!.what[0]!, message);
      assert.ok(own.every(({ what }) => what[1] === CAUGHT));
      assert.match(own[0]!.lines[1]!, /^=content_by_lua\(nginx\.conf:\d+\):2$/);
    }
    assert.equal(sumOf(rows), TIMES * Object.keys(MESSAGES).length);
    assert.equal(Number(state.lostEvents), 0);
    assert.equal(state.watchedUs, state.elapsedUs);
    const stacks = watched.stacks();
    assert.equal(
      stacks.reduce((sum, { value }) => sum + value, 0),
      sumOf(rows),
    );
    assert.ok(stacks.every(({ frames }) => frames.at(-1)?.name === '_Unwind_RaiseException'));
  });

  it('is one where compiled code calls what throws', async () => {
    watched = await Watched.start(gateway.pid);
    const known: Record<string, number> = {};
    for (const kind of ['traced', 'keyed', 'formatted', 'index', 'asserted', 'compiled'])
      known[kind] = Number((await gateway.ask(`/hot/${kind}/200`)).text);
    const state = await watched.over();
    const rows = watched.rows('exceptions');
    for (const [kind, times] of Object.entries(known)) {
      assert.ok(times > 100, `${kind}: ${times}`);
      assert.equal(sumOf(at(rows, kind)), times, rows.map(text).join());
    }
    assert.equal(Number(state.lostEvents), 0);
  });

  it('tells what nobody caught, in each phase', async () => {
    watched = await Watched.start(gateway.pid);
    for (const kind of ['text', 'object', 'compiled'])
      for (const how of ['run', 'access', 'filter', 'timer']) await gateway.ask(`/${how}/${kind}`);
    for (const kind of ['coroutine', 'handled']) await gateway.ask(`/run/${kind}`);
    await watched.until('all of them', () => sumOf(watched.rows('exceptions')) >= 15);
    await watched.over();
    const rows = watched.rows('exceptions');
    for (const kind of ['text', 'object', 'compiled']) {
      const own = at(rows, kind);
      assert.equal(sumOf(own), 4, `${kind}: ${own.map(text).join()}`);
      assert.ok(
        own.every(({ what }) => what[1] === UNCAUGHT),
        own.map(text).join(),
      );
    }
    // The value that the handler of xpcall makes is thrown; thrown again it is another exception.
    for (const kind of ['coroutine', 'handled', 'rethrown']) {
      const own = at(rows, kind);
      assert.deepEqual([sumOf(own), own[0]?.what[1]], [1, CAUGHT], own.map(text).join());
    }
    assert.match(at(rows, 'rethrown')[0]!.what[0]!, /^seen: .*handled$/);
    const aborted = watched.rows('log').filter(({ what }) => what[1] !== '');
    assert.equal(sumOf(at(aborted, 'text')), 4, aborted.map(text).join());
  });

  it('is that of each worker, however their events interleave', async () => {
    const several = await startWrongGateway('notice', 3);
    try {
      watched = await Watched.start(several.pid);
      const asked = Array.from({ length: 60 }, (_, n) =>
        several.ask(n % 2 === 0 ? '/caught/index/10' : '/run/text'),
      );
      await Promise.all(asked);
      await watched.over();
      const rows = watched.rows('exceptions');
      const counts = (name: string) => at(rows, name).map(({ what, count }) => [what[1], count]);
      assert.deepEqual(counts('index'), [[CAUGHT, 300]], rows.map(text).join());
      assert.deepEqual(counts('text'), [[UNCAUGHT, 30]], rows.map(text).join());
      const workers = new Set(watched.stacks().map(({ pid }) => pid));
      console.log(`      ${workers.size} workers`);
    } finally {
      await several.stop();
    }
  });

  it('does not guess who caught it where nginx does not say', async () => {
    const quiet = await startWrongGateway('crit');
    try {
      watched = await Watched.start(quiet.pid);
      await quiet.ask('/run/text');
      await quiet.ask('/caught/text/1');
      await watched.over();
      const rows = watched.rows('exceptions');
      assert.deepEqual(rows.map(({ what }) => what[1]).sort(), [NULL, CAUGHT]);
      assert.deepEqual(watched.rows('log'), []);
    } finally {
      await quiet.stop();
    }
  });

  it('is each response by the line that ended the request', async () => {
    watched = await Watched.start(gateway.pid);
    const known: Record<number, number> = { 200: 3, 403: 7, 404: 5, 500: 2 };
    // A sample of a request tells where its status is.
    await watched.met(() => gateway.load());
    for (const [status, times] of Object.entries(known))
      for (let n = 0; n < times; n++)
        assert.equal((await gateway.ask(`/exit/${status}`)).status, Number(status));
    assert.equal((await gateway.ask('/set')).status, 402);
    assert.equal((await gateway.ask('/tail')).status, 403);
    assert.equal((await gateway.ask('/phase')).status, 200);
    assert.equal((await gateway.ask('/run/text')).status, 500);
    await gateway.ask('/late/text');
    await watched.over();
    const rows = watched.rows('responses');
    for (const [status, times] of Object.entries(known)) {
      const own = rows.filter(
        ({ what, lines }) => what[0] === status && lines[1] === gateway.line('helper'),
      );
      assert.deepEqual([own.length, sumOf(own)], [1, times], rows.map(text).join());
      assert.match(own[0]!.lines[0]!, /^exit\.lua:/);
      assert.equal(own[0]!.lines[2], gateway.line('ends'));
    }
    const others = rows.filter(({ lines }) => lines[1] !== gateway.line('helper'));
    assert.deepEqual(
      others.map(({ what, lines, count }) => [what[0], lines.length, count]).sort(),
      [
        ['0', 2, 1],
        ['402', 2, 1],
        ['403', 1, 1],
        ['500', 2, 1],
      ],
      others.map(text).join(),
    );
  });

  it('is each line of the error log that is written, by level', async () => {
    watched = await Watched.start(gateway.pid);
    await gateway.ask('/writes/25');
    await gateway.ask('/missing/x');
    const state = await watched.over();
    const rows = watched.rows('log');
    for (const level of ['error', 'warn', 'notice'])
      assert.deepEqual(
        at(rows, level).map(({ what, count }) => [...what, count]),
        [[level, '', 25]],
        rows.map(text).join(),
      );
    assert.deepEqual(at(rows, 'debug'), []);
    const others = rows.filter(({ lines }) => lines.length === 0);
    assert.deepEqual(
      others.map(({ what }) => what),
      [['error', '%s "%s" failed']],
    );
    assert.equal(Number(state.events), 76);
  });

  it('stays within the budget where much is thrown, and says so', async () => {
    watched = await Watched.start(gateway.pid, 100);
    const thrown = Number((await gateway.ask('/storm')).text);
    const state = await watched.over();
    const rows = at(watched.rows('exceptions'), 'text');
    const part = Number(state.watchedUs) / Number(state.elapsedUs);
    console.log(
      `      ${thrown} thrown, ${sumOf(rows)} seen in ${(part * 100).toFixed(1)} % of the time`,
    );
    assert.ok(part < 1, `${part}`);
    assert.ok(sumOf(rows) > 0 && sumOf(rows) < thrown);
  });
});
