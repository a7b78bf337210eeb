import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConfig } from '../../../extension/remote/config/resolve';
import type { HostConfig } from '../../../extension/remote/config/host-config';
import { silentLog } from '../../../extension/common/log';
import {
  acceptsKey,
  forSsh2,
  offerOf,
  takesCertificate,
  type Offer,
} from '../../../extension/remote/ssh/algorithms';
import { ServerOffer } from '../../../extension/remote/ssh/negotiation';

const certificate = 'ssh-ed25519-cert-v01@openssh.com';

describe('lists of algorithms', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'acupoint-algorithms-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const resolve = (lines: readonly string[], sshProgram = 'ssh'): Promise<HostConfig> => {
    const configFile = join(folder, 'config');
    writeFileSync(configFile, ['Host web', ...lines].join('\n'));
    const { signal } = new AbortController();
    const options = { configFile, signal, log: silentLog, sshProgram };
    return resolveConfig({ kind: 'ssh', host: 'web' }, options);
  };
  const offered = async (...lines: string[]): Promise<Offer> =>
    offerOf(await resolve(lines), silentLog);

  it('offer nothing weak where nothing is said', async () => {
    const { kex, hostKey, cipher, mac } = await offered();
    const all = [...kex, ...hostKey, ...cipher, ...mac];
    const weak = /ssh-rsa|ssh-dss|sha1$|-cbc|3des|arcfour|md5|ripemd|group1-|exchange-sha1/;
    assert.deepEqual(
      all.filter((name) => weak.test(name)),
      // OpenSSH offers this one too: HMAC does not need a hash without collisions.
      ['hmac-sha1'],
    );
    assert.equal(cipher[0], 'aes128-gcm@openssh.com');
    assert.equal(hostKey[0], 'ssh-ed25519');
  });

  for (const line of [
    'Ciphers aes256-ctr,aes128-ctr',
    'Ciphers +aes256-cbc,3des-cbc',
    'Ciphers ^aes256-ctr',
    'Ciphers -chacha20*,aes128*',
    'MACs hmac-sha2-512',
    'MACs -*etm*',
    'MACs ^hmac-sha2-512,hmac-md5',
    'KexAlgorithms ecdh-sha2-nistp521,curve25519-sha256',
    'KexAlgorithms +diffie-hellman-group14-sha1',
    'KexAlgorithms -ecdh*,sntrup*',
    'HostKeyAlgorithms +ssh-rsa',
    'HostKeyAlgorithms ^rsa-sha2-256',
    'HostKeyAlgorithms -ecdsa*',
    'HostKeyAlgorithms rsa-sha2-512,ssh-ed25519',
    'HostKeyAlgorithms rsa-sha2-*',
  ]) {
    it(`are put together as ssh does it: ${line}`, async () => {
      const [withSsh, without] = await Promise.all([
        resolve([line]),
        resolve([line], '/nowhere/ssh'),
      ]);
      // Where nothing is removed, ours and ssh's own order of the rest differ for ciphers.
      const sorted = (config: HostConfig): unknown =>
        Object.values(offerOf(config, silentLog)).map((names: readonly string[]) =>
          [...names].sort(),
        );
      assert.deepEqual(sorted(without), sorted(withSsh));
    });
  }

  it('keep the order of a list that was chosen', async () => {
    const { cipher, mac } = await offered('Ciphers aes256-ctr,aes128-ctr', 'MACs ^hmac-sha2-512');
    assert.deepEqual(cipher, ['aes256-ctr', 'aes128-ctr']);
    assert.equal(mac[0], 'hmac-sha2-512');
  });

  it('say what is left out, and fail where nothing is left', async () => {
    const said: string[] = [];
    const log = { ...silentLog, info: (line: string) => void said.push(line) };
    offerOf(await resolve(['MACs umac-64@openssh.com,hmac-sha2-256']), log);
    assert.deepEqual(said, [
      'MACs of the ssh config: left out umac-64@openssh.com, not built in here',
    ]);
    await assert.rejects(offered('MACs umac-64@openssh.com'), {
      kind: 'config',
      message:
        /MACs of your ssh config allows for web only umac-64@openssh.com, none.*hmac-sha2-256/,
    });
    await assert.rejects(offered('Ciphers -*'), { message: /Ciphers .* takes all away/ });
  });

  it('ask first for types of key that are known', async () => {
    const order = (known: string[], offer: Offer): unknown =>
      forSsh2(offer, known, false).serverHostKey;
    const usual = await offered();
    assert.deepEqual((order(['ssh-rsa'], usual) as string[]).slice(0, 2), [
      'rsa-sha2-512',
      'rsa-sha2-256',
    ]);
    assert.equal((order(['ecdsa-sha2-nistp384'], usual) as string[])[0], 'ecdsa-sha2-nistp384');
    const chosen = await offered('HostKeyAlgorithms rsa-sha2-256,ssh-ed25519');
    assert.deepEqual(order([], chosen), ['rsa-sha2-256', 'ssh-ed25519']);
    assert.deepEqual(order(['ssh-ed25519'], chosen), ['ssh-ed25519', 'rsa-sha2-256']);
  });

  it('know whether ssh would see a certificate', async () => {
    const sees = async (line: string, server = [certificate], ssh = 'ssh'): Promise<boolean> =>
      takesCertificate((await resolve([line], ssh)).algorithms.hostKey, server);
    for (const ssh of ['ssh', '/nowhere/ssh']) {
      assert.ok(await sees('', [certificate], ssh));
      assert.ok(await sees('HostKeyAlgorithms +ssh-rsa', [certificate], ssh));
      assert.ok(await sees(`HostKeyAlgorithms ${certificate}`, [certificate], ssh));
      assert.ok(await sees('HostKeyAlgorithms -ecdsa*', [certificate], ssh));
      assert.ok(!(await sees('', ['ssh-ed25519'], ssh)));
      assert.ok(!(await sees('HostKeyAlgorithms ssh-ed25519', [certificate], ssh)));
      assert.ok(!(await sees('HostKeyAlgorithms -*-cert-v01@openssh.com', [certificate], ssh)));
    }
  });

  it('decide by which keys and hashes somebody signs in', async () => {
    const accepts = async (line: string, type: string, hash?: string): Promise<boolean> =>
      acceptsKey((await resolve([line])).algorithms.userKey, type, hash);
    assert.ok(await accepts('', 'ssh-ed25519'));
    assert.ok(await accepts('', 'ssh-rsa'));
    assert.ok(await accepts('', 'ssh-rsa', 'sha256'));
    assert.ok(!(await accepts('', 'ssh-rsa', 'sha1')));
    assert.ok(await accepts('PubkeyAcceptedAlgorithms +ssh-rsa', 'ssh-rsa', 'sha1'));
    assert.ok(!(await accepts('PubkeyAcceptedAlgorithms rsa-sha2-512', 'ssh-rsa', 'sha256')));
    assert.ok(!(await accepts('PubkeyAcceptedKeyTypes -ecdsa*', 'ecdsa-sha2-nistp256')));
    assert.ok(!(await accepts('', 'ssh-dss')));
  });

  it('take nothing from a server that is no name', async () => {
    const theirs = new ServerOffer();
    const tricks = ['[x](command:y)', '$(bug)', 'a b', '\u001b[31m', '', 'x'.repeat(65), '-v'];
    theirs.hear(`Handshake: (remote) KEX method: ${tricks.join(',')},good-sha256,ext-info-s`);
    const config = await resolve([]);
    const message = 'Handshake failed: no matching key exchange algorithm';
    const error = theirs.explain(message, await offered(), config);
    assert.match(error?.message ?? '', /The host takes: good-sha256\. Offered was: curve25519/);
    theirs.hear(`Handshake: (remote) KEX method: ${'n,'.repeat(1_000_000)}`);
    const long = theirs.explain(message, await offered(), config);
    assert.ok((long?.message.length ?? 0) < 1500);
    assert.equal(theirs.explain('read ECONNRESET', await offered(), config), undefined);
  });
});
