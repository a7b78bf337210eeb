/**
 * Workers that come and go while a master is traced are an ordinary thing; notices say how they
 * end.
 */
import assert from 'node:assert/strict';
import { release } from 'node:os';
import { NoticeKind } from '../../extension/probe/generated/acupoint_pb';
import { waitFor } from '../fixtures/wait';
import { keepBusy, type Nginx, startNginx } from './nginx';
import { WireSession } from './wire-session';

/** Each worker kills itself soon after its start, as soon as it has done some work. */
const CRASHING = {
  mayNotServe: true,
  http: `init_worker_by_lua_block {
    local ffi = require("ffi")
    ffi.cdef[[ int kill(int, int); int getpid(void); ]]
    local function work() for i = 1, 1e7 do local x = i % 7 end end
    jit.off(work)
    ngx.timer.at(0.2, function() work() ffi.C.kill(ffi.C.getpid(), 9) end)
  }`,
};

/** From Linux 6.15 on the kernel says it of a process that is no child. */
const [major = 0, minor = 0] = release().split('.').map(Number);
const endingsAreKnown = major > 6 || (major === 6 && minor >= 15);

const WORDS_OF_A_CHOICE = /Choose another|is gone/;

describe('workers that come and go', () => {
  let session: WireSession;
  beforeEach(() => {
    session = new WireSession();
  });
  afterEach(() => session.end());

  const startMaster = ({ pid }: Nginx) =>
    session.ask(
      { case: 'start', value: { target: { case: 'master', value: pid }, rateHz: 499 } },
      'started',
    );
  const notices = () =>
    session.received.flatMap((message) => (message.case === 'notice' ? [message.value] : []));

  it('can be traced by their master though each lives for a second', async () => {
    const nginx = await startNginx(CRASHING);
    try {
      for (let i = 0; i < 6; i++) {
        await startMaster(nginx);
        await session.ask({ case: 'stop', value: {} }, 'stopped');
      }
      await startMaster(nginx);
      const seen = new Set<number>();
      await session.next('batch', ({ stacks }) => {
        for (const rows of stacks) for (const pid of rows.pids) seen.add(pid);
        return seen.size >= 3;
      });
      if (endingsAreKnown) {
        const crash = await session.next('notice', ({ crashed }) => crashed);
        assert.equal(crash.kind, NoticeKind.NOTICE_WORKER_LEFT);
        assert.match(crash.text, /^Process \d+ was killed: signal 9 \(SIGKILL\)\.$/);
      }
      for (const { text } of notices()) assert.doesNotMatch(text, WORDS_OF_A_CHOICE);
    } finally {
      await nginx.stop();
    }
  });

  it('are waited for where a master has none', async () => {
    const nginx = await startNginx();
    const [worker] = nginx.workers();
    try {
      // A master that is stopped starts none in the place of one that ends.
      process.kill(nginx.pid, 'SIGSTOP');
      process.kill(worker!, 'SIGKILL');
      await startMaster(nginx);
      const waits = await session.next('notice', ({ text }) => /has no worker now/.test(text));
      assert.equal(waits.pid, nginx.pid);
      process.kill(nginx.pid, 'SIGCONT');
      const busy = keepBusy(nginx);
      await session.next('notice', ({ kind }) => kind === NoticeKind.NOTICE_WORKER_JOINED);
      await session.next('batch', ({ stacks }) => stacks.length > 0);
      await busy.stop();
    } finally {
      process.kill(nginx.pid, 'SIGCONT');
      await nginx.stop();
    }
  });

  for (const [signal, words] of [
    ['SIGSEGV', /^Process \d+ crashed: signal 11 \(SIGSEGV\)/],
    ['SIGTERM', /^Process \d+ has exited\.$/],
  ] as const) {
    it(`are told by how they ended: ${signal}`, async function () {
      if (!endingsAreKnown) this.skip();
      const nginx = await startNginx();
      const [worker] = nginx.workers();
      try {
        await startMaster(nginx);
        process.kill(worker!, signal);
        const left = await session.next(
          'notice',
          ({ kind, pid }) => kind === NoticeKind.NOTICE_WORKER_LEFT && pid === worker,
        );
        assert.match(left.text, words);
        assert.equal(left.crashed, signal === 'SIGSEGV');
      } finally {
        await nginx.stop();
      }
    });
  }

  it('say nothing of files while they end, through a storm of reloads', async function () {
    this.timeout(120_000);
    const nginx = await startNginx({ workers: 2 });
    const busy = keepBusy(nginx);
    try {
      await startMaster(nginx);
      for (let i = 0; i < 12; i++) {
        const before = nginx.workers();
        nginx.reload();
        await waitFor('other workers', () => {
          const workers = nginx.workers().filter((pid) => !before.includes(pid));
          return workers.length === 2;
        });
      }
      const fresh = nginx.workers();
      await session.next('batch', ({ stacks }) =>
        stacks.some(({ pids }) => pids.some((pid) => fresh.includes(pid))),
      );
      const others = notices().filter(({ kind }) => kind === NoticeKind.NOTICE_OTHER);
      assert.deepEqual(
        others.map(({ text }) => text),
        [],
      );
    } finally {
      await busy.stop();
      await nginx.stop();
    }
  });

  it('are held against the kernel’s account of their CPU time', async () => {
    const nginx = await startNginx();
    const busy = keepBusy(nginx);
    try {
      await startMaster(nginx);
      const { health } = await session.next(
        'batch',
        (batch) => (batch.health?.samples ?? 0n) > 200n,
      );
      assert.ok(health);
      const sampledUs = (Number(health.samples) * 1e6) / 499;
      // Which of both is right is not this test's concern.
      assert.ok(Number(health.targetCpuUs) > sampledUs / 2, `${health.targetCpuUs}`);
    } finally {
      await busy.stop();
      await nginx.stop();
    }
  });
});
