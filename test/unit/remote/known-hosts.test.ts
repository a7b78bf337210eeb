import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { fingerprintOf } from '../../../extension/remote/host-keys';
import {
  formatKnownHost,
  knownHostName,
  knownTypes,
  parseKnownHosts,
  standingOf,
  type Standing,
} from '../../../extension/remote/known-hosts';

/** A key in wire format: its type, and some bytes. */
function key(type: string, seed: string): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(type.length);
  return Buffer.concat([head, Buffer.from(type), Buffer.from(seed.padEnd(32, '.'))]);
}
const A = key('ssh-ed25519', 'a');
const B = key('ssh-ed25519', 'b');
const R = key('ssh-rsa', 'r');
const line = (hosts: string, bytes: Buffer, type = 'ssh-ed25519'): string =>
  `${hosts} ${type} ${bytes.toString('base64')} a comment\n`;
const standing = (text: string, host: string, bytes: Buffer, type = 'ssh-ed25519'): Standing =>
  standingOf(parseKnownHosts(text, 'f'), host, type, bytes);

describe('known_hosts', function () {
  this.timeout(20_000);
  it('knows a key by name, among several names, and by wildcard', () => {
    assert.equal(standing(line('web', A), 'web', A).kind, 'known');
    assert.equal(standing(line('db,web,10.0.0.1', A), 'web', A).kind, 'known');
    assert.equal(standing(line('*.example.org', A), 'a.b.example.org', A).kind, 'known');
    assert.equal(standing(line('web?', A), 'web1', A).kind, 'known');
    assert.equal(standing(line('web?', A), 'web12', A).kind, 'unknown');
    assert.equal(standing(line('WEB', A), 'web', A).kind, 'known');
  });

  it('heeds negation wherever it stands', () => {
    assert.equal(standing(line('*.org,!bad.org', A), 'bad.org', A).kind, 'unknown');
    assert.equal(standing(line('!bad.org,*.org', A), 'bad.org', A).kind, 'unknown');
    assert.equal(standing(line('!bad.org,*.org', A), 'good.org', A).kind, 'known');
    assert.equal(standing(line('!bad.org', A), 'good.org', A).kind, 'unknown');
  });

  it('knows hashed names', () => {
    const salt = Buffer.alloc(20, 7);
    const hash = createHmac('sha1', salt).update('[web]:2222').digest('base64');
    const text = line(`|1|${salt.toString('base64')}|${hash}`, A);
    assert.equal(standing(text, '[web]:2222', A).kind, 'known');
    assert.equal(standing(text, 'web', A).kind, 'unknown');
    assert.equal(standing(line(`|2|x|${hash}`, A), '[web]:2222', A).kind, 'unknown');
  });

  it('names other ports, and trusts the very key without a port', () => {
    assert.equal(knownHostName('Web', 22), 'web');
    assert.equal(knownHostName('::1', 2222), '[::1]:2222');
    assert.equal(standing(line('[web]:2222', A), '[web]:2222', A).kind, 'known');
    assert.equal(standing(line('[web]:2222', A), 'web', A).kind, 'unknown');
    assert.equal(standing(line('web', A), '[web]:2222', A).kind, 'known');
    // Another server on another port: not a changed key.
    assert.equal(standing(line('web', A), '[web]:2222', B).kind, 'unknown');
  });

  it('tells a changed key from one of another type', () => {
    const text = `# comment\n\n${line('web', A)}`;
    const changed = standing(text, 'web', B);
    assert.ok(changed.kind === 'changed');
    assert.equal(changed.at.line, 3);
    assert.deepEqual(standing(text, 'web', R, 'ssh-rsa'), {
      kind: 'unknown',
      otherTypes: ['ssh-ed25519'],
    });
    assert.equal(standing(text + line('web', B), 'web', B).kind, 'known');
    assert.deepEqual(knownTypes(parseKnownHosts(text + line('web', R, 'ssh-rsa'), 'f'), 'web'), [
      'ssh-ed25519',
      'ssh-rsa',
    ]);
  });

  it('refuses a revoked key even where another line knows it', () => {
    const text = line('web', A) + line('@revoked *', A);
    assert.equal(standing(text, 'web', A).kind, 'revoked');
    assert.equal(standing(text, 'web', B).kind, 'changed');
  });

  it('takes a certificate authority for no knowledge of the host', () => {
    assert.equal(standing(line('@cert-authority *', A), 'web', A).kind, 'unknown');
    assert.equal(standing(line('@something web', A), 'web', A).kind, 'unknown');
  });

  it('leaves out lines that hold no key, or one of another type than they say', () => {
    const text = ['web', 'web ssh-ed25519', 'web ssh-ed25519 !!!!', line('web', A, 'ssh-rsa')];
    assert.deepEqual(parseKnownHosts(text.join('\n'), 'f'), []);
    assert.equal(parseKnownHosts(line('web', A).replace('\n', '\r\n'), 'f').length, 1);
  });

  it('reads what it writes, for every name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (name) => {
        const host = name.toLowerCase();
        const text = formatKnownHost(host, 'ssh-ed25519', A);
        assert.equal(text.split('\n').length, 2);
        assert.equal(standing(text, host, A).kind, 'known');
      }),
    );
  });

  it('reads anything without failing', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseKnownHosts(text, 'f')));
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = `h ssh-ed25519 ${Buffer.from(bytes).toString('base64')}`;
        parseKnownHosts(text, 'f');
      }),
    );
  });

  it('prints fingerprints without padding', () => {
    assert.match(fingerprintOf(A), /^SHA256:[A-Za-z0-9+/]{43}$/);
  });
});
