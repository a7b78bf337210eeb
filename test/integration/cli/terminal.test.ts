import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { startLoad, type Load } from '../../fixtures/gateway/load';
import { startGateway, type Gateway } from '../../fixtures/gateway/start';
import { startSshd, type Sshd } from '../../fixtures/sshd';
import { waitFor } from '../../fixtures/wait';
import { run, start, startOnTerminal, type Typist } from './command';

const leave = '\u001b[?25h\u001b[?1049l';

describe('acupoint', function () {
  this.timeout(60_000);
  let gateway: Gateway;
  let load: Load;
  let sshd: Sshd;
  let state: string;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    state = await mkdtemp(join(tmpdir(), 'acupoint-cli-'));
    env = { XDG_STATE_HOME: state };
    sshd = await startSshd();
    gateway = await startGateway();
    load = startLoad(gateway.port);
  });
  after(async () => {
    await load?.stop();
    await gateway?.stop();
    await sshd?.stop();
    await rm(state, { recursive: true, force: true });
  });

  const sees = (typist: Typist, pattern: RegExp) =>
    waitFor(String(pattern), () => pattern.test(typist.screen()), { describe: typist.screen });

  /** The ssh configuration of the test's server, with lines of its own. */
  async function sshConfig(name: string, change: (text: string) => string): Promise<string> {
    const path = join(state, name);
    await writeFile(path, change(await readFile(sshd.configFile, 'utf8')));
    return path;
  }

  it('lists masters and workers, for people and for machines', async () => {
    const [worker] = await gateway.workerPids();
    const plain = await run('list');
    assert.equal(plain.code, 0, plain.stderr);
    assert.match(plain.stdout, new RegExp(`^master ${gateway.masterPid}  nginx 1\\..*Lua`, 'm'));
    assert.match(plain.stdout, new RegExp(`^ {2}worker ${worker} `, 'm'));
    const json = await run('list', '--json');
    const { host, masters } = JSON.parse(json.stdout) as {
      host: string;
      masters: { pid: number; listen: string[]; workers: { pid: number }[] }[];
    };
    assert.equal(host, 'This machine');
    const ours = masters.find(({ pid }) => pid === gateway.masterPid);
    assert.deepEqual(
      ours?.workers.map(({ pid }) => pid),
      [worker],
    );
    assert.ok(ours.listen.includes(`127.0.0.1:${gateway.port}`));
  });

  it('records over ssh', async () => {
    const target = ['--master', String(gateway.masterPid), '--seconds', '2', '--json'];
    const ended = await run('record', 'acupoint-test', '-F', sshd.configFile, ...target);
    assert.equal(ended.code, 0, ended.stderr);
    const summary = JSON.parse(ended.stdout) as {
      host: string;
      samples: number;
      functions: { name: string }[];
    };
    assert.match(summary.host, /acupoint-test|127\.0\.0\.1/);
    assert.ok(summary.samples > 0);
    assert.ok(summary.functions.some(({ name }) => name === gateway.expected.hotFunction));
  });

  it('asks on the terminal for a passphrase, and does not show it', async () => {
    const { file, passphrase } = sshd.encryptedIdentity;
    const config = await sshConfig('encrypted', (text) =>
      text.replace(/IdentityFile .*/, `IdentityFile ${file}`),
    );
    const typist = startOnTerminal(['list', 'acupoint-test', '-F', config], env);
    await sees(typist, /Passphrase of .*id_encrypted: /);
    typist.type('wrong\r');
    await sees(typist, /does not open the key[^]*Passphrase of .*: $/);
    typist.type(`${passphrase}\r`);
    assert.equal(await typist.ended, 0, typist.screen());
    assert.match(typist.screen(), new RegExp(`master ${gateway.masterPid}`));
    assert.ok(!typist.screen().includes(passphrase));
    assert.ok(!typist.screen().includes('wrong'));
  });

  it('asks about an unknown host key by its fingerprint, and remembers it', async () => {
    const config = await sshConfig('unknown', (text) =>
      text.replace(/UserKnownHostsFile .*/, `UserKnownHostsFile ${join(state, 'empty')}`),
    );
    const args = ['list', 'acupoint-test', '-F', config];
    const no = startOnTerminal(args, env);
    await sees(no, /\(yes\/no\) $/);
    assert.ok(no.screen().includes(sshd.hostKeyFingerprint()));
    no.type('no\r');
    assert.equal(await no.ended, 1, no.screen());

    const yes = startOnTerminal(args, env);
    await sees(yes, /\(yes\/no\) $/);
    yes.type('yes\r');
    assert.equal(await yes.ended, 0, yes.screen());
    const again = start(args, env);
    assert.equal((await again.ended).code, 0, again.stderr());
  });

  it('needs no terminal where the ssh configuration accepts new keys, and shows the key', async () => {
    const config = await sshConfig('accepts', (text) =>
      text
        .replace(/UserKnownHostsFile .*/, `UserKnownHostsFile ${join(state, 'empty')}`)
        .concat('  StrictHostKeyChecking accept-new\n'),
    );
    const args = ['list', 'acupoint-test', '-F', config];
    const fresh = { XDG_STATE_HOME: join(state, 'accepting') };
    const first = await start(args, fresh).ended;
    assert.equal(first.code, 0, first.stderr);
    assert.ok(first.stderr.includes(sshd.hostKeyFingerprint()), first.stderr);
    assert.match(first.stderr, /StrictHostKeyChecking accept-new.*accepted without a question/);
    const second = await start(args, fresh).ended;
    assert.equal(second.code, 0, second.stderr);
    assert.ok(!second.stderr.includes('accepted'), second.stderr);
  });

  it('is ended by Ctrl-C while it asks', async () => {
    const config = await sshConfig('asks', (text) =>
      text.replace(/UserKnownHostsFile .*/, `UserKnownHostsFile ${join(state, 'none')}`),
    );
    const fresh = { XDG_STATE_HOME: join(state, 'fresh') };
    const typist = startOnTerminal(['list', 'acupoint-test', '-F', config], fresh);
    await sees(typist, /\(yes\/no\) $/);
    typist.type('\u0003');
    assert.equal(await typist.ended, 130, typist.screen());
  });

  it('shows a table that q leaves, with the terminal as it was', async () => {
    const typist = startOnTerminal(['top', '--master', String(gateway.masterPid)]);
    await sees(typist, new RegExp(`${gateway.expected.hotFunction}  handler\\.lua:\\d+`));
    typist.type('s');
    await sees(typist, /by total time/);
    typist.type('q');
    assert.equal(await typist.ended, 0);
    assert.ok(typist.screen().includes(leave));
  });

  it('leaves the table on Ctrl-C with 130', async () => {
    const typist = startOnTerminal(['top', '--master', String(gateway.masterPid)]);
    await sees(typist, /self %/);
    typist.type('\u0003');
    assert.equal(await typist.ended, 130);
    assert.ok(typist.screen().includes(leave));
  });

  it('prints plain tables, or an object a line, where stdout is no terminal', async () => {
    const target = ['--master', String(gateway.masterPid), '--seconds', '2'];
    const plain = await run('top', ...target);
    assert.equal(plain.code, 0, plain.stderr);
    assert.equal(plain.stdout.match(/^ self %/gm)?.length, 2);
    assert.ok(!plain.stdout.includes('\u001b'));
    const json = await run('top', ...target, '--json', '--rows', '3');
    const lines = json.stdout.trimEnd().split('\n');
    assert.equal(lines.length, 2);
    for (const line of lines) {
      const { functions } = JSON.parse(line) as { functions: { self: number }[] };
      assert.ok(functions.length <= 3);
      assert.ok(functions.every(({ self }) => self >= 0 && self <= 1));
    }
  });

  it('says what is wrong with a host on stderr, and fails', async () => {
    const ended = await run('list', 'nowhere.invalid', '-F', '/dev/null');
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /^acupoint: .*nowhere\.invalid/);
    assert.equal(ended.stdout, '');
  });
});
