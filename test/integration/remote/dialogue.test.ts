import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, type AuthContext, type Prompt } from 'ssh2';
import { silentLog } from '../../../extension/common/log';
import { connect, type Prompter, type Transport } from '../../../extension/remote';
import { secret } from '../../fixtures/secrets';
import { addUser, ScriptedUser, startSshd } from '../../fixtures/sshd';

const signal = new AbortController().signal;

describe('a sign-in in several rounds', function () {
  this.timeout(30_000);
  let folder: string;
  let server: Server | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'acupoint-dialogue-'));
    writeFileSync(join(folder, 'config'), 'Host *\n  IdentityFile none\n  IdentityAgent none\n');
  });
  afterEach(() => {
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A server whose sign-in is `authenticate`. */
  const serve = (authenticate: (context: AuthContext) => void): Promise<number> => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const hostKeys = [privateKey.export({ type: 'pkcs1', format: 'pem' })];
    const started = new Server({ hostKeys }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', authenticate);
    });
    server = started;
    return new Promise((resolve) => {
      started.listen(0, '127.0.0.1', () => resolve((started.address() as AddressInfo).port));
    });
  };
  const go = (port: number, answers: Partial<Prompter>, lines = ''): Promise<Transport> => {
    const configFile = join(folder, 'config');
    writeFileSync(configFile, `${readFileSync(configFile, 'utf8')}${lines}`);
    const user = new ScriptedUser({ askHostKey: () => Promise.resolve(true), ...answers });
    return connect({ kind: 'ssh', host: '127.0.0.1', user: 'ann', port }, user, {
      signal,
      log: silentLog,
      stateDir: folder,
      configFile,
    });
  };

  it('shows what the server asks, round by round, and sends each answer once', async () => {
    const received: string[][] = [];
    const rounds: Prompt[][] = [
      [
        { prompt: 'Password: ', echo: false },
        { prompt: 'Badge: ', echo: true },
      ],
      [{ prompt: 'Code: ', echo: false }],
    ];
    const port = await serve((context) => {
      if (context.method !== 'keyboard-interactive')
        return context.reject(['keyboard-interactive']);
      const ask = (index: number): void => {
        const prompts = rounds[index];
        if (!prompts) return context.accept();
        context.prompt(prompts, `Round ${index + 1}`, 'Have your token ready', (answers) => {
          received.push(answers);
          ask(index + 1);
        });
      };
      ask(0);
    });
    const asked: unknown[] = [];
    const [password, code] = [secret('password'), secret('code')];
    const transport = await go(port, {
      askInteractive: ({ name, instructions, prompts, round }) => {
        asked.push([name, instructions, prompts.map(({ text, echo }) => [text, echo]), round]);
        return Promise.resolve(round === 1 ? [password, 'b7'] : [code]);
      },
    });
    transport.dispose();
    assert.deepEqual(received, [[password, 'b7'], [code]]);
    assert.deepEqual(asked, [
      [
        'Round 1',
        'Have your token ready',
        [
          ['Password: ', false],
          ['Badge: ', true],
        ],
        1,
      ],
      ['Round 2', 'Have your token ready', [['Code: ', false]], 2],
    ]);
  });

  it('asks anew for a code that was refused, and never sends the old one again', async () => {
    const received: string[] = [];
    const port = await serve((context) => {
      if (context.method !== 'keyboard-interactive')
        return context.reject(['keyboard-interactive']);
      context.prompt([{ prompt: 'Code: ', echo: false }], ([code = '']) => {
        received.push(code);
        if (code === '222222') context.accept();
        else context.reject(['keyboard-interactive']);
      });
    });
    const codes = ['111111', '222222'];
    const transport = await go(port, {
      askInteractive: () => Promise.resolve([codes.shift() ?? '']),
    });
    transport.dispose();
    assert.deepEqual(received, ['111111', '222222']);
  });

  it('does not count the time that the user takes', async () => {
    const port = await serve((context) => {
      if (context.method !== 'keyboard-interactive')
        return context.reject(['keyboard-interactive']);
      context.prompt([{ prompt: 'Code: ', echo: false }], () => context.accept());
    });
    const slow = <T>(answer: T): Promise<T> =>
      new Promise((resolve) => setTimeout(() => resolve(answer), 1500));
    const transport = await go(
      port,
      { askHostKey: () => slow(true), askInteractive: () => slow(['1']) },
      '  ConnectTimeout 1\n',
    );
    transport.dispose();
  });

  it('ends at once when the user gives no answer', async () => {
    const port = await serve((context) => {
      if (context.method !== 'keyboard-interactive')
        return context.reject(['keyboard-interactive']);
      context.prompt([{ prompt: 'Code: ', echo: false }], () => context.accept());
    });
    await assert.rejects(go(port, { askInteractive: () => Promise.resolve(undefined) }), {
      kind: 'cancelled',
    });
  });

  it('goes on from a key to a password where the host wants both', async () => {
    const user = addUser();
    const sshd = await startSshd({
      lines: ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password'],
    });
    try {
      const person = new ScriptedUser({ askPassword: () => Promise.resolve(user.password) });
      const transport = await connect(
        { kind: 'ssh', host: 'acupoint-test', user: user.name },
        person,
        {
          signal,
          log: silentLog,
          stateDir: folder,
          configFile: sshd.configFile,
        },
      );
      assert.equal((await transport.exec(['id', '-un'])).stdout.toString().trim(), user.name);
      transport.dispose();
      assert.deepEqual(person.kinds(), ['password']);
    } finally {
      await sshd.stop();
      user.remove();
    }
  });
});

describe('a connection that fails', function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), 'acupoint-fails-'));
  let tcp: TcpServer | undefined;
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => tcp?.close());

  const go = (host: string, port: number, lines = ''): Promise<Transport> => {
    const configFile = join(folder, 'config');
    writeFileSync(configFile, `Host *\n  IdentityAgent none\n${lines}`);
    return connect({ kind: 'ssh', host, port }, new ScriptedUser(), {
      signal,
      log: silentLog,
      stateDir: folder,
      configFile,
    });
  };
  const listen = (greeting: string | undefined): Promise<number> =>
    new Promise((resolve) => {
      const started = createServer((socket) => {
        socket.on('error', () => undefined);
        if (greeting !== undefined) socket.end(greeting);
      });
      tcp = started;
      started.listen(0, '127.0.0.1', () => resolve((started.address() as AddressInfo).port));
    });

  it('says that nobody listens', async () => {
    const port = await listen('');
    await new Promise((resolve) => tcp?.close(resolve));
    await assert.rejects(go('127.0.0.1', port), { kind: 'unreachable', message: /refuses/ });
  });

  it('says that the name is unknown', async () => {
    await assert.rejects(go('no-such-host.invalid', 22), { kind: 'unknown-host' });
  });

  it('says that what answers is no ssh server', async () => {
    const port = await listen('HTTP/1.1 400 Bad Request\r\n\r\n');
    await assert.rejects(go('127.0.0.1', port), {
      kind: 'unreachable',
      message: /^Port \d+ of 127\.0\.0\.1 answered, but not as an SSH server/,
    });
  });

  it('does not wait for ever for a server that says nothing', async () => {
    const port = await listen(undefined);
    await assert.rejects(go('127.0.0.1', port, '  ConnectTimeout 1\n'), { kind: 'timeout' });
  });

  it('says that no algorithm is common', async () => {
    const sshd = await startSshd({ lines: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    try {
      await assert.rejects(go('127.0.0.1', sshd.port), {
        kind: 'config',
        message: /no key exchange in common/,
      });
    } finally {
      await sshd.stop();
    }
  });
});
