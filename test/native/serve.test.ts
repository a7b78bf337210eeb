import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join } from 'node:path';
import {
  FailureKind,
  NoticeKind,
  Sampler,
  WalkEnd,
} from '../../extension/probe/generated/acupoint_pb';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { childrenOf, keepBusy, type Nginx, startNginx } from './nginx';
import { WireSession } from './wire-session';

/** Whom nginx runs its workers as, and somebody else. */
const WORKERS_USER = 65_534;
const STRANGER = 65_533;

describe('serving a session', () => {
  let nginx: Nginx;
  let session: WireSession;
  before(async () => {
    nginx = await startNginx({ workers: 2 });
  });
  after(() => nginx.stop());
  beforeEach(() => {
    session = new WireSession();
  });
  afterEach(() => session.end());

  const startMaster = (pid = nginx.pid) =>
    session.ask(
      { case: 'start', value: { target: { case: 'master', value: pid }, rateHz: 99 } },
      'started',
    );

  it('says hello with what it is and where', async () => {
    const hello = await session.next('hello');
    const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    assert.equal(hello.protocol, 2);
    assert.equal(hello.probeVersion, version);
    assert.equal(hello.architecture, arch() === 'x64' ? 'x86_64' : 'aarch64');
    assert.equal(hello.kernel, release());
    assert.equal(hello.probePid, session.pid);
    assert.equal(session.received[0]?.case, 'hello');
  });

  it('sends dictionaries before what refers to them, and rows of the traced workers', async () => {
    const busy = keepBusy(nginx);
    const started = await startMaster();
    assert.equal(started.sampler, Sampler.BPF);
    assert.deepEqual([...started.pids].sort(), nginx.workers().sort());
    const { health } = await session.next('batch', (batch) => (batch.health?.samples ?? 0n) > 20n);
    const { nativeSamples = 0n, nativeComplete, walkEnds = [] } = health ?? {};
    assert.equal(
      walkEnds.reduce((sum, count) => sum + count, 0n),
      nativeSamples,
    );
    assert.ok(nativeSamples > 0n && walkEnds[WalkEnd.COMPLETE] === nativeComplete);
    await busy.stop();
    await session.ask({ case: 'stop', value: {} }, 'stopped');
    const known = { strings: 0, functions: 0, frames: 0, stacks: 0, labels: 0, series: 0 };
    let samples = 0;
    let sequence = 0;
    for (const message of session.received) {
      if (message.case !== 'batch') continue;
      const batch = message.value;
      assert.equal(batch.sequence, ++sequence);
      known.strings += batch.strings.length;
      for (const entry of batch.functions) {
        assert.ok(entry.name <= known.strings && entry.file <= known.strings);
      }
      known.functions += batch.functions.length;
      for (const frame of batch.frames) assert.ok(frame.function <= known.functions);
      known.frames += batch.frames.length;
      assert.equal(batch.stackParents.length, batch.stackFrames.length);
      batch.stackFrames.forEach((frame, i) => {
        assert.ok(frame <= known.frames);
        assert.ok((batch.stackParents[i] ?? 0) <= known.stacks);
        known.stacks++;
      });
      known.labels += batch.labels.length;
      known.series += batch.series.length;
      for (const rows of batch.stacks) {
        assert.ok(rows.series > 0 && rows.series <= known.series);
        assert.equal(rows.valuePerCount, 10_101);
        rows.stacks.forEach((stack, i) => {
          assert.ok(stack <= known.stacks);
          assert.ok((rows.labels[i] ?? 0) <= known.labels);
          assert.ok(started.pids.includes(rows.pids[i] ?? 0));
          samples += rows.counts[i] ?? 0;
        });
      }
    }
    assert.ok(samples > 10, `${samples} samples`);
  });

  it('starts again after a stop', async () => {
    await startMaster();
    await session.ask({ case: 'stop', value: {} }, 'stopped');
    const stoppedAt = session.received.length;
    await startMaster();
    const between = session.received.slice(stoppedAt).map(({ case: kind }) => kind);
    assert.ok(!between.slice(0, between.indexOf('started')).includes('batch'), between.join());
  });

  it('takes on the workers that a reload brings', async () => {
    await startMaster();
    const before = nginx.workers();
    nginx.reload();
    const fresh = await waitFor('new workers', () => {
      const workers = nginx.workers().filter((pid) => !before.includes(pid));
      return workers.length === 2 && workers;
    });
    for (const pid of fresh) {
      await session.next(
        'notice',
        (notice) => notice.kind === NoticeKind.NOTICE_WORKER_JOINED && notice.pid === pid,
      );
    }
    for (const pid of before) {
      await session.next(
        'notice',
        (notice) => notice.kind === NoticeKind.NOTICE_WORKER_LEFT && notice.pid === pid,
      );
    }
  });

  it('follows an upgrade of the executable to the new master', async () => {
    const upgraded = await startNginx({ upgradable: true });
    try {
      await startMaster(upgraded.pid);
      const second = await upgraded.upgrade();
      const [worker] = childrenOf(second);
      const heard = (kind: NoticeKind, fits: (pid: number) => boolean) =>
        session.next('notice', (notice) => notice.kind === kind && fits(notice.pid));
      await heard(NoticeKind.NOTICE_WORKER_JOINED, (pid) => pid === worker);
      process.kill(upgraded.pid, 'SIGQUIT');
      await heard(NoticeKind.NOTICE_WORKER_LEFT, (pid) => pid !== worker);
      await waitFor('the old master to leave', () => childrenOf(upgraded.pid).length === 0);
      process.kill(second, 'SIGHUP');
      await heard(NoticeKind.NOTICE_WORKER_JOINED, (pid) => pid !== worker);
      await heard(NoticeKind.NOTICE_WORKER_LEFT, (pid) => pid === worker);
      await session.ask({ case: 'stop', value: {} }, 'stopped');
    } finally {
      await upgraded.stop();
    }
  });

  it('samples a server without a master', async () => {
    const single = await startNginx({ single: true });
    const busy = keepBusy(single);
    try {
      const started = await startMaster(single.pid);
      assert.deepEqual(started.pids, [single.pid]);
      await session.next('batch', ({ stacks }) => stacks.length > 0);
    } finally {
      await busy.stop();
      await single.stop();
    }
  });

  it('lets two probes sample one worker', async () => {
    const other = new WireSession();
    const busy = keepBusy(nginx);
    try {
      await startMaster();
      await other.ask(
        {
          case: 'start',
          value: { target: { case: 'master', value: nginx.pid }, rateHz: 99 },
        },
        'started',
      );
      await session.next('batch', ({ stacks }) => stacks.length > 0);
      await other.next('batch', ({ stacks }) => stacks.length > 0);
    } finally {
      await busy.stop();
      await other.end();
    }
  });

  it('changes the rate, and says so in the period', async () => {
    const busy = keepBusy(nginx);
    await startMaster();
    await session.next('batch', ({ stacks }) => stacks.length > 0);
    session.send({ case: 'setRate', value: { rateHz: 499 } });
    await session.next('batch', ({ stacks }) => stacks[0]?.valuePerCount === 2004);
    await busy.stop();
  });

  it('lowers the rate to keep its budget, and says so', async () => {
    const busy = keepBusy(nginx);
    await session.ask(
      {
        case: 'start',
        value: { target: { case: 'master', value: nginx.pid }, rateHz: 4999, budget: 1 },
      },
      'started',
    );
    const lowered = await session.next(
      'notice',
      (notice) => notice.kind === NoticeKind.NOTICE_RATE_LOWERED,
    );
    assert.match(lowered.text, /may cost 0\.02 %: it now samples at \d+ Hz instead of 4999 Hz/);
    const batch = await session.next('batch', ({ health }) => (health?.rateHz ?? 4999) < 4999);
    await session.next(
      'batch',
      ({ stacks }) => stacks[0]?.valuePerCount === Math.floor(1e6 / (batch.health?.rateHz ?? 1)),
    );
    await busy.stop();
  });

  it('keeps the session when a request cannot be done', async () => {
    const start = (value: object) => session.refusal({ case: 'start', value } as never);
    const gone = { target: { case: 'pid', value: 4_194_303 }, rateHz: 99 };
    assert.equal((await start(gone)).kind, FailureKind.FAILURE_NO_SUCH_PROCESS);
    const notNginx = { target: { case: 'master', value: process.pid }, rateHz: 99 };
    assert.equal((await start(notNginx)).kind, FailureKind.FAILURE_NOT_NGINX);
    const tooFast = { target: { case: 'master', value: nginx.pid }, rateHz: 5000 };
    assert.equal((await start(tooFast)).kind, FailureKind.FAILURE_BAD_REQUEST);
    const stop = await session.refusal({ case: 'stop', value: {} });
    assert.equal(stop.kind, FailureKind.FAILURE_BAD_REQUEST);
    await startMaster();
    const twice = { target: { case: 'master', value: nginx.pid }, rateHz: 99 };
    assert.equal((await start(twice)).kind, FailureKind.FAILURE_BAD_REQUEST);
  });

  it('names the capability and the command where it has no privilege', async function () {
    if (process.getuid?.() !== 0) this.skip();
    await session.end();
    session = new WireSession({ as: STRANGER });
    const hello = await session.next('hello');
    assert.ok(hello.missing.some(({ what }) => what === 'CAP_BPF'));
    const failure = await session.refusal({
      case: 'start',
      value: { target: { case: 'master', value: nginx.pid }, rateHz: 99 },
    });
    assert.equal(failure.kind, FailureKind.FAILURE_PRIVILEGE);
    assert.match(failure.text, /CAP_BPF.*`acupoint install`/);
    assert.doesNotMatch(failure.text, /setcap|\//, 'no file that the user could replace');
  });

  it('samples the workers of its own user without BPF, and says what that means', async function () {
    if (process.getuid?.() !== 0) this.skip();
    await session.end();
    session = new WireSession({ as: WORKERS_USER });
    const hello = await session.next('hello');
    assert.notEqual(hello.sampler, Sampler.BPF);
    assert.ok(hello.missing.some(({ what, why }) => what === 'BPF' && why.length > 100));
    const started = await startMaster();
    assert.equal(started.sampler, hello.sampler);
    const notice = await session.next('notice');
    assert.equal(notice.kind, NoticeKind.NOTICE_SAMPLER_FELL_BACK);
    assert.match(notice.text, /^BPF cannot be used here\. /);
  });
});
