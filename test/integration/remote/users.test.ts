import assert from 'node:assert/strict';
import { rawText } from '../../../extension/common/outside';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openProbe,
  removeProbe,
  type Health,
  type Notice,
  type ProbeError,
} from '../../../extension/probe';
import { silentLog } from '../../../extension/common/log';
import { connect, type Prompter, type Transport } from '../../../extension/remote';
import { repositoryRoot } from '../../fixtures/root';
import { isRunning } from '../../fixtures/running';
import {
  addUser,
  ScriptedUser,
  startSshd,
  type Sshd,
  type ThrowAwayUser,
} from '../../fixtures/sshd';
import { waitFor } from '../../fixtures/wait';
import { childrenOf, keepBusy, startNginx } from '../../native/nginx';
import { run } from '../cli/command';

const BUILT = join(repositoryRoot, 'native/probe/build/x86_64/acupoint-probe');
const signal = new AbortController().signal;

describe('users of a host', function () {
  this.timeout(60_000);
  let sshd: Sshd;
  let probesDir: string;
  const users: ThrowAwayUser[] = [];

  before(async () => {
    sshd = await startSshd({
      lines: ['PasswordAuthentication yes', 'KbdInteractiveAuthentication no'],
    });
    probesDir = mkdtempSync(join(tmpdir(), 'acupoint-probes-'));
    mkdirSync(join(probesDir, 'x86_64'));
    cpSync(BUILT, join(probesDir, 'x86_64', 'acupoint-probe'));
  });
  after(async () => {
    await sshd?.stop();
    rmSync(probesDir, { recursive: true, force: true });
    for (const user of users) user.remove();
  });

  const user = (options: Parameters<typeof addUser>[0] = {}): ThrowAwayUser => {
    const added = addUser(options);
    users.push(added);
    return added;
  };
  const signIn = (name: string, prompter: Prompter = new ScriptedUser()): Promise<Transport> =>
    connect({ kind: 'ssh', host: 'acupoint-test', user: name }, prompter, {
      signal,
      log: silentLog,
      stateDir: join(sshd.folder, 'state'),
      configFile: sshd.configFile,
    });
  const odd = ['', "it's", 'a\\b\\\\', 'line\nbreak', '$HOME `id` !! !x', '*?[a]{b}~', 'ü %s'];

  for (const shell of [
    '/bin/bash',
    '/bin/dash',
    '/usr/bin/fish',
    '/usr/bin/tcsh',
    '/usr/bin/zsh',
  ]) {
    it(`gives arguments and bytes as they are through ${shell}`, async function () {
      if (!existsSync(shell)) this.skip();
      const { name, home } = user({ shell });
      for (const file of ['.bashrc', '.zshenv', '.tcshrc', '.config/fish/config.fish']) {
        mkdirSync(join(home, file, '..'), { recursive: true });
        appendFileSync(join(home, file), 'echo Welcome to this host\n');
      }
      const transport = await signIn(name);
      const printed = await transport.exec(['printf', '%s\\0', ...odd]);
      assert.deepEqual(printed.stdout.toString().split('\0').slice(0, -1), odd);
      const input = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      assert.deepEqual((await transport.exec(['cat'], { input })).stdout, input);
      assert.equal((await transport.exec(['/bin/sh', '-c', 'exit 7'])).code, 7);
      await transport.upload(input, join(home, 'a file'), 0o640);
      assert.deepEqual(readFileSync(join(home, 'a file')), input);
      transport.dispose();
    });
  }

  it('says so when an account may run nothing', async () => {
    const { name } = user({ shell: '/usr/sbin/nologin' });
    const transport = await signIn(name);
    await assert.rejects(openProbe(transport, { probesDir, signal, log: silentLog }), {
      kind: 'no-shell',
      message: /its shell is nologin/,
      detail: /ended with exit code 1: .*not available/s,
    });
    transport.dispose();
  });

  it('signs in by password, asked again when it was wrong', async () => {
    const { name, password } = user();
    const config = readFileSync(sshd.configFile, 'utf8');
    appendFileSync(sshd.configFile, '  PubkeyAuthentication no\n');
    const person = new ScriptedUser({
      askPassword: ({ attempt }) => Promise.resolve(attempt === 1 ? 'wrong' : password),
    });
    (await signIn(name, person)).dispose();
    assert.deepEqual(person.kinds(), ['password', 'password']);
    const stubborn = new ScriptedUser({ askPassword: () => Promise.resolve('wrong') });
    await assert.rejects(signIn(name, stubborn), {
      kind: 'auth',
      message: /Tried: password, password, password\. The server takes: .*password/,
    });
    writeFileSync(sshd.configFile, config);
  });

  describe('and their privileges', () => {
    it('starts the probe by sudo -n', async () => {
      const { name } = user({ sudo: true });
      const transport = await signIn(name);
      const session = await openProbe(transport, { probesDir, signal, log: silentLog });
      assert.equal(session.hello.sampler, 'BPF');
      const [keeper] = childrenOf(session.hello.probePid);
      const status = readFileSync(`/proc/${keeper!}/status`, 'utf8');
      assert.match(status, /^Uid:\s+0\s/m);
      await session.close();
      assert.ok(!isRunning(session.hello.probePid));
      assert.equal((await removeProbe(transport, silentLog)).length, 1);
      transport.dispose();
    });

    it('names the capability, and no file of the user, when there is no way', async () => {
      const { name } = user();
      const transport = await signIn(name);
      await assert.rejects(
        openProbe(transport, { probesDir, signal, log: silentLog }),
        (error: ProbeError) => {
          assert.equal(error.kind, 'privilege');
          assert.match(error.message, /CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE missing/);
          assert.match(error.message, /`acupoint install`.* writes what is to be run/);
          assert.doesNotMatch(error.message, /setcap|\/tmp\//);
          return true;
        },
      );
      await removeProbe(transport, silentLog);
      transport.dispose();
    });

    it('traces what the user may trace where there is no sudo, and says what that means', async () => {
      const { name } = user();
      const nginx = await startNginx({ user: name });
      const busy = keepBusy(nginx);
      try {
        const transport = await signIn(name);
        const session = await openProbe(transport, { probesDir, signal, log: silentLog });
        assert.match(session.restriction, /CAP_BPF, .* missing.*`acupoint install`/);
        assert.notEqual(session.hello.sampler, 'BPF');
        const masters = await session.list();
        const worker = masters.find(({ pid }) => pid === nginx.pid)?.workers[0];
        assert.equal(worker?.refused, false);
        const notices: Notice[] = [];
        let samples = 0;
        let health: Health | undefined;
        session.listen({
          notice: (notice) => notices.push(notice),
          batch: ({ stacks }) =>
            stacks.forEach(({ counts }) => counts.forEach((count) => (samples += count))),
          health: (now) => (health = now),
        });
        const started = await session.start({
          target: { pid: worker.pid },
          rateHz: 99,
          budgetPercent: 0,
          requestLabels: true,
        });
        assert.equal(started.sampler, session.hello.sampler);
        await waitFor('samples of Lua', () => samples > 30 && (health?.luaSamples ?? 0) > 0);
        const fallBack = notices.find(({ kind }) => kind === 'sampler-fell-back');
        assert.ok(fallBack);
        assert.match(rawText(fallBack.text), /^BPF cannot be used here\. .{100}/);
        await session.close();
        await removeProbe(transport, silentLog);
        transport.dispose();

        const args = ['record', `${name}@acupoint-test`, '-F', sshd.configFile];
        const more = ['--pid', String(worker.pid), '--seconds', '1', '--out', '-'];
        const recorded = await run(...args, ...more, '--format', 'folded');
        assert.equal(recorded.code, 0, recorded.stderr);
        assert.match(recorded.stderr, /may not trace processes of others.*\n.*BPF cannot be used/);
        assert.match(recorded.stderr, /= \d+ without Lua \+ \d+ exact \+/);
        assert.match(recorded.stdout, / \d+\n$/);
        const forced = await run(...args, ...more, '--format', 'folded', '--sampler', 'ptrace');
        assert.equal(forced.code, 0, forced.stderr);
        assert.match(forced.stderr, /stops the worker/);
        const withoutBpf = await run(...args, ...more, '--format', 'folded', '--sampler', 'bpf');
        assert.equal(withoutBpf.code, 1);
      } finally {
        await busy.stop();
        await nginx.stop();
      }
    });

    it('needs no sudo where the probe has the capabilities', async () => {
      const { name, uid } = user();
      const transport = await signIn(name);
      await assert.rejects(openProbe(transport, { probesDir, signal, log: silentLog }), {
        kind: 'privilege',
      });
      const { execFileSync } = await import('node:child_process');
      const folder = `/tmp/acupoint-${uid}`;
      const [file] = execFileSync('ls', [folder]).toString().trim().split('\n');
      execFileSync('setcap', ['cap_bpf,cap_perfmon,cap_sys_ptrace+ep', join(folder, file ?? '')]);
      const session = await openProbe(transport, { probesDir, signal, log: silentLog });
      assert.equal(session.hello.sampler, 'BPF');
      await session.close();
      await removeProbe(transport, silentLog);
      transport.dispose();
    });
  });
});
