import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import {
  authorityIn,
  formatKnownHost,
  knownHostName,
  knownTypes,
  linesFor,
  parseKnownHosts,
  standingOf,
  type HostName,
  type Standing,
} from '../../../extension/remote/known-hosts';
import {
  fingerprintOf,
  parsePublicKey,
  type PublicKey,
} from '../../../extension/remote/public-key';
import { wireString } from '../../../extension/remote/wire-reader';

function key(...fields: (string | Buffer)[]): PublicKey {
  const parsed = parsePublicKey(Buffer.concat(fields.map(wireString)));
  assert.ok(parsed);
  return parsed;
}
const A = key('ssh-ed25519', Buffer.alloc(32, 'a'));
const B = key('ssh-ed25519', Buffer.alloc(32, 'b'));
const R = key('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(256, 'r'));
const line = (hosts: string, { type, plain }: PublicKey, asType = type): string =>
  `${hosts} ${asType} ${plain.toString('base64')} a comment\n`;
/** "[web]:2222" stands for the host web on that port. */
const nameOf = (text: string): HostName => {
  const [, host, port] = /^\[(.*)\]:(\d+)$/.exec(text) ?? [];
  return knownHostName(host ?? text, Number(port ?? 22));
};
const standing = (text: string, host: string, shown: PublicKey): Standing =>
  standingOf(linesFor(parseKnownHosts(text, 'f'), nameOf(host)), shown);

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
    assert.deepEqual(knownHostName('Web', 22), { name: 'web', withoutPort: undefined });
    assert.deepEqual(knownHostName('::1', 2222), { name: '[::1]:2222', withoutPort: '::1' });
    const alias = { name: 'alias', withoutPort: undefined };
    assert.deepEqual(knownHostName('::1', 2222, 'Alias'), alias);
    assert.equal(standing(line('[web]:2222', A), '[web]:2222', A).kind, 'known');
    assert.equal(standing(line('[web]:2222', A), 'web', A).kind, 'unknown');
    assert.equal(standing(line('web', A), '[web]:2222', A).kind, 'known');
    // Another server on another port: not a changed key.
    assert.equal(standing(line('web', A), '[web]:2222', B).kind, 'unknown');
  });

  it('takes a key of another type for a changed one, as ssh does', () => {
    const text = `# comment\n\n${line('web', A)}`;
    const changed = standing(text, 'web', B);
    assert.ok(changed.kind === 'changed');
    assert.equal(changed.at.line, 3);
    assert.equal(standing(text, 'web', R).kind, 'changed');
    assert.equal(standing(text + line('web', B), 'web', B).kind, 'known');
    // Of several lines, the one of the same type is shown.
    const two = standing(line('web', R) + line('web', A), 'web', B);
    assert.ok(two.kind === 'changed');
    assert.equal(two.at.line, 2);
    // The name with its port comes first: a line without it does not make another key right.
    assert.equal(
      standing(line('[web]:22222', A) + line('web', B), '[web]:22222', B).kind,
      'changed',
    );
    const lines = linesFor(parseKnownHosts(text + line('web', R), 'f'), nameOf('web'));
    assert.deepEqual(knownTypes(lines), ['ssh-ed25519', 'ssh-rsa']);
  });

  it('refuses a revoked key even where another line knows it', () => {
    const text = line('web', A) + line('@revoked *', A);
    assert.equal(standing(text, 'web', A).kind, 'revoked');
    assert.equal(standing(text, 'web', B).kind, 'changed');
  });

  it('finds revoked keys below every name of the host', () => {
    const salt = Buffer.alloc(20, 9);
    const hash = createHmac('sha1', salt).update('web').digest('base64');
    const hashed = `|1|${salt.toString('base64')}|${hash}`;
    for (const hosts of ['*', 'WEB', 'db,web', 'w?b', hashed]) {
      assert.equal(standing(line(`@revoked ${hosts}`, A), 'web', A).kind, 'revoked', hosts);
      assert.equal(standing(line(`@revoked ${hosts}`, A), '[web]:7', A).kind, 'revoked', hosts);
    }
    assert.equal(standing(line('@revoked *,!web', A), 'web', A).kind, 'unknown');
    assert.equal(standing(line('  @revoked\tweb', A), 'web', A).kind, 'revoked');
    assert.equal(standing(line('@REVOKED web', A), 'web', A).kind, 'unknown');
    assert.equal(standing(line('@revoked @revoked web', A), 'web', A).kind, 'unknown');
    assert.equal(standing(line('@cert-authority @revoked web', A), 'web', A).kind, 'unknown');
  });

  it('names the authority of an unknown host, and does not take it for a key', () => {
    const text = `\n${line('@cert-authority *', A)}`;
    assert.equal(standing(text, 'web', A).kind, 'unknown');
    assert.equal(authorityIn(linesFor(parseKnownHosts(text, 'f'), nameOf('web')))?.line, 2);
    assert.equal(standing(line('@cert-authority *', A) + line('web', B), 'web', B).kind, 'known');
    assert.equal(standing(line('@something web', A), 'web', A).kind, 'unknown');
  });

  it('leaves out lines that hold no key, or one of another type than they say', () => {
    const encoded = A.plain.toString('base64');
    const bad = [
      'web',
      'web ssh-ed25519',
      'web ssh-ed25519 !!!!',
      `web ssh-ed25519 ${encoded.slice(0, -1)}`,
      `web ssh-ed25519 ${encoded}AAAA`,
      `web ssh-ed25519 ${encoded.slice(0, 20)}-${encoded.slice(20)}`,
      line('web', A, 'ssh-rsa'),
      `web ${'x'.repeat(1_000_000)}`,
      Buffer.from([0, 1, 2, 0xff, 0x80, 10, 0]).toString('latin1'),
    ];
    assert.deepEqual(parseKnownHosts(bad.join('\n'), 'f'), []);
    assert.equal(parseKnownHosts(line('web', A).replace('\n', '\r\n'), 'f').length, 1);
    assert.equal(standing(`${bad.join('\n')}\n${line('web', A).trim()}`, 'web', A).kind, 'known');
    assert.equal(standing(`web\tssh-ed25519\t${encoded}\r\n`, 'web', A).kind, 'known');
    assert.equal(standing(line(`${'a'.repeat(1023)},web`, A), 'web', A).kind, 'unknown');
  });

  it('knows one key by one spelling', () => {
    const exponent = Buffer.from([1, 0, 1]);
    const padded = key('ssh-rsa', Buffer.from([0, 0, 1, 0, 1]), Buffer.alloc(256, 'r'));
    assert.equal(standing(line('@revoked *', R), 'web', padded).kind, 'revoked');
    assert.equal(R.rsaBits, 2047);
    assert.equal(key('ssh-rsa', exponent, Buffer.from([0, 0x80, 0])).rsaBits, 16);
    const negative = Buffer.concat(['ssh-rsa', exponent, Buffer.from([0x80])].map(wireString));
    assert.equal(parsePublicKey(negative), undefined);
  });

  it('reads what it writes, for every name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (name) => {
        const host = name.toLowerCase();
        const text = formatKnownHost(host, A);
        assert.equal(text.split('\n').length, 2);
        const lines = linesFor(parseKnownHosts(text, 'f'), knownHostName(host, 22));
        assert.equal(standingOf(lines, A).kind, 'known');
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
    assert.match(fingerprintOf(A.plain), /^SHA256:[A-Za-z0-9+/]{43}$/);
  });
});
