/** Workers of a gateway, each with a compiler of its own; and the state of the instrument. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../../fixtures/wait';
import { type Nginx, startNginx } from '../nginx';
import { Seen } from './seen';
import { casesOf, luaFolder } from './target';

const FILE = 'aborts.lua';
/** Of those that are compiled wherever their counters stand. */
const CASES = ['closure', 'nil_key', 'struct_by_value'];

describe('the health of the compilers of a gateway', function () {
  this.timeout(60_000);
  let nginx: Nginx;
  let seen: Seen;

  before(async () => {
    // A function that is collected is not known any more.
    const load = `local run = assert(loadfile("PREFIX/${FILE}")) package.loaded.kept = run`;
    const calls = CASES.map((name) => `run("${name}")`).join(' ');
    nginx = await startNginx({
      workers: 2,
      files: { [FILE]: readFileSync(join(luaFolder, FILE), 'utf8') },
      http: `init_worker_by_lua_block { ${load} ${calls} }`,
    });
  });
  after(() => nginx.stop());
  beforeEach(async () => {
    seen = new Seen();
    await seen.start({ case: 'master', value: nginx.pid });
  });
  afterEach(() => seen.session.end());

  it('is known of each worker, by line', async () => {
    const wanted = casesOf(FILE)
      .filter(({ name }) => CASES.includes(name))
      .flatMap(({ aborts }) => aborts)
      .map((mark) => mark.replace(luaFolder, nginx.prefix))
      .sort();
    const found = (pid: number) =>
      seen
        .aborts(pid)
        .map(({ file, line, reason }) => `${file}:${line} ${reason}`)
        .sort();
    for (const pid of nginx.workers()) {
      await waitFor(`the aborts of ${pid}`, () => found(pid).length >= wanted.length);
      assert.deepEqual(found(pid), wanted);
      assert.ok(seen.vms().some((vm) => vm.pid === pid));
    }
  });

  it('is told until it is switched off, and its sums once more', async () => {
    const after = seen.session.received.length;
    const off = { case: 'watch', value: { instrument: 'jit', on: false } } as const;
    seen.session.send(off);
    const { instruments } = await seen.session.next(
      'batch',
      (batch) => batch.instruments.some(({ on }) => !on),
      after,
    );
    const [state] = instruments;
    const events = seen.aborts().reduce((sum, { count }) => sum + count, 0);
    assert.equal(state?.instrument, 'jit');
    assert.equal(Number(state?.events), events);
    assert.equal(state?.lostEvents, 0n);
    assert.equal(state?.missing, '');
    const count = seen.vms().length;
    const seenBatches = seen.session.received.length;
    await seen.session.next('batch', ({ health }) => health !== undefined, seenBatches);
    assert.equal(seen.vms().length, count);
  });
});
