import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { resolveConfig } from '../../../extension/remote/config/resolve';
import { runKnownHostsCommand } from '../../../extension/remote/known-hosts-command';
import { silentLog } from '../../../extension/common/log';
import { parsePublicKey } from '../../../extension/remote/public-key';
import { wireString } from '../../../extension/remote/wire-reader';

const key = parsePublicKey(Buffer.concat(['ssh-ed25519', Buffer.alloc(32, 'k')].map(wireString)))!;

describe('KnownHostsCommand', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'acupoint-command-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (
    command: string,
    shown = true,
    { signal } = new AbortController(),
  ): ReturnType<typeof runKnownHostsCommand> => {
    const configFile = join(folder, 'config');
    const lines = ['HostName web.example.org', 'Port 2222', 'User ann', 'ProxyJump gate:7'];
    writeFileSync(configFile, ['Host web', ...lines, `KnownHostsCommand ${command}`].join('\n'));
    const around = { signal: new AbortController().signal, log: silentLog };
    const config = await resolveConfig({ kind: 'ssh', host: 'web' }, { configFile, ...around });
    assert.ok(config.knownHostsCommand);
    const host = '[web.example.org]:2222';
    return runKnownHostsCommand(config.knownHostsCommand, host, shown ? key : undefined, {
      ...around,
      signal,
    });
  };

  it('gets each token of ssh_config(5), once, and no shell', async () => {
    const script = join(folder, 'script');
    const kept = join(folder, 'kept');
    writeFileSync(script, `printf '%s\\n' "$@" > ${kept}`);
    const tokens = '%H %I %t %f %K %h %n %p %r %u %l %L %k %j %% %C "a  b" $(id) ${HOME}';
    await run(`/bin/sh ${script} ${tokens}`);
    const local = hostname();
    const connection = `${local}web.example.org2222anngate`;
    assert.deepEqual(readFileSync(kept, 'utf8').trimEnd().split('\n'), [
      '[web.example.org]:2222',
      'HOSTNAME',
      'ssh-ed25519',
      `SHA256:${createHash('sha256').update(key.plain).digest('base64').replace(/=+$/, '')}`,
      key.plain.toString('base64'),
      'web.example.org',
      'web',
      '2222',
      'ann',
      userInfo().username,
      local,
      local.split('.')[0],
      'web',
      'gate',
      '%',
      createHash('sha1').update(connection).digest('hex'),
      'a  b',
      '$(id)',
      process.env['HOME'],
    ]);
    await run(`/bin/sh ${script} %I %t %f %K`, false);
    assert.equal(readFileSync(kept, 'utf8'), 'ORDER\nNONE\nNONE\nNONE\n');
  });

  it('is ended when it prints without end', async () => {
    await assert.rejects(run('/usr/bin/yes'), {
      kind: 'config',
      message: /printed more than 16 MB.*ssh would not connect either/,
    });
  });

  it('is ended when it takes too long, also where it does not want to', async () => {
    const stubborn = join(folder, 'stubborn');
    writeFileSync(stubborn, "trap '' TERM; exec sleep 600");
    await assert.rejects(run(`/bin/sh ${stubborn}`), { message: /did not end within 15 s/ });
  });

  it('is ended when connecting is cancelled', async () => {
    const controller = new AbortController();
    const running = run('/bin/sleep 600', true, controller);
    setImmediate(() => controller.abort());
    await assert.rejects(running, { kind: 'cancelled' });
  });
});
