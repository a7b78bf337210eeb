import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interpret, type Surroundings } from '../../../extension/remote/config/interpret';
import { listHosts } from '../../../extension/remote/config/list-hosts';
import { parseSettings, resolveConfig } from '../../../extension/remote/config/resolve';
import { silentLog } from '../../../extension/common/log';
import { matchesWildcard } from '../../../extension/remote/wildcard';

const around: Surroundings = {
  home: '/home/ann',
  environment: { SSH_AUTH_SOCK: '/run/agent', KEYS: '/keys', OTHER: '/run/other' },
  platform: 'linux',
  localUser: 'ann',
};

describe('the ssh configuration', () => {
  let folder: string;
  const config = (): string => join(folder, 'config');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'acupoint-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('lists hosts without patterns, with what is included', async () => {
    mkdirSync(join(folder, 'conf.d'));
    writeFileSync(join(folder, 'conf.d', 'b.conf'), 'Host beta\n  Port 2222\n');
    writeFileSync(join(folder, 'conf.d', 'a.conf'), 'Host alpha *.alpha !x\n  User=ann\n');
    writeFileSync(join(folder, 'conf.d', '.hidden.conf'), 'Host hidden\n');
    writeFileSync(
      config(),
      [
        'Include conf.d/*.conf',
        'Include "no such file"',
        'host web "db one"',
        '  HostName %h.example.org',
        'Match host web',
        '  User root',
        'Host *',
        '  User nobody',
        'Host web',
        '  User later',
        '# Host comment',
      ].join('\r\n'),
    );
    assert.deepEqual(await listHosts(config()), [
      { alias: 'alpha', description: 'ann@alpha' },
      { alias: 'beta', description: 'beta:2222' },
      { alias: 'web', description: 'web.example.org' },
      { alias: 'db one', description: 'db one.example.org' },
    ]);
  });

  it('lists nothing where there is no file, and ends where files include themselves', async () => {
    assert.deepEqual(await listHosts(join(folder, 'none')), []);
    writeFileSync(config(), 'Include config\nHost web\n');
    assert.deepEqual(
      (await listHosts(config())).map(({ alias }) => alias),
      ['web'],
    );
  });

  for (const [how, sshProgram] of [
    ['by ssh -G', 'ssh'],
    ['without an ssh client', '/nowhere/ssh'],
  ] as const) {
    describe(`resolved ${how}`, () => {
      const resolve = (
        destination: Parameters<typeof resolveConfig>[0],
      ): ReturnType<typeof resolveConfig> => {
        const { signal } = new AbortController();
        return resolveConfig(destination, {
          configFile: config(),
          signal,
          log: silentLog,
          sshProgram,
        });
      };

      it('gives a host its settings, the first of each', async () => {
        writeFileSync(join(folder, 'more'), 'Host we*\n  Port 2200\n  ServerAliveInterval 7\n');
        writeFileSync(
          config(),
          [
            `Include ${join(folder, 'more')}`,
            'Host web',
            '  HostName web.example.org',
            '  Port 2222',
            '  User root',
            '  IdentityFile /keys/one',
            '  IdentityFile /keys/two',
            '  IdentitiesOnly yes',
            '  UserKnownHostsFile /known/a /known/b',
            '  GlobalKnownHostsFile none',
            '  HostKeyAlias alias',
            '  StrictHostKeyChecking yes',
            '  ServerAliveCountMax 4',
            '  ConnectTimeout 9',
            '  IdentityAgent none',
            '  ProxyJump gate',
            'Host *',
            '  User nobody',
          ].join('\n'),
        );
        const found = await resolve({ kind: 'ssh', host: 'web' });
        assert.equal(found.hostname, 'web.example.org');
        assert.equal(found.port, 2200);
        assert.equal(found.user, 'root');
        assert.deepEqual(found.identityFiles, ['/keys/one', '/keys/two']);
        assert.equal(found.identitiesOnly, true);
        assert.deepEqual(found.knownHostsFiles, ['/known/a', '/known/b']);
        assert.equal(found.hostKeyAlias, 'alias');
        assert.equal(found.strictHostKeyChecking, 'yes');
        assert.deepEqual([found.keepAliveMs, found.keepAliveCount], [7000, 4]);
        assert.equal(found.connectTimeoutMs, 9000);
        assert.equal(found.agent, undefined);
        assert.equal(found.proxyJump, 'gate');
        assert.equal(found.proxyCommand, undefined);
      });

      it('puts user and port of the destination first', async () => {
        writeFileSync(config(), 'Host web\n  User root\n  Port 2222\n');
        const found = await resolve({ kind: 'ssh', host: 'web', user: 'ann', port: 22 });
        assert.deepEqual([found.user, found.port], ['ann', 22]);
      });

      it('has defaults for a host that no file names', async () => {
        writeFileSync(config(), '');
        const found = await resolve({ kind: 'ssh', host: 'example.org' });
        assert.equal(found.hostname, 'example.org');
        assert.equal(found.port, 22);
        assert.deepEqual([found.keepAliveMs, found.keepAliveCount], [15_000, 3]);
        assert.equal(found.connectTimeoutMs, 15_000);
        assert.equal(found.strictHostKeyChecking, 'ask');
        assert.ok(found.identityFiles.some((file) => file.endsWith('/.ssh/id_ed25519')));
        assert.ok(found.knownHostsFiles.some((file) => file.endsWith('/.ssh/known_hosts')));
        assert.ok(found.publicKey && found.password && found.interactive);
      });
    });
  }

  it('reports a configuration that ssh does not accept', async () => {
    writeFileSync(config(), 'Host web\n  NoSuchKeyword yes\n');
    const { signal } = new AbortController();
    await assert.rejects(
      resolveConfig({ kind: 'ssh', host: 'web' }, { configFile: config(), signal, log: silentLog }),
      { kind: 'config', message: /nosuchkeyword/i },
    );
  });

  it('runs no command of the configuration where it reads it itself', async () => {
    const trace = join(folder, 'ran');
    writeFileSync(config(), `Match exec "touch ${trace}"\n  User evil\nHost *\n  User good\n`);
    const { signal } = new AbortController();
    const found = await resolveConfig(
      { kind: 'ssh', host: 'web' },
      { configFile: config(), signal, log: silentLog, sshProgram: '/nowhere/ssh' },
    );
    assert.equal(found.user, 'good');
    const { existsSync } = await import('node:fs');
    assert.ok(!existsSync(trace));
  });

  it('understands what different versions of ssh -G print', () => {
    const of = (text: string): ReturnType<typeof interpret> =>
      interpret(parseSettings(text), 'alias', around);
    for (const [printed, meant] of [
      ['yes', 'yes'],
      ['true', 'yes'],
      ['ask', 'ask'],
      ['accept-new', 'accept-new'],
      ['no', 'no'],
      ['false', 'no'],
      ['off', 'no'],
    ]) {
      assert.equal(of(`stricthostkeychecking ${printed}`).strictHostKeyChecking, meant);
    }
    assert.equal(of('identitiesonly true').identitiesOnly, true);
    assert.equal(of('connecttimeout none').connectTimeoutMs, 15_000);
    assert.equal(of('proxycommand none').proxyCommand, undefined);
    assert.equal(of('passwordauthentication no').password, false);
    const some = of('preferredauthentications publickey,keyboard-interactive');
    assert.deepEqual([some.publicKey, some.password, some.interactive], [true, false, true]);
  });

  it('expands paths and finds the agent', () => {
    const text =
      'hostname h\nuser u\nport 7\nidentityfile ~/k-%h-%r-%p-%n-%%\nidentityfile ${KEYS}/x';
    assert.deepEqual(interpret(parseSettings(text), 'alias', around).identityFiles, [
      '/home/ann/k-h-u-7-alias-%',
      '/keys/x',
    ]);
    const agent = (line: string): string | undefined =>
      interpret(parseSettings(line), 'alias', around).agent;
    assert.equal(agent(''), '/run/agent');
    assert.equal(agent('identityagent SSH_AUTH_SOCK'), '/run/agent');
    assert.equal(agent('identityagent $OTHER'), '/run/other');
    assert.equal(agent('identityagent ~/agent'), '/home/ann/agent');
    assert.equal(agent('identityagent none'), undefined);
    const windows = { ...around, platform: 'win32' as const, environment: {} };
    assert.match(interpret(new Map(), 'alias', windows).agent ?? '', /^\\\\\.\\pipe\\/);
  });

  it('matches wildcards without taking for ever', () => {
    assert.ok(matchesWildcard('a*b*c', 'aXbYbZc'));
    assert.ok(!matchesWildcard('a*b*c', 'aXbYbZ'));
    assert.ok(matchesWildcard('*', ''));
    assert.ok(matchesWildcard('a.b', 'a.b') && !matchesWildcard('a.b', 'axb'));
    assert.ok(!matchesWildcard('*a'.repeat(30), `${'a'.repeat(3000)}b`));
  });
});
