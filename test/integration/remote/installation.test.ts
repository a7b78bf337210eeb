/** `acupoint install`, its script run by root on this machine, and what ordinary users have of it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProbe, planInstallation, type ProbeSession } from '../../../extension/probe';
import { silentLog } from '../../../extension/common/log';
import { connect, type Transport } from '../../../extension/remote';
import { atExit } from '../../fixtures/sshd/at-exit';
import { repositoryRoot } from '../../fixtures/root';
import {
  addUser,
  ScriptedUser,
  startSshd,
  type Sshd,
  type ThrowAwayUser,
} from '../../fixtures/sshd';
import { waitFor } from '../../fixtures/wait';
import { childrenOf, keepBusy, startNginx } from '../../native/nginx';
import { run, startOnTerminal } from '../cli/command';

const FOLDER = '/opt/acupoint';
const RULES = '/etc/sudoers.d';
const probesDir = join(repositoryRoot, 'dist/probes');
/** CAP_SYS_PTRACE, CAP_SYSLOG, CAP_PERFMON and CAP_BPF. */
/** CAP_SYSLOG is used at the start alone. */
const kept = [19, 38, 39].reduce((set, bit) => set | (1n << BigInt(bit)), 0n);

describe('acupoint install', function () {
  this.timeout(120_000);
  let sshd: Sshd;
  const users: ThrowAwayUser[] = [];
  const transports: Transport[] = [];

  before(async () => {
    sshd = await startSshd();
  });
  afterEach(() => {
    for (const transport of transports.splice(0)) transport.dispose();
    takeAway();
    for (const user of users.splice(0)) {
      rmSync(`/tmp/acupoint-${user.uid}`, { recursive: true, force: true });
      user.remove();
    }
  });
  after(() => sshd?.stop());

  /** Without the product's help, should a test fail. */
  const takeAway = (): void => {
    rmSync(FOLDER, { recursive: true, force: true });
    for (const rule of rules()) rmSync(join(RULES, rule));
    spawnSync('groupdel', ['acupoint']);
  };
  before(() => atExit(takeAway));
  const rules = (): string[] =>
    readdirSync(RULES).filter((name) => name.startsWith('acupoint-probe-'));
  const groupExists = (): boolean => spawnSync('getent', ['group', 'acupoint']).status === 0;
  const user = (options: Parameters<typeof addUser>[0] = {}): ThrowAwayUser => {
    const added = addUser(options);
    users.push(added);
    return added;
  };
  const signIn = async (name: string): Promise<Transport> => {
    const transport = await connect(
      { kind: 'ssh', host: 'acupoint-test', user: name },
      new ScriptedUser(),
      {
        signal: new AbortController().signal,
        log: silentLog,
        stateDir: join(sshd.folder, 'state'),
        configFile: sshd.configFile,
      },
    );
    transports.push(transport);
    return transport;
  };
  const open = (transport: Transport): Promise<ProbeSession> =>
    openProbe(transport, { probesDir, signal: new AbortController().signal, log: silentLog });
  const install = async (host: string, ...more: string[]): Promise<string> => {
    const done = await run('install', host, '-F', sshd.configFile, ...more);
    assert.equal(done.code, 0, done.stderr);
    return more.includes('--now') ? done.stderr : done.stdout;
  };
  const asRoot = (script: string, env: NodeJS.ProcessEnv = process.env, cwd = '/') =>
    spawnSync('/bin/sh', ['-s'], { input: script, encoding: 'utf8', env, cwd });
  const installed = (): string =>
    join(
      FOLDER,
      readdirSync(FOLDER).find((name) => /^acu/.test(name))!,
    );
  /** Of the keeper, which has what was granted; the probe itself has given it up. */
  const statusOf = (session: ProbeSession): string =>
    readFileSync(`/proc/${childrenOf(session.hello.probePid)[0]!}/status`, 'utf8');

  it('lets a user sample by capabilities, in a file of root that nobody else may run', async () => {
    const { name, uid } = user();
    const script = await install(`${name}@acupoint-test`);
    const done = asRoot(script);
    assert.equal(done.status, 0, done.stderr);
    const file = installed();
    assert.match(done.stdout, new RegExp(`Installed ${file}, .*group acupoint`));
    const sum = execFileSync('sha256sum', [file]).toString().slice(0, 64);
    assert.ok(done.stdout.includes(`SHA-256 ${sum}`) && script.includes(sum));
    const { mode, uid: owner } = statSync(file);
    assert.deepEqual([mode & 0o7777, owner, statSync(FOLDER).mode & 0o7777], [0o750, 0, 0o755]);
    assert.deepEqual([rules(), readdirSync(FOLDER).length], [[], 2]);
    assert.equal(asRoot(script).status, 0, 'a second time');

    const nginx = await startNginx();
    const busy = keepBusy(nginx);
    try {
      const session = await open(await signIn(name));
      assert.equal(session.restriction, '');
      assert.equal(session.hello.sampler, 'BPF');
      assert.deepEqual(
        session.hello.missing.filter(({ what }) => what.startsWith('CAP_')),
        [],
      );
      const status = statusOf(session);
      assert.match(status, new RegExp(`^Uid:\\s+${uid}\\s+${uid}\\s`, 'm'));
      assert.equal(BigInt(`0x${/^CapPrm:\s+(\w+)/m.exec(status)![1]}`), kept);
      const [worker] = (await session.list()).find(({ pid }) => pid === nginx.pid)!.workers;
      let samples = 0;
      session.listen({
        batch: ({ stacks }) =>
          stacks.forEach(({ counts }) => counts.forEach((count) => (samples += count))),
      });
      const started = await session.start({
        target: { pid: worker!.pid },
        rateHz: 99,
        budgetPercent: 0,
        requestLabels: true,
      });
      assert.equal(started.sampler, 'BPF');
      await waitFor('samples', () => samples > 10);
      await session.close();
      const host = [`${name}@acupoint-test`, '-F', sshd.configFile, '--pid', String(worker!.pid)];
      for (const [verb, ...more] of [['heap'], ['allocations', '--seconds', '1']] as const) {
        const done = await run(verb, ...host, ...more);
        assert.equal(done.code, 0, `${verb}: ${done.stderr}`);
      }
      const folded = ['--seconds', '2', '--format', 'folded', '--out', '-'];
      const recorded = await run('record', ...host, ...folded);
      assert.match(recorded.stdout, /;do_syscall_64_\[k\];/, 'the kernel has names');
    } finally {
      await busy.stop();
      await nginx.stop();
    }
    assert.ok(!existsSync(`/tmp/acupoint-${uid}`), 'nothing was copied');

    const stranger = await signIn(user().name);
    await assert.rejects(open(stranger), {
      kind: 'privilege',
      message: /install the probe again.*is for a group that this user is not in/,
    });
    const refused = await stranger.exec([file, '--version']);
    assert.equal(refused.code, 126);

    assert.match(await install('acupoint-test', '--remove', '--now'), /Removed \/opt\/acupoint/);
    assert.deepEqual([existsSync(FOLDER), rules(), groupExists()], [false, [], false]);
    assert.equal(asRoot(await install('acupoint-test', '--remove')).status, 0, 'a second time');
  });

  it('lets a user sample by a sudo that allows nothing else', async () => {
    const { name, uid } = user();
    await install('acupoint-test', '--for', name, '--by', 'sudo', '--now');
    const file = installed();
    const transport = await signIn(name);
    const sudo = (...argv: string[]) => transport.exec(['sudo', '-n', '--', ...argv]);
    const more = [
      ['true'],
      ['/bin/sh'],
      [file, 'list'],
      [file, 'record', '--out', '/etc/x'],
      [file],
    ];
    for (const argv of [...more, [file, 'serve', '--sampler', 'bpf', 'x'], [file, 'serve', 'x']]) {
      assert.match((await sudo(...argv)).stderr, /password is required/, argv.join(' '));
    }
    const session = await open(transport);
    assert.equal(session.hello.sampler, 'BPF');
    assert.match(statusOf(session), /^Uid:\s+0\s/m);
    await session.close();
    const perf = await openProbe(transport, {
      probesDir,
      signal: new AbortController().signal,
      log: silentLog,
      sampler: 'perf',
    });
    assert.match(statusOf(perf), /^Uid:\s+0\s/m);
    await perf.close();
    assert.ok(!existsSync(`/tmp/acupoint-${uid}`), 'nothing was copied');

    const stranger = await signIn(user().name);
    await assert.rejects(open(stranger), {
      kind: 'privilege',
      message: /is installed, but has no capabilities .* and sudo has no rule/,
    });
    await install('acupoint-test', '--remove', '--now');
    assert.deepEqual([existsSync(FOLDER), rules(), groupExists()], [false, [], false]);
    assert.match((await sudo(file, 'serve')).stderr, /password is required/);
  });

  it('goes from one way to the other, and lets a group of the machine', async () => {
    const { name } = user();
    for (const by of ['sudo', 'capabilities', 'sudo']) {
      await install('acupoint-test', '--group', name, '--by', by, '--now');
      assert.equal(rules().length, by === 'sudo' ? 1 : 0);
      const [capabilities] = execFileSync('getcap', [installed()]).toString().split('\n');
      assert.equal(capabilities !== '', by === 'capabilities');
      assert.ok(!groupExists());
      const session = await open(await signIn(name));
      assert.equal(session.hello.sampler, 'BPF');
      await session.close();
    }
  });

  it('takes a requiretty away for the probe alone', async () => {
    const { name } = user();
    const own = `/etc/sudoers.d/${name}`;
    writeFileSync(own, `Defaults:${name} requiretty\n`, { mode: 0o440 });
    const forget = atExit(() => rmSync(own, { force: true }));
    try {
      await install('acupoint-test', '--for', name, '--by', 'sudo', '--now');
      const session = await open(await signIn(name));
      assert.match(statusOf(session), /^Uid:\s+0\s/m);
      await session.close();
    } finally {
      rmSync(own);
      forget();
    }
  });

  it('grants nothing to another name than the one that was given', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'acupoint-install-'));
    const root = await signIn('root');
    const odd = [`it's $(touch p) ALL=ALL "x"`, 'a b', '$x', '`touch p`', 'DOM\\user', 'x@dom.ain'];
    for (const name of odd) {
      execFileSync('useradd', ['--badname', '--no-create-home', name]);
      const remove = (): void => void execFileSync('userdel', ['--force', name], { stdio: 'pipe' });
      const forget = atExit(remove);
      try {
        for (const by of ['sudo', 'capabilities'] as const) {
          const { script } = await planInstallation(root, probesDir, by, { user: name });
          const done = asRoot(script, process.env, cwd);
          assert.equal(done.status, 0, done.stderr);
          if (by === 'capabilities') {
            assert.equal(
              execFileSync('getent', ['group', 'acupoint']).toString().trim().split(':')[3],
              name,
            );
            continue;
          }
          const id = execFileSync('id', ['-u', '--', name]).toString().trim();
          const rule = readFileSync(join(RULES, rules()[0]!), 'utf8');
          assert.match(rule, new RegExp(`^#${id} ALL=\\(root\\) NOPASSWD: [^"]*$`, 'm'));
          assert.equal(rule.trim().split('\n').length, 2);
        }
      } finally {
        forget();
        remove();
        takeAway();
      }
    }
    assert.deepEqual(readdirSync(cwd), []);
    rmSync(cwd, { recursive: true });
    const { script } = await planInstallation(root, probesDir, 'sudo', { user: 'no-such-user' });
    assert.match(asRoot(script).stderr, /There is no user no-such-user/);
    assert.ok(!existsSync(FOLDER));
  });

  it('does nothing where its script was cut or changed, and runs nothing of the caller', async () => {
    const { name } = user();
    const script = await install(`${name}@acupoint-test`);
    for (const length of [script.length - 8, script.length - 20, script.length >> 1, 6000, 3000]) {
      asRoot(script.slice(0, length));
      assert.ok(!existsSync(FOLDER) && !groupExists(), `cut to ${length}`);
    }
    const at = script.length - 5000;
    const changed = `${script.slice(0, at)}${script[at] === 'A' ? 'B' : 'A'}${script.slice(at + 1)}`;
    const refused = asRoot(changed);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /SHA-256 [0-9a-f]{64}, not .* Nothing was installed|is damaged/);
    assert.deepEqual([existsSync(FOLDER), groupExists()], [false, false]);

    const evil = mkdtempSync(join(tmpdir(), 'acupoint-evil-'));
    for (const tool of [
      'id',
      'uname',
      'ls',
      'mkdir',
      'sha256sum',
      'base64',
      'setcap',
      'mv',
      'cat',
    ]) {
      writeFileSync(
        join(evil, tool),
        `#!/bin/sh\ntouch ${evil}/proof\nexec /usr/bin/${tool} "$@"\n`,
      );
      chmodSync(join(evil, tool), 0o755);
    }
    writeFileSync(join(evil, 'env'), `touch ${evil}/proof\n`);
    const env = { PATH: `${evil}:/usr/bin`, ENV: join(evil, 'env'), CDPATH: evil, IFS: '/' };
    assert.equal(asRoot(script, env).status, 0);
    assert.ok(!existsSync(join(evil, 'proof')));
    rmSync(evil, { recursive: true });
  });

  it('installs nothing below a folder that others could change', async () => {
    const { name } = user();
    const script = await install(`${name}@acupoint-test`, '--by', 'sudo');
    execFileSync('mkdir', ['-m', '777', FOLDER]);
    const done = asRoot(script);
    assert.equal(done.status, 1);
    assert.match(done.stderr, /other users may write to \/opt\/acupoint, so nothing was installed/);
    assert.deepEqual([readdirSync(FOLDER), rules()], [[], []]);
  });

  it('is for root to run, and shows itself without the probe on a terminal', async () => {
    const { name } = user();
    const out = join(sshd.folder, 'install.sh');
    const written = await run('install', `${name}@acupoint-test`, '-F', sshd.configFile, '-o', out);
    assert.match(written.stderr, /sudo sh FILE\. The probe has the SHA-256 [0-9a-f]{64}/);
    const transport = await signIn(name);
    const asUser = await transport.exec(['sh', '-s'], {
      input: readFileSync(out),
    });
    assert.equal(asUser.code, 1);
    assert.match(asUser.stderr, /has to be run as root, and did nothing/);
    const now = await run('install', `${name}@acupoint-test`, '-F', sshd.configFile, '--now');
    assert.match(now.stderr, /Only root can do this at once/);
    const nobody = await run('install', 'acupoint-test', '-F', sshd.configFile);
    assert.match(nobody.stderr, /Root signed in, and needs no installation/);
    const terminal = startOnTerminal(['install', `${name}@acupoint-test`, '-F', sshd.configFile]);
    assert.equal(await terminal.ended, 0);
    assert.match(terminal.screen(), /\(\d+ characters, left out here\)/);
    assert.ok(terminal.screen().length < 12_000);
    assert.ok(terminal.screen().includes('setcap cap_bpf'));
  });
});
