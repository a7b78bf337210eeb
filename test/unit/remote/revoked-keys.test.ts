import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseKrl } from '../../../extension/remote/krl';
import { parsePublicKey, type PublicKey } from '../../../extension/remote/public-key';
import { loadRevokedKeys, parseRevokedKeys } from '../../../extension/remote/revoked-keys';
import { wireString } from '../../../extension/remote/wire-reader';

function ed25519(letter: string): PublicKey {
  const parsed = parsePublicKey(
    Buffer.concat(['ssh-ed25519', Buffer.alloc(32, letter)].map(wireString)),
  );
  assert.ok(parsed);
  return parsed;
}
const A = ed25519('a');
const B = ed25519('b');

const number = (value: number, bytes: 4 | 8): Buffer => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 4) buffer.writeUInt32BE(value);
  else buffer.writeBigUInt64BE(BigInt(value));
  return buffer;
};
const HEAD = Buffer.concat([
  Buffer.from('SSHKRL\n\0', 'latin1'),
  number(1, 4),
  ...[1, 2, 0].map((value) => number(value, 8)),
  wireString(''),
  wireString('a comment'),
]);
const section = (kind: number, ...parts: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([kind]), wireString(Buffer.concat(parts))]);
const krl = (...sections: Buffer[]): Buffer => Buffer.concat([HEAD, ...sections]);
const certificates = (...parts: Buffer[]): Buffer =>
  section(1, wireString(''), wireString(''), ...parts);

describe('revoked keys', () => {
  it('are read from sections of a list, one after the other', () => {
    const list = parseKrl(krl(section(2, wireString(B.plain)), section(2, wireString(A.plain))));
    assert.ok(list.isRevoked(A) && list.isRevoked(B) && !list.isRevoked(ed25519('c')));
    assert.ok(!list.revokesCertificates);
    assert.ok(!parseKrl(krl()).isRevoked(A));
  });

  it('tell lists that revoke certificates', () => {
    const serials = section(0x20, number(7, 8), number(9, 8));
    const range = section(0x21, number(1, 8), number(5, 8));
    const bitmap = section(0x22, number(1, 8), wireString(Buffer.from([5])));
    const ids = section(0x23, wireString('web'), wireString('db'));
    for (const part of [serials, range, bitmap, ids]) {
      assert.ok(parseKrl(krl(certificates(part))).revokesCertificates);
    }
    assert.ok(!parseKrl(krl(certificates())).revokesCertificates);
  });

  it('refuse a list with anything in it that is not understood', () => {
    const extension = (kind: number, critical: number): Buffer =>
      section(kind, wireString('x@y'), Buffer.from([critical]), wireString('content'));
    assert.ok(parseKrl(krl(extension(255, 0), certificates(extension(0x39, 0)))));
    const bad: readonly (readonly [string, Buffer])[] = [
      ['an unknown section', krl(section(9))],
      ['a signature', krl(section(4, wireString(A.plain)))],
      ['a critical extension', krl(extension(255, 1))],
      ['a critical extension for certificates', krl(certificates(extension(0x39, 1)))],
      ['an unknown section for certificates', krl(certificates(section(0x24)))],
      ['a short fingerprint', krl(section(5, wireString(Buffer.alloc(31))))],
      ['an authority that is no key', krl(section(1, wireString('x'), wireString('')))],
      ['a serial number 0', krl(certificates(section(0x20, number(0, 8))))],
      ['a range backwards', krl(certificates(section(0x21, number(5, 8), number(1, 8))))],
      ['half a serial number', krl(certificates(section(0x20, number(1, 4))))],
      [
        'more behind a range',
        krl(certificates(section(0x21, ...[1, 2, 3].map((n) => number(n, 8))))),
      ],
      ['a length over its end', Buffer.concat([HEAD, Buffer.from([2]), number(2 ** 32 - 1, 4)])],
      ['another version', Buffer.concat([HEAD.subarray(0, 8), number(2, 4), HEAD.subarray(12)])],
    ];
    for (const [what, bytes] of bad) assert.throws(() => parseRevokedKeys(bytes), what);
    for (let length = 1; length < HEAD.length; length++) {
      assert.throws(() => parseRevokedKeys(HEAD.subarray(0, length)), `${length} bytes`);
    }
  });

  it('take no byte of a list for another: each cut fails or revokes no other key', () => {
    const whole = krl(
      section(2, wireString(A.plain)),
      certificates(section(0x23, wireString('id'))),
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= flip;
        try {
          assert.ok(!parseRevokedKeys(bytes).isRevoked(B));
        } catch (error) {
          assert.ok(error instanceof Error);
        }
      }),
    );
  });

  it('read anything without hanging, and give an error or a list', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.concat([HEAD, bytes])),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          parseRevokedKeys(Buffer.from(bytes)).isRevoked(A);
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof TypeError));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('pass over RSA keys that are too short for anybody, as ssh does', () => {
    const rsa = (bytes: number): PublicKey => {
      const fields = ['ssh-rsa', Buffer.from([3]), Buffer.alloc(bytes, 'r')];
      return parsePublicKey(Buffer.concat(fields.map(wireString)))!;
    };
    const file = (key: PublicKey): Buffer =>
      Buffer.from(`ssh-rsa ${key.plain.toString('base64')} of somebody`);
    assert.ok(!parseRevokedKeys(file(rsa(64))).isRevoked(rsa(64)));
    assert.ok(parseRevokedKeys(file(rsa(256))).isRevoked(rsa(256)));
  });

  describe('by ssh-keygen', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'acupoint-revoked-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
    const line = (key: PublicKey): string => `ssh-ed25519 ${key.plain.toString('base64')}`;
    const keygen = (content: string): string => {
      writeFileSync(join(folder, 'spec'), content);
      writeFileSync(join(folder, 'ca.pub'), `${line(B)}\n`);
      const args = ['-q', '-k', '-f', join(folder, 'krl'), '-s', join(folder, 'ca.pub')];
      execFileSync('ssh-keygen', [...args, join(folder, 'spec')]);
      return join(folder, 'krl');
    };

    for (const how of ['key', 'sha1', 'sha256']) {
      it(`are found by ${how}`, async () => {
        const list = await loadRevokedKeys([keygen(`${how}: ${line(A)}\n`)]);
        assert.equal(list.revokedBy(A), join(folder, 'krl'));
        assert.equal(list.revokedBy(B), undefined);
      });
    }

    it('are told from certificates in a list with all kinds of serial numbers', async () => {
      const many = Array.from({ length: 300 }, (_, index) => `serial: ${1 + index * index}`);
      const content = [...many, 'serial: 1000000-2000000', 'id: web', 'id: db', ''].join('\n');
      const list = await loadRevokedKeys([keygen(content)]);
      assert.equal(list.certificatesRevokedBy, join(folder, 'krl'));
      assert.equal(list.revokedBy(A), undefined);
    });

    it('are refused where one of several files cannot be used', async () => {
      const good = keygen(`key: ${line(A)}\n`);
      await assert.rejects(loadRevokedKeys([good, '/nowhere/at all']), {
        kind: 'config',
        message: /\/nowhere\/at all, which cannot be used: ENOENT.*as with ssh/,
      });
      await assert.rejects(loadRevokedKeys([good, '/dev/zero']), { message: /more than 64 MB/ });
      const cut = readFileSync(good).subarray(0, -1);
      writeFileSync(good, cut);
      await assert.rejects(loadRevokedKeys([good]), { kind: 'config' });
    });
  });
});
