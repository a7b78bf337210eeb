import { createHmac, randomBytes } from 'node:crypto';
import { matchesPatternList } from './wildcard';

/** One usable line of a known_hosts file. Lines that are none are left out when it is read. */
export interface KnownHost {
  /** Revoked: whoever shows this key is refused. */
  readonly revoked: boolean;
  readonly hosts: string;
  readonly keyType: string;
  /** The key as it goes over the wire. */
  readonly key: Buffer;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What is known of one key of one host. */
export type Standing =
  | { readonly kind: 'known'; readonly at: KnownHost }
  | { readonly kind: 'revoked'; readonly at: KnownHost }
  /** Another key of the same type is known. */
  | { readonly kind: 'changed'; readonly at: KnownHost }
  /** Of this type no key is known; `otherTypes` are those that are. */
  | { readonly kind: 'unknown'; readonly otherTypes: readonly string[] };

export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const entry = parseLine(content.trim(), file, index + 1);
    return entry ? [entry] : [];
  });
}

/** How known_hosts names a host: with its port unless it is 22. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/**
 * Compares a key with what the files say. `host` is {@link knownHostName}'s or an alias. As OpenSSH
 * does it, a host on another port is also trusted by a line without port that holds this very key.
 */
export function standingOf(
  entries: readonly KnownHost[],
  host: string,
  keyType: string,
  key: Buffer,
): Standing {
  const plain = /^\[(.*)\]:\d+$/.exec(host)?.[1];
  const named = entries.filter((entry) => isFor(entry, host));
  const withoutPort = plain === undefined ? [] : entries.filter((entry) => isFor(entry, plain));
  const same = (entry: KnownHost): boolean => entry.key.equals(key);

  const revoked = [...named, ...withoutPort].find((entry) => entry.revoked && same(entry));
  if (revoked) return { kind: 'revoked', at: revoked };
  const valid = named.filter((entry) => !entry.revoked);
  const known = valid.find(same);
  if (known) return { kind: 'known', at: known };
  const other = valid.find((entry) => entry.keyType === keyType);
  if (other) return { kind: 'changed', at: other };
  const loose = withoutPort.find((entry) => !entry.revoked && same(entry));
  if (loose) return { kind: 'known', at: loose };
  return { kind: 'unknown', otherTypes: typesOf(valid) };
}

/** Types of the keys that are known of a host, so that the server can be asked for one of them. */
export function knownTypes(entries: readonly KnownHost[], host: string): string[] {
  return typesOf(entries.filter((entry) => !entry.revoked && isFor(entry, host)));
}

/** A line for a host, hashed where its name is not one that known_hosts can hold as it is. */
export function formatKnownHost(host: string, keyType: string, key: Buffer): string {
  const name = /^[a-z0-9[][a-z0-9._:[\]%-]*$/.test(host) ? host : hashedName(host);
  return `${name} ${keyType} ${key.toString('base64')}\n`;
}

function parseLine(content: string, file: string, line: number): KnownHost | undefined {
  if (content === '' || content.startsWith('#')) return undefined;
  const fields = content.split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  // An authority vouches for certificates, which ssh2 cannot check: to us its hosts are unknown.
  if (marker !== undefined && marker !== '@revoked') return undefined;
  const [hosts, keyType, encoded] = fields;
  if (hosts === undefined || keyType === undefined || encoded === undefined) return undefined;
  const key = Buffer.from(encoded, 'base64');
  if (typeOfKey(key) !== keyType) return undefined;
  return { revoked: marker === '@revoked', hosts, keyType, key, file, line };
}

/** The type that a key in wire format names itself; undefined for what is no key. */
export function typeOfKey(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  if (length === 0 || length > 64 || key.length < 4 + length) return undefined;
  return key.toString('latin1', 4, 4 + length);
}

function isFor({ hosts }: KnownHost, name: string): boolean {
  if (!hosts.startsWith('|')) return matchesPatternList(hosts.toLowerCase().split(','), name);
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return hmac(salt, name) === hash;
}

function typesOf(entries: readonly KnownHost[]): string[] {
  return [...new Set(entries.map(({ keyType }) => keyType))];
}

function hashedName(host: string): string {
  const salt = randomBytes(20).toString('base64');
  return `|1|${salt}|${hmac(salt, host)}`;
}

function hmac(salt: string, name: string): string {
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
}
