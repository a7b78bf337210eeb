/** After its start the probe has what each verb needs and nothing else, in every thread. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../../fixtures/wait';
import { probeForAnyone, probePath } from '../binary';
import { startNginx, type Nginx } from '../nginx';
import { withScript } from '../trace/recording';
import { WireSession } from '../wire-session';
import { CAP, capabilities, commandOf, threadsOf, withDescendants } from './status';

const NONE = capabilities();
const FILE_RIGHTS = [CAP.dacReadSearch, CAP.setgid, CAP.setuid, CAP.checkpointRestore];
const TO_READ = [...FILE_RIGHTS, CAP.sysPtrace];
const TO_TRACE = [...TO_READ, CAP.perfmon, CAP.bpf];
/** Capabilities that an administrator grants a file at least. */
const GRANTED = [CAP.sysPtrace, CAP.perfmon, CAP.bpf];
const GRANTED_TEXT = 'cap_bpf,cap_perfmon,cap_sys_ptrace';
const ORDINARY = 61_999;

interface Expected {
  readonly reader: readonly number[];
  readonly keeper: readonly number[];
  /** Without CAP_SETPCAP nobody can narrow his bounds; no_new_privs makes them void. */
  readonly narrows: boolean;
}

function assertConfined(pid: number, { reader, keeper, narrows }: Expected): void {
  const [first, ...others] = withDescendants(pid);
  assert.equal(others.length, 1, 'the reader has one child, the keeper');
  for (const [process, kept] of [
    [first!, reader],
    [others[0]!, keeper],
  ] as const) {
    const set = capabilities(...kept);
    for (const thread of threadsOf(process)) {
      const { CapInh, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs, Seccomp, oomScoreAdj } = thread;
      assert.deepEqual(
        { CapInh, CapPrm, CapEff, CapAmb, NoNewPrivs, Seccomp, oomScoreAdj },
        {
          CapInh: NONE,
          CapPrm: set,
          CapEff: set,
          CapAmb: NONE,
          NoNewPrivs: '1',
          Seccomp: '2',
          oomScoreAdj: 1000,
        },
      );
      if (narrows) assert.equal(CapBnd, NONE);
    }
  }
}

/** The probe itself below what it was started through. */
async function probeBelow(pid: number): Promise<number> {
  return waitFor('the probe', () =>
    withDescendants(pid).find((each) => commandOf(each) === 'acupoint-probe'),
  );
}

/** A process may end while it is looked at. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function isSplit(pid: number): boolean {
  const processes = withDescendants(pid);
  return processes.length === 2 && processes.every((each) => threadsOf(each)[0]?.Seccomp === '2');
}

/** Of the files that a process has open by a path: those that it could write to. */
function writableFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
    const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
    const flags = parseInt(/^flags:\s+(\d+)/m.exec(info)?.[1] ?? '0', 8);
    return target.startsWith('/') && target !== '/dev/null' && (flags & 3) !== 0 ? [target] : [];
  });
}

