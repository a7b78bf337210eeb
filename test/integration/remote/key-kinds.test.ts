/** Every kind of key file that ssh-keygen and openssl write, and a real server that knows the key. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../../extension/common/log';
import { connect } from '../../../extension/remote';
import { wireString } from '../../../extension/remote/wire-reader';
import { knownKey, secret } from '../../fixtures/secrets';
import { makeKey, ScriptedUser, startSshd, type KeyType, type Sshd } from '../../fixtures/sshd';

const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: 'pipe' });
const keygen = (...args: string[]): string =>
  execFileSync('ssh-keygen', args, { stdio: 'pipe' }).toString();

describe('key files', function () {
  this.timeout(60_000);
  let sshd: Sshd;
  let config: string;
  let file: string;
  let passphrase: string;
  let count = 0;

  before(async () => {
    sshd = await startSshd();
    config = readFileSync(sshd.configFile, 'utf8');
  });
  after(() => sshd.stop());
  beforeEach(() => {
    file = join(sshd.folder, `key_${++count}`);
    passphrase = secret('passphrase');
    const text = config.replace(/IdentityFile .*/, `IdentityFile ${file}`);
    writeFileSync(sshd.configFile, text);
  });

  /** Signs in with a user who knows the passphrase at the second try; how often they were asked. */
  async function signIn(): Promise<number> {
    const user = new ScriptedUser({
      askPassphrase: ({ attempt }) => Promise.resolve(attempt === 1 ? 'wrong' : passphrase),
    });
    const transport = await connect({ kind: 'ssh', host: 'acupoint-test' }, user, {
      signal: new AbortController().signal,
      log: silentLog,
      stateDir: join(sshd.folder, 'state'),
      configFile: sshd.configFile,
    });
    transport.dispose();
    return user.asked.length;
  }

  /** Lets a public key in, and leaves none beside the private one. */
  function letIn(line: string): void {
    writeFileSync(sshd.authorizedKeys, `${line}\n`);
  }

  function encrypt(how: readonly string[]): void {
    const clear = `${file}.clear`;
    renameSync(file, clear);
    const args = ['pkcs8', '-in', clear, '-topk8', ...how, '-passout', 'stdin', '-out', file];
    execFileSync('openssl', args, { input: passphrase, stdio: 'pipe' });
  }

  const ciphers = execFileSync('ssh', ['-Q', 'cipher']).toString().trim().split('\n');
  for (const cipher of ciphers) {
    it(`signs in with a key that ssh-keygen encrypted by ${cipher}`, async () => {
      keygen('-q', '-t', 'ed25519', '-Z', cipher, '-N', passphrase, '-f', file);
      knownKey(file);
      letIn(readFileSync(`${file}.pub`, 'utf8'));
      assert.equal(await signIn(), 2);
    });
  }
  for (const type of ['rsa', 'ecdsa'] as const) {
    it(`signs in with an ${type} key encrypted by chacha20-poly1305`, async () => {
      const cipher = ['-Z', 'chacha20-poly1305@openssh.com'];
      keygen('-q', '-t', type, ...cipher, '-N', passphrase, '-f', file);
      knownKey(file);
      letIn(readFileSync(`${file}.pub`, 'utf8'));
      assert.equal(await signIn(), 2);
    });
  }

  const kinds: Readonly<Record<string, readonly string[]>> = {
    RSA: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
    'EC P-256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    'EC P-384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
    'EC P-521': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
    Ed25519: ['-algorithm', 'ED25519'],
  };
  const scrypt = ['-scrypt', '-scrypt_N', '1024'];
  const ways: Readonly<Record<string, readonly string[] | undefined>> = {
    plain: undefined,
    'encrypted by AES-256': ['-v2', 'aes-256-cbc'],
    'encrypted by 3DES': ['-v2', 'des-ede3-cbc'],
    'encrypted by scrypt': scrypt,
  };
  for (const [kind, options] of Object.entries(kinds)) {
    for (const [way, encryption] of Object.entries(ways)) {
      it(`signs in with PKCS #8, ${kind}, ${way}`, async () => {
        openssl('genpkey', ...options, '-out', file);
        letIn(publicLine(file));
        if (encryption) encrypt(encryption);
        assert.equal(await signIn(), encryption ? 2 : 0);
      });
    }
  }

  const olds: readonly (readonly [KeyType, string])[] = [
    ['rsa', 'PEM'],
    ['ecdsa', 'PEM'],
    ['rsa', 'PKCS8'],
    ['ecdsa', 'PKCS8'],
  ];
  for (const [type, format] of olds) {
    it(`signs in with an encrypted ${type} key in ssh-keygen's ${format}`, async () => {
      makeKey(file, type, passphrase, format);
      letIn(readFileSync(`${file}.pub`, 'utf8'));
      assert.equal(await signIn(), 2);
    });
  }

  for (const [kind, options, said] of [
    ['RSA-PSS', ['-algorithm', 'RSA-PSS'], /\(rsa-pss\)\. Built in are RSA/],
    ['Ed448', ['-algorithm', 'ED448'], /\(ed448\)\. Built in are RSA/],
    [
      'secp256k1',
      ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1'],
      /\(EC on the curve secp256k1\)\. Built in are/,
    ],
  ] as const) {
    it(`names ${kind} as what ssh has no use for`, async () => {
      openssl('genpkey', ...options, '-out', file);
      await assert.rejects(signIn(), { kind: 'auth', message: said });
      encrypt([]);
      await assert.rejects(signIn(), { kind: 'auth', message: said });
    });
  }

  it('names a damaged key file as one that it cannot read, and goes on', async () => {
    for (const text of [
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      '',
      'x',
    ]) {
      writeFileSync(file, text);
      await assert.rejects(signIn(), { kind: 'auth', message: /of a kind that is not built in/ });
    }
  });

  it('names the certificate beside a key that the host knows by its authority alone', async () => {
    const authority = join(sshd.folder, 'authority');
    makeKey(authority, 'ed25519');
    makeKey(file, 'ed25519');
    keygen('-q', '-s', authority, '-I', 'test', '-n', sshd.user, `${file}.pub`);
    letIn(`cert-authority ${readFileSync(`${authority}.pub`, 'utf8')}`);
    execFileSync('ssh', ['-F', sshd.configFile, '-o', 'BatchMode=yes', 'acupoint-test', 'true']);
    await assert.rejects(signIn(), {
      kind: 'auth',
      message: /certificate \S+key_\d+-cert\.pub was left out: certificates are not supported yet/,
    });
  });
});

/** As authorized_keys has it, from a private key in PEM. */
function publicLine(file: string): string {
  const key = createPublicKey(createPrivateKey(readFileSync(file)));
  if (key.asymmetricKeyType !== 'ed25519') {
    writeFileSync(`${file}.public`, key.export({ type: 'spki', format: 'pem' }));
    return keygen('-i', '-m', 'PKCS8', '-f', `${file}.public`);
  }
  const bytes = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  const blob = Buffer.concat([wireString('ssh-ed25519'), wireString(bytes)]);
  return `ssh-ed25519 ${blob.toString('base64')}`;
}
