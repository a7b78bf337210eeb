/**
 * OpenSSH's lists of revoked keys (PROTOCOL.krl), as `ssh-keygen -k` writes them. As in OpenSSH, a
 * list with anything in it that is not understood is no list at all.
 */
import { createHash } from 'node:crypto';
import { parsePublicKey, type PublicKey } from './public-key';
import { WireReader } from './wire-reader';

const MAGIC = Buffer.from('SSHKRL\n\0', 'latin1');
const VERSION = 1;

const Section = {
  Certificates: 1,
  ExplicitKey: 2,
  FingerprintSha1: 3,
  FingerprintSha256: 5,
  Extension: 255,
} as const;

const CertificateSection = {
  SerialList: 0x20,
  SerialRange: 0x21,
  SerialBitmap: 0x22,
  KeyId: 0x23,
  Extension: 0x39,
} as const;

export interface Krl {
  isRevoked(key: PublicKey): boolean;
  /** Certificates are revoked too, by serial number or key id: these are not looked at here. */
  readonly revokesCertificates: boolean;
}

export function isKrl(bytes: Buffer): boolean {
  return bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/** Throws where the bytes are no list, or one with something in it that is not understood. */
export function parseKrl(bytes: Buffer): Krl {
  if (!isKrl(bytes)) throw new Error('it is no KRL');
  const reader = new WireReader(bytes.subarray(MAGIC.length));
  const version = reader.uint32();
  if (version !== VERSION) throw new Error(`it has the unknown KRL version ${version}`);
  // Version of the list, date, flags.
  for (let count = 0; count < 3; count++) reader.uint64();
  // Reserved, comment.
  for (let count = 0; count < 2; count++) reader.string();

  const revoked: Revoked = { keys: new Set(), sha1: new Set(), sha256: new Set() };
  let revokesCertificates = false;
  while (reader.left > 0) {
    const kind = reader.byte();
    const section = new WireReader(reader.string());
    if (kind === Section.Certificates) {
      if (hasCertificates(section)) revokesCertificates = true;
    } else {
      readSection(kind, section, revoked);
    }
  }
  return {
    revokesCertificates,
    isRevoked: ({ plain }) =>
      revoked.keys.has(plain.toString('latin1')) ||
      revoked.sha1.has(digest('sha1', plain)) ||
      revoked.sha256.has(digest('sha256', plain)),
  };
}

interface Revoked {
  readonly keys: Set<string>;
  readonly sha1: Set<string>;
  readonly sha256: Set<string>;
}

function readSection(kind: number, section: WireReader, revoked: Revoked): void {
  switch (kind) {
    case Section.ExplicitKey:
      while (section.left > 0) revoked.keys.add(section.string().toString('latin1'));
      return;
    case Section.FingerprintSha1:
      return readDigests(section, 20, revoked.sha1);
    case Section.FingerprintSha256:
      return readDigests(section, 32, revoked.sha256);
    case Section.Extension:
      return readExtension(section);
    default:
      // A signature, too: OpenSSH takes no list that has one.
      throw new Error(`its section ${kind} is not understood`);
  }
}

function readDigests(section: WireReader, length: number, into: Set<string>): void {
  while (section.left > 0) {
    const bytes = section.string();
    if (bytes.length !== length) throw new Error('a fingerprint in it has a wrong length');
    into.add(bytes.toString('latin1'));
  }
}

/** Checks the form; true where there is a certificate in it. */
function hasCertificates(section: WireReader): boolean {
  const authority = section.string();
  if (authority.length > 0 && !parsePublicKey(authority)) {
    throw new Error('the key of an authority in it is not understood');
  }
  section.string();
  let any = false;
  while (section.left > 0) {
    const kind = section.byte();
    const part = new WireReader(section.string());
    any ||= kind !== CertificateSection.Extension;
    checkCertificates(kind, part);
    if (part.left > 0) throw new Error('more is in a part of it than belongs there');
  }
  return any;
}

function checkCertificates(kind: number, part: WireReader): void {
  switch (kind) {
    case CertificateSection.SerialList:
      while (part.left > 0) checkRange(part.uint64());
      return;
    case CertificateSection.SerialRange:
      return checkRange(part.uint64(), part.uint64());
    case CertificateSection.SerialBitmap:
      part.uint64();
      part.string();
      return;
    case CertificateSection.KeyId:
      while (part.left > 0) part.string();
      return;
    case CertificateSection.Extension:
      return readExtension(part);
    default:
      throw new Error(`its section ${kind} for certificates is not understood`);
  }
}

/** Serial 0 says that there is none, and cannot be revoked. */
function checkRange(first: bigint, last = first): void {
  if (first === 0n || first > last) throw new Error('a serial number in it is none');
}

function readExtension(section: WireReader): void {
  const name = section.string().toString('latin1');
  const isCritical = section.byte() !== 0;
  section.string();
  if (section.left > 0) throw new Error('more is in an extension of it than belongs there');
  if (isCritical) throw new Error(`its extension ${JSON.stringify(name)} is not understood`);
}

function digest(how: 'sha1' | 'sha256', bytes: Buffer): string {
  return createHash(how).update(bytes).digest().toString('latin1');
}
