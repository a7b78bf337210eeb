/** Login shells that come late to the command, or never: real ones, behind a real sshd. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../../extension/common/log';
import { connect, RemoteError, type Transport } from '../../../extension/remote';
import { addUser, ScriptedUser, startSshd, type Sshd } from '../../fixtures/sshd';
import { shells } from '../../fixtures/shells';

const bytes = Buffer.from(Array.from({ length: 512 }, (_, byte) => byte % 256));

describe('an odd login shell', function () {
  this.timeout(60_000);
  let sshd: Sshd;
  const undo: (() => void)[] = [];

  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd?.stop());
  afterEach(() => {
    for (const each of undo.splice(0)) each();
  });

  /** A user with these start-up files, signed in. */
  async function signIn(
    files: Readonly<Record<string, string>>,
    shell = '/bin/bash',
  ): Promise<Transport> {
    const user = addUser({ shell });
    undo.push(() => user.remove());
    for (const [name, text] of Object.entries(files)) {
      const path = join(user.home, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, text);
      chmodSync(path, 0o755);
    }
    return as(user.name);
  }

  async function as(user: string): Promise<Transport> {
    const transport = await connect(
      { kind: 'ssh', host: 'acupoint-test', user },
      new ScriptedUser(),
      {
        signal: new AbortController().signal,
        log: silentLog,
        stateDir: join(sshd.folder, 'state'),
        configFile: sshd.configFile,
      },
    );
    undo.unshift(() => transport.dispose());
    return transport;
  }

  /** Arguments, bytes, exit codes and a dialogue pass as they are. */
  async function works(transport: Transport): Promise<void> {
    const odd = ['', "it's", 'line\nbreak', '$HOME `id` !!'];
    const printed = await transport.exec(['printf', '%s\\0', ...odd]);
    assert.deepEqual(printed.stdout.toString().split('\0').slice(0, -1), odd);
    assert.deepEqual((await transport.exec(['cat'], { input: bytes })).stdout, bytes);
    const failed = await transport.exec(['/bin/sh', '-c', 'echo why >&2; exit 7']);
    assert.deepEqual([failed.code, failed.stderr], [7, 'why\n']);
    const program = await transport.spawn(['cat']);
    program.stdin.write('one');
    assert.equal(String(await new Promise((done) => program.stdout.once('data', done))), 'one');
    program.stdin.end();
    assert.equal((await program.exit).code, 0);
  }

  const workable: Readonly<Record<string, string>> = {
    'prints a lot': 'echo Welcome; printf "no end of line"; seq 20000; echo to stderr >&2',
    'reads a line': 'read answer',
    'asks three times': 'read a; read -p "Sure? " b; IFS= read -r c',
    'sets -e': 'set -e',
    'sets -eux': 'set -eux -o pipefail',
    'waits for a while': 'sleep 4',
    'reads until something comes': 'while ! read -t 0.2 line; do :; done',
    'execs another shell': 'exec dash',
    'execs the same shell again': 'if [ -z "$AGAIN" ]; then AGAIN=1 exec bash; fi',
    'traps its end': 'trap "echo bye" EXIT',
    'prints what could be a marker': 'echo acupoint-000000000000000000000000-1',
  };
  for (const [what, text] of Object.entries(workable)) {
    it(`works where a start-up file ${what}`, async () => {
      await works(await signIn({ '.bashrc': `${text}\n` }));
    });
  }

  for (const { name, argv } of shells.filter(({ name }) => name !== 'dash')) {
    it(`works where a start-up file execs ${name}`, async function () {
      if (argv === undefined) return this.skip();
      await works(await signIn({ '.bashrc': `exec ${argv.join(' ')}\n` }));
    });
  }

  const ending =
    /login shell of acupoint-\w+ on \S+ ended .*start-up file of the shell \(~\/\.bashrc/s;
  const named: Readonly<Record<string, readonly [string, RegExp]>> = {
    exits: ['exit', ending],
    'exits with a code': ['exit 3', ending],
    'fails after set -e': ['set -e\nfalse', ending],
    'execs a program': ['exec true', ending],
    'execs what is not there': [
      'exec /nowhere/shell',
      /ended with exit code 12[67].*nowhere\/shell/s,
    ],
    'sends the output elsewhere': ['exec > "$HOME/log"', /sends it elsewhere, as by `exec > file`/],
    'execs a shell that reads all first': [
      "exec python3 -c \"import subprocess, sys; subprocess.run(['sh', '-c', sys.stdin.read()])\"",
      /puts another shell in the place of the login shell of acupoint-/,
    ],
  };
  for (const [what, [text, words]] of Object.entries(named)) {
    it(`names a start-up file that ${what}`, async () => {
      const transport = await signIn({ '.bashrc': `${text}\n` });
      await refuses(transport, words);
    });
  }

  async function refuses(transport: Transport, words: RegExp): Promise<void> {
    await assert.rejects(transport.exec(['true']), (error: RemoteError) => {
      assert.equal(error.kind, 'no-shell', error.message);
      assert.match(error.message, words);
      return true;
    });
  }

  const shellsThatRefuse: Readonly<Record<string, RegExp>> = {
    '/bin/rbash': /has a restricted shell \(rbash, rksh\)/,
    '/usr/sbin/nologin': /an account that nobody may use a shell of \(its shell is nologin\)/,
    '/bin/false': /ended at once with exit code 1, without a word: .*\/bin\/false/,
    '/bin/true': /ended with exit code 0 before it ran the command, and said nothing/,
    '/usr/bin/git-shell': /has a shell for git alone/,
  };
  for (const [shell, words] of Object.entries(shellsThatRefuse)) {
    it(`names ${shell}`, async function () {
      if (!existsSync(shell)) return this.skip();
      await refuses(await signIn({}, shell), words);
    });
  }

  /** A server that does something of its own with each command. */
  async function forced(script: string, ...lines: readonly string[]): Promise<Transport> {
    const file = join(sshd.folder, 'forced.sh');
    writeFileSync(file, `#!/bin/bash\n${script}\n`, { mode: 0o755 });
    await sshd.restart([`ForceCommand ${file}`, ...lines]);
    return as(sshd.user);
  }
  const run = 'bash -c "$SSH_ORIGINAL_COMMAND"';

  it('works behind an audit that prints the command first', async () => {
    await works(await forced(`echo "[audit] running: $SSH_ORIGINAL_COMMAND"; exec ${run}`));
    await works(await forced(`printf '%b\\n' "$SSH_ORIGINAL_COMMAND"; exec ${run}`));
    await works(await forced(`set -x; ${run}`));
  });

  it('names a terminal in between', async () => {
    const words = /a terminal stands between the server and the shell .*\(tlog\) or script/s;
    await refuses(await forced(`exec script -qec "$SSH_ORIGINAL_COMMAND" /dev/null`), words);
    await refuses(
      await forced(`exec script -qfec "$SSH_ORIGINAL_COMMAND" /dev/null </dev/null`),
      words,
    );
  });

  it('names a command of the server’s own', async () => {
    await refuses(await forced('echo Backups only.'), /and said: "Backups only\.".*ForceCommand/s);
    await refuses(await forced('cat > /dev/null; exit 4'), /ended with exit code 4.*ForceCommand/s);
  });

  it('names an account for file transfers', async () => {
    await sshd.restart(['ForceCommand internal-sftp']);
    await refuses(await as(sshd.user), /file transfers only \(internal-sftp\)/);
  });

  it('names an expired password, however one signed in', async () => {
    const user = addUser();
    undo.push(() => user.remove());
    execFileSync('chage', ['-d', '0', user.name]);
    const usual = sshd;
    const pam = ['account required pam_unix.so', 'session required pam_permit.so'];
    sshd = await startSshd({ pam });
    try {
      const words = /password of \S+ on \S+ has expired.*Sign in once with ssh/s;
      await refuses(await as(user.name), words);
    } finally {
      await sshd.stop();
      sshd = usual;
    }
  });

  it('runs one command after the other where one session is allowed at a time', async () => {
    await sshd.restart(['MaxSessions 1']);
    const transport = await signIn({});
    for (let count = 0; count < 12; count++) await transport.exec(['true']);
    await works(transport);
    await transport.upload(bytes, '/tmp/acupoint-max-sessions', 0o600);
    rmSync('/tmp/acupoint-max-sessions');
  });

  it('says at once where no session is allowed', async () => {
    await sshd.restart(['MaxSessions 0']);
    const transport = await as(sshd.user);
    await assert.rejects(transport.exec(['true']), /let you in but did not run a command/);
  });
});