describe('the probe after its start', () => {
  let nginx: Nginx;
  let folder: string;
  let session: WireSession | undefined;
  let child: ChildProcess | undefined;

  before(async () => {
    nginx = await startNginx();
    folder = mkdtempSync(join(tmpdir(), 'acupoint-confine-'));
    chmodSync(folder, 0o755);
  });
  afterEach(async () => {
    await session?.end();
    session = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    child = undefined;
  });
  after(async () => {
    await nginx.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function grantedFile(): string {
    const file = join(folder, 'acupoint-probe');
    if (existsSync(file)) return file;
    copyFileSync(probePath(), file);
    chmodSync(file, 0o755);
    execFileSync('setcap', [`${GRANTED_TEXT}+ep`, file]);
    return file;
  }

  async function trace(watch: boolean): Promise<void> {
    await session!.ask(
      { case: 'start', value: { target: { case: 'master', value: nginx.pid }, rateHz: 99 } },
      'started',
    );
    if (!watch) return;
    session!.send({ case: 'watch', value: { instrument: 'allocations', on: true } });
    await nginx.load();
    await session!.next('batch', ({ instruments }) => instruments.length > 0);
  }

  describe('by serve', () => {
    it('as root', async () => {
      session = new WireSession();
      await session.next('hello');
      const expected = { reader: [], keeper: TO_TRACE, narrows: true };
      assertConfined(session.pid, expected);
      assert.ok(threadsOf(session.pid)[0]!.uid >= 65_534, 'the reader owns nothing');
      await trace(true);
      assertConfined(session.pid, expected);
    });

    it('by sudo', async () => {
      session = new WireSession({ through: ['sudo', '-n'] });
      await session.next('hello');
      await trace(false);
      const pid = await probeBelow(session.pid);
      assertConfined(pid, { reader: [], keeper: TO_TRACE, narrows: true });
    });

    it('with file capabilities', async () => {
      session = new WireSession({ as: ORDINARY }, grantedFile());
      await session.next('hello');
      await trace(true);
      assertConfined(session.pid, { reader: [CAP.sysPtrace], keeper: GRANTED, narrows: false });
    });

    it('with file capabilities that open the memory of others', async () => {
      const file = join(folder, 'acupoint-probe-opens');
      copyFileSync(probePath(), file);
      chmodSync(file, 0o755);
      execFileSync('setcap', [`${GRANTED_TEXT},cap_dac_read_search+ep`, file]);
      session = new WireSession({ as: ORDINARY }, file);
      await session.next('hello');
      await trace(true);
      const keeper = [...GRANTED, CAP.dacReadSearch];
      assertConfined(session.pid, { reader: [], keeper, narrows: false });
    });

    it('without privilege', async () => {
      session = new WireSession({ as: ORDINARY });
      await session.next('hello');
      assertConfined(session.pid, { reader: [], keeper: [], narrows: false });
    });

    it('with the sampler that stops threads, which alone may trace', async () => {
      session = new WireSession({ sampler: 'ptrace' });
      await session.next('hello');
      await trace(false);
      const keeper = [...TO_TRACE, CAP.sysNice];
      assertConfined(session.pid, { reader: [CAP.sysPtrace], keeper, narrows: true });
    });

    it('with the sampler that reads rings', async () => {
      session = new WireSession({ sampler: 'perf' });
      await session.next('hello');
      await trace(false);
      const keeper = [...TO_TRACE, CAP.sysNice];
      assertConfined(session.pid, { reader: [CAP.ipcLock], keeper, narrows: true });
    });

    it('while it takes a heap snapshot, whose reader of the copy has nothing', () =>
      withScript('../confine/full.lua', [], async (full) => {
        session = new WireSession({ read: false });
        await waitFor('the keeper', () => withDescendants(session!.pid).length === 2);
        session.send({ case: 'takeHeap', value: { pid: full, maxPauseMs: 5000 } });
        // Nobody reads, so it does not end.
        const threads = await waitFor('the walk', () =>
          unlessGone(() =>
            withDescendants(session!.pid)
              .slice(2)
              .map(threadsOf)
              .find((each) => each.every(({ CapPrm }) => CapPrm === NONE)),
          ),
        );
        for (const { CapEff, CapBnd, Seccomp, NoNewPrivs } of threads) {
          assert.deepEqual([CapEff, CapBnd, Seccomp, NoNewPrivs], [NONE, NONE, '2', '1']);
        }
      }));
  });

  for (const way of [
    'as root',
    'by sudo',
    'with file capabilities',
    'without privilege',
  ] as const) {
    const isRoot = way === 'as root' || way === 'by sudo';
    const granted = way === 'with file capabilities';

    /** Its process, however it was started; nobody reads what it says. */
    async function start(...args: string[]): Promise<number> {
      const binary = granted ? grantedFile() : isRoot ? probePath() : probeForAnyone();
      const identity = isRoot ? {} : { uid: ORDINARY, gid: ORDINARY };
      const [command, ...rest] = way === 'by sudo' ? ['sudo', '-n', binary] : [binary];
      child = spawn(command, [...rest, ...args], {
        stdio: ['ignore', 'pipe', 'ignore'],
        ...identity,
      });
      child.stdout!.pause();
      return probeBelow(child.pid!);
    }

    function expected(keeper: readonly number[]): Expected {
      if (granted) {
        const kept = GRANTED.filter((each) => keeper.includes(each));
        return { reader: [CAP.sysPtrace], keeper: kept, narrows: false };
      }
      return { reader: [], keeper: isRoot ? keeper : [], narrows: isRoot };
    }

    /** Of the own user, for whoever may look at nobody else's. */
    function target(use: (pid: number) => Promise<void>): Promise<void> {
      const as = way === 'without privilege' ? ORDINARY : undefined;
      return withScript('../confine/full.lua', [], use, as);
    }

    it(`by list, ${way}`, async () => {
      const pid = await start('list');
      await waitFor('the split', () => unlessGone(() => isSplit(pid)), { everyMs: 3 });
      assertConfined(pid, expected(TO_READ));
    });

    it(`by heap, ${way}, once it reads the copy`, () =>
      target(async (worker) => {
        const pid = await start('heap', '--pid', String(worker));
        // A pipe that nobody reads holds it there, behind its second filter.
        const threads = await waitFor('the walk', () =>
          unlessGone(() =>
            threadsOf(pid).every(({ filters }) => filters === '2') ? threadsOf(pid) : undefined,
          ),
        );
        assert.deepEqual(withDescendants(pid), [pid]);
        for (const { CapEff, CapPrm, CapAmb, CapBnd, NoNewPrivs, Seccomp } of threads) {
          assert.deepEqual([CapEff, CapPrm, CapAmb], [NONE, NONE, NONE]);
          if (isRoot) assert.equal(CapBnd, NONE);
          assert.deepEqual([NoNewPrivs, Seccomp], ['1', '2']);
        }
      }));
  }

  it('has no file open for writing, and no memory that it could write and run', async () => {
    session = new WireSession();
    await session.next('hello');
    await trace(true);
    for (const pid of withDescendants(session.pid)) {
      assert.deepEqual(writableFiles(pid), []);
      assert.doesNotMatch(readFileSync(`/proc/${pid}/maps`, 'utf8'), /\srwx/);
    }
  });

  it('ends when its keeper does, and the keeper with it', async () => {
    session = new WireSession();
    await session.next('hello');
    const [, keeper] = withDescendants(session.pid);
    process.kill(keeper!, 'SIGKILL');
    session.send({ case: 'list', value: {} });
    assert.equal(await session.exited, 71);
    assert.match(session.stderr, /keeper has ended/);
    session = new WireSession();
    await session.next('hello');
    const [reader, second] = withDescendants(session.pid);
    process.kill(reader!, 'SIGKILL');
    await session.exited;
    // Whoever inherits it may be late to bury it.
    await waitFor(
      'the end of the keeper',
      () =>
        !/^State:\s+[^Z]/m.test(
          unlessGone(() => readFileSync(`/proc/${second!}/status`, 'utf8')) ?? '',
        ),
    );
  });

  it('runs for a user without privilege, who may not read the probe', async () => {
    child = spawn(probeForAnyone(), ['list'], { uid: ORDINARY, gid: ORDINARY, stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0);
  });
});
