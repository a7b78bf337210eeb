/** However a session ends, the probe is gone within 2 s and leaves nothing attached. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FailureKind } from '../../extension/probe/generated/acupoint_pb';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { probePath } from './binary';
import { keepBusy, type Nginx, startNginx } from './nginx';
import { WireSession } from './wire-session';

const LIMIT_MS = 2000;
/** Of a pipe on Linux; node's hold more. */
const PIPE_BYTES = 65_536;

/** Says whether a process has filled what nobody reads: it wrote much, and nothing since the last look. */
function isBlocked(pid: number): () => boolean {
  let before = 0;
  return () => {
    const [, written] = /^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? [];
    const same = Number(written) === before && before > PIPE_BYTES;
    before = Number(written);
    return same;
  };
}

describe('the end of a session', () => {
  let nginx: Nginx;
  let session: WireSession;
  before(async () => {
    nginx = await startNginx();
  });
  after(() => nginx.stop());
  afterEach(() => session.end());

  async function started(options: ConstructorParameters<typeof WireSession>[0] = {}) {
    session = new WireSession(options);
    await session.next('hello');
    await session.ask(
      {
        case: 'start',
        value: { target: { case: 'master', value: nginx.pid }, rateHz: 99 },
      },
      'started',
    );
  }

  it('comes with the end of stdin', async () => {
    await started();
    session.child.stdin.end();
    assert.ok((await session.timeToExit()) < LIMIT_MS);
    assert.equal(await session.exited, 0);
  });

  it('comes when nobody reads any more', async () => {
    await started();
    session.child.stdout.destroy();
    assert.ok((await session.timeToExit()) < LIMIT_MS);
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`comes with ${signal}`, async () => {
      await started();
      session.child.kill(signal);
      assert.ok((await session.timeToExit()) < LIMIT_MS);
    });
  }

  it('comes when nothing is heard', async () => {
    session = new WireSession({ heartbeatLimit: true });
    await session.next('hello');
    const ms = await session.timeToExit();
    assert.ok(ms < LIMIT_MS, `${ms} ms`);
    assert.equal(session.child.exitCode, 75);
  });

  it('does not come while pings do', async () => {
    await started({ heartbeatLimit: true });
    const began = performance.now();
    let sentUs = 0n;
    const ping = async () => {
      const pong = await session.ask({ case: 'ping', value: { sentUs: ++sentUs } }, 'pong');
      assert.equal(pong.sentUs, sentUs);
      return performance.now() - began > LIMIT_MS + 400;
    };
    await waitFor('more time than the probe bears silence', ping, { everyMs: 300 });
    assert.equal(session.child.exitCode, null);
  });

  it('comes with the end of stdin even when stdout is full', async () => {
    session = new WireSession({ read: false });
    const busy = keepBusy(nginx);
    try {
      session.send({
        case: 'start',
        value: { target: { case: 'master', value: nginx.pid }, rateHz: 4999 },
      });
      const path = '/proc/self/maps';
      // More answers than the pipe holds: from here on the probe cannot write.
      for (let i = 0; i < 200; i++) {
        session.send({ case: 'readFile', value: { pid: process.pid, path: path.repeat(20) } });
        session.send({ case: 'ping', value: { sentUs: 1n } });
      }
      for (let i = 0; i < 4; i++) {
        session.send({ case: 'readFile', value: { pid: process.pid, path: process.execPath } });
      }
      await waitFor('the probe to fill its output', isBlocked(session.child.pid!), {
        everyMs: 100,
      });
      session.child.stdin.end();
      assert.ok((await session.timeToExit()) < LIMIT_MS);
    } finally {
      await busy.stop();
    }
  });

  for (const [how, args] of [
    ['eof', ['--no-heartbeat-limit']],
    ['silence', []],
  ] as const) {
    it(`comes even when the probe is stuck (${how})`, () => {
      session = new WireSession();
      const script = join(repositoryRoot, 'test/native/stuck.py');
      const output = execFileSync('/usr/bin/python3', [script, how, probePath(), 'serve', ...args]);
      assert.ok(Number(output) * 1000 < LIMIT_MS, `${output.toString()} s`);
    });
  }

  it('comes with a failure when the input is not of the protocol', async () => {
    session = new WireSession();
    await session.next('hello');
    session.child.stdin.write('GET / HTTP/1.1\r\n\r\n'.repeat(1000));
    const failure = await session.next('failure');
    assert.equal(failure.request, 0);
    assert.equal(failure.kind, FailureKind.FAILURE_BAD_REQUEST);
    assert.ok((await session.timeToExit()) < LIMIT_MS);
    assert.equal(await session.exited, 1);
  });

  it('comes with a failure when every traced process has gone', async () => {
    const other = await startNginx();
    session = new WireSession();
    await session.ask(
      {
        case: 'start',
        value: { target: { case: 'master', value: other.pid }, rateHz: 99 },
      },
      'started',
    );
    await other.stop();
    const failure = await session.next('failure');
    assert.equal(failure.kind, FailureKind.FAILURE_TARGETS_GONE);
    assert.equal(failure.request, 0);
    assert.ok((await session.timeToExit()) < LIMIT_MS);
  });
});
