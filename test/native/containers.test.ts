/** A probe in a container: which processes it sees, and why it may not do what it may not. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FailureKind, NoticeKind, Sampler } from '../../extension/probe/generated/acupoint_pb';
import { startLeashed } from '../fixtures/leash';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { probeForAnyone } from './binary';
import { childrenOf, keepBusy, type Nginx, startNginx } from './nginx';
import { WireSession } from './wire-session';

const STRANGER = 65_533;
/** Words that no text to root may have. */
const OTHER_PEOPLES_WAYS = /sudo|setcap|as root \(|acupoint install|Linux 5\.10|on this host/;

const startOf = (pid: number) =>
  ({ case: 'start', value: { target: { case: 'master', value: pid }, rateHz: 99 } }) as const;

describe('a probe in a container', () => {
  before(function () {
    if (process.getuid?.() !== 0) this.skip();
  });

  for (const sampler of ['bpf', 'perf', 'ptrace'] as const) {
    it(`samples nginx of a container below it: ${sampler}`, async () => {
      const outer = startLeashed('unshare', [
        ...['--pid', '--fork', '--mount-proc', '--kill-child', 'sleep', 'infinity'],
      ]);
      let nginx: Nginx | undefined;
      let session: WireSession | undefined;
      try {
        const init = await waitFor('the outer container', () => firstProcessOf(outer.group));
        const inside = ['nsenter', '-t', String(init), '-p', '-m', '--'];
        nginx = await startNginx({
          through: [...inside, 'unshare', '--pid', '--fork', '--kill-child'],
        });
        const busy = keepBusy(nginx);
        session = new WireSession({ through: inside, sampler });
        const { masters } = await session.ask({ case: 'list', value: {} }, 'listing');
        const config = `${nginx.prefix}/nginx.conf`;
        const master = masters.find(({ configFile }) => configFile === config);
        assert.ok(master && master.workers.length === 1);
        const { pids } = await session.ask(startOf(master.pid), 'started');
        assert.deepEqual(pids, [master.workers[0]?.pid]);
        const { health } = await session.next(
          'batch',
          (batch) => (batch.health?.samples ?? 0n) > 20n,
        );
        assert.ok((health?.luaSamples ?? 0n) > 0n);
        await busy.stop();
      } finally {
        await session?.end();
        await nginx?.stop();
        await outer.stop();
      }
    });
  }

  it('with the host’s /proc is told why its numbers do not fit', async () => {
    const nginx = await startNginx();
    const through = ['unshare', '--pid', '--fork', '--kill-child'];
    const session = new WireSession({ through });
    try {
      const { text } = await session.refusal(startOf(nginx.pid));
      assert.match(text, /another pid namespace.*--pid=host/);
    } finally {
      await session.end();
      await nginx.stop();
    }
  });

  describe('that forbids', () => {
    let nginx: Nginx;
    let folder: string;
    let session: WireSession;
    let deny: string;
    before(async function () {
      if (process.getuid?.() !== 0) this.skip();
      nginx = await startNginx({ user: 'nobody nogroup' });
      folder = mkdtempSync(join(tmpdir(), 'acupoint-deny-'));
      deny = join(folder, 'deny');
      execFileSync('cc', ['-O1', '-o', deny, join(repositoryRoot, 'test/native/deny.c')]);
    });
    after(async () => {
      await nginx?.stop();
      if (folder) rmSync(folder, { recursive: true, force: true });
    });
    afterEach(() => session.end());

    const without = (...capabilities: string[]) => [
      ...['setpriv', `--bounding-set=${capabilities.map((name) => `-${name}`).join()}`],
      ...['--inh-caps=-all', '--'],
    ];

    for (const error of ['EPERM', 'ENOSYS']) {
      it(`BPF by seccomp (${error}): perf events take over, and the words name the profile`, async () => {
        session = new WireSession({ through: [deny, error, 'bpf', '--'] });
        const { sampler } = await session.ask(startOf(nginx.pid), 'started');
        assert.equal(sampler, Sampler.PERF_RING);
        const { text } = await session.next(
          'notice',
          ({ kind }) => kind === NoticeKind.NOTICE_SAMPLER_FELL_BACK,
        );
        assert.match(
          text,
          /seccomp filter.*seccomp profile that allows bpf.*or trace from the host/,
        );
        assert.doesNotMatch(text, OTHER_PEOPLES_WAYS);
      });

      it(`all ways by seccomp (${error}): it fails by that name`, async () => {
        const calls = ['bpf', 'perf_event_open', 'ptrace'];
        session = new WireSession({ through: [deny, error, ...calls, '--'] });
        const { kind, text } = await session.refusal(startOf(nginx.pid));
        assert.equal(kind, FailureKind.FAILURE_PRIVILEGE);
        assert.match(text, /seccomp filter.*--security-opt seccomp=/);
        assert.doesNotMatch(text, OTHER_PEOPLES_WAYS);
      });
    }

    it('capabilities: it names them, and the options that give them', async () => {
      session = new WireSession({ through: without('bpf', 'perfmon', 'sys_admin', 'sys_ptrace') });
      const { missing } = await session.next('hello');
      const { text } = await session.refusal(startOf(nginx.pid));
      assert.match(text, /as root but without CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE/);
      assert.match(text, /--cap-add BPF --cap-add PERFMON --cap-add SYS_PTRACE/);
      for (const said of [text, ...missing.map(({ remedy }) => remedy)])
        assert.doesNotMatch(said, OTHER_PEOPLES_WAYS);
    });

    it('some capabilities: it asks for no more than these', async () => {
      session = new WireSession({ through: without('bpf', 'sys_admin') });
      await session.ask(startOf(nginx.pid), 'started');
      const { text } = await session.next('notice');
      assert.match(text, /without CAP_BPF\. .*--cap-add BPF \(/);
      assert.doesNotMatch(text, OTHER_PEOPLES_WAYS);
    });

    it('what a rootless container lacks: it says that no option there helps', async () => {
      session = new WireSession({ through: ['unshare', '--user', '--map-root-user'] });
      const { text } = await session.refusal(startOf(nginx.pid));
      assert.match(text, /root of a user namespace.*Trace from the host/);
      assert.doesNotMatch(text, /sudo|--cap-add/);
    });
  });

  describe('or a user from whom /proc hides others', () => {
    const hidden = (...as: string[]) => [
      ...['unshare', '-m', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$@"', 'sh'],
      ...as,
    ];
    const stranger = [
      ...['setpriv', `--reuid=${STRANGER}`, `--regid=${STRANGER}`, '--clear-groups', '--'],
    ];
    let nginx: Nginx;
    let session: WireSession;
    before(async () => {
      nginx = await startNginx();
    });
    after(() => nginx.stop());
    afterEach(() => session.end());

    it('is not told that a process is gone which is hidden', async () => {
      session = new WireSession({ through: hidden(...stranger) }, probeForAnyone());
      const { missing } = await session.next('hello');
      assert.ok(
        missing.some(({ what, why }) => what.startsWith('processes') && /hidepid/.test(why)),
      );
      const there = await session.refusal(startOf(nginx.pid));
      assert.equal(there.kind, FailureKind.FAILURE_PRIVILEGE);
      assert.match(there.text, /runs, but \/proc hides it from this user \(hidepid\)/);
      const gone = await session.refusal(startOf(4_194_303));
      assert.equal(gone.kind, FailureKind.FAILURE_NO_SUCH_PROCESS);
    });

    it('is no matter to root', async () => {
      session = new WireSession({ through: hidden() });
      const { missing } = await session.next('hello');
      assert.ok(!missing.some(({ why }) => /hidepid/.test(why)));
      const { pids } = await session.ask(startOf(nginx.pid), 'started');
      assert.deepEqual(pids, nginx.workers());
    });
  });
});

/** The child of `unshare --fork`, whose own parent is the shell that leads the group. */
function firstProcessOf(group: number): number | undefined {
  for (let pids = [group]; pids.length > 0; pids = pids.flatMap(childrenOf)) {
    const found = pids.find((pid) => commandOf(pid) === 'sleep infinity');
    if (found !== undefined) return found;
  }
  return undefined;
}

function commandOf(pid: number): string {
  return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim();
}
