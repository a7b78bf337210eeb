/** Public keys and certificates as they go over the wire and stand in files of keys. */
import { createHash } from 'node:crypto';
import { WireReader, wireString } from './wire-reader';

export interface PublicKey {
  /** "ssh-ed25519", "ssh-rsa-cert-v01@openssh.com", ... as the bytes themselves name it. */
  readonly type: string;
  /**
   * The key in wire format without the certificate around it, its numbers in their shortest form: one
   * key has no second spelling.
   */
  readonly plain: Buffer;
  /** Of RSA keys alone: the length of the modulus. */
  readonly rsaBits: number | undefined;
}

type FieldKind = 'ed25519' | 'curve' | 'point' | 'number' | 'text';

/**
 * Fields of a key after the name of its type, by RFC 4253 section 6.6, RFC 5656, RFC 8709 and OpenSSH's
 * PROTOCOL.u2f.
 */
const FIELDS: ReadonlyMap<string, readonly FieldKind[]> = new Map([
  ['ssh-ed25519', ['ed25519']],
  ['ecdsa-sha2-nistp256', ['curve', 'point']],
  ['ecdsa-sha2-nistp384', ['curve', 'point']],
  ['ecdsa-sha2-nistp521', ['curve', 'point']],
  ['ssh-rsa', ['number', 'number']],
  ['ssh-dss', ['number', 'number', 'number', 'number']],
  ['sk-ssh-ed25519@openssh.com', ['ed25519', 'text']],
  ['sk-ecdsa-sha2-nistp256@openssh.com', ['curve', 'point', 'text']],
]);
/** Bytes of an uncompressed point, by the name of its curve. */
const POINT_BYTES: ReadonlyMap<string, number> = new Map([
  ['nistp256', 65],
  ['nistp384', 97],
  ['nistp521', 133],
]);
const CERTIFICATE = '-cert-v01@openssh.com';
/** No key is as long. */
const LONGEST = 64 * 1024;

/**
 * Undefined for bytes that are no key of a type that is known here, have more behind it, or say it in
 * a form that OpenSSH does not take.
 */
export function parsePublicKey(bytes: Buffer): PublicKey | undefined {
  if (bytes.length > LONGEST) return undefined;
  try {
    const reader = new WireReader(bytes);
    const type = reader.string().toString('latin1');
    const plainType = plainTypeOf(type);
    const kinds = FIELDS.get(plainType);
    if (kinds === undefined) return undefined;
    const isCertificate = isCertificateType(type);
    if (isCertificate) reader.string();
    const fields = kinds.map((kind) => readField(kind, reader, plainType));
    if (isCertificate) skipCertificate(reader);
    if (reader.left > 0) return undefined;
    const plain = Buffer.concat([plainType, ...fields].map(wireString));
    return { type, plain, rsaBits: plainType === 'ssh-rsa' ? bitsOf(fields[1]!) : undefined };
  } catch {
    return undefined;
  }
}

/** A type's name without the part that says that a certificate is around the key. */
export function plainTypeOf(type: string): string {
  if (!type.endsWith(CERTIFICATE)) return type;
  const name = type.slice(0, -CERTIFICATE.length);
  return name.startsWith('sk-') ? `${name}@openssh.com` : name;
}

export function isCertificateType(type: string): boolean {
  return type.endsWith(CERTIFICATE);
}

/** A key as files hold it: its type, blanks, base64. Undefined where it is none. */
export function readPublicKey(type: string, encoded: string): PublicKey | undefined {
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const key = parsePublicKey(Buffer.from(encoded, 'base64'));
  return key?.type === type ? key : undefined;
}

/** "SHA256:..." as `ssh-keygen -lf` prints it: base64 without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** Throws RangeError for a field that OpenSSH does not take either. */
function readField(kind: FieldKind, reader: WireReader, type: string): Buffer {
  const field = reader.string();
  const isRight = {
    ed25519: () => field.length === 32,
    curve: () =>
      type.includes(field.toString('latin1')) && POINT_BYTES.has(field.toString('latin1')),
    point: () => field[0] === 4 && field.length === pointBytes(type),
    // A number that begins with this bit is negative.
    number: () => field.length > 0 && field[0]! < 0x80,
    text: () => true,
  }[kind];
  if (!isRight()) throw new RangeError(`no ${kind}`);
  return kind === 'number' ? shortest(field) : field;
}

function pointBytes(type: string): number | undefined {
  return [...POINT_BYTES].find(([curve]) => type.includes(curve))?.[1];
}

/** Without the zeros that a number may be led by, but for the one that keeps it positive. */
function shortest(number: Buffer): Buffer {
  let first = 0;
  while (first < number.length && number[first] === 0) first++;
  const isLed = first > 0 && (number[first] ?? 0) >= 0x80;
  return number.subarray(isLed ? first - 1 : first);
}

function bitsOf(number: Buffer): number {
  const [first] = number;
  if (first === undefined) return 0;
  return number.length * 8 - (Math.clz32(first) - 24);
}

/** Skips the fields that OpenSSH puts behind the key of a certificate. */
function skipCertificate(reader: WireReader): void {
  reader.uint64();
  reader.uint32();
  // Key id and principals.
  for (let count = 0; count < 2; count++) reader.string();
  // Valid from and to.
  for (let count = 0; count < 2; count++) reader.uint64();
  // Options, extensions, reserved, the authority's key, its signature.
  for (let count = 0; count < 5; count++) reader.string();
}
