import { createHmac, randomBytes } from 'node:crypto';
import { readPublicKey, type PublicKey } from './public-key';
import { matchesPatternList } from './wildcard';

const MARKERS: ReadonlyMap<string, KnownHost['marker']> = new Map([
  ['@revoked', 'revoked'],
  ['@cert-authority', 'authority'],
]);
/** A line with a longer one is for no host, as in OpenSSH. */
const MAX_PATTERN = 1023;

/** One usable line of a known_hosts file. Lines that are none are left out when it is read. */
export interface KnownHost {
  /**
   * Revoked: whoever shows this key is refused. Authority: this key signs certificates of hosts; it
   * is the key of none.
   */
  readonly marker: 'none' | 'revoked' | 'authority';
  readonly hosts: string;
  readonly key: PublicKey;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** The standing of one key of one host. */
export type Standing =
  | { readonly kind: 'known'; readonly at: KnownHost }
  | { readonly kind: 'revoked'; readonly at: KnownHost }
  /** Another key is known, of the same type if there is one. */
  | { readonly kind: 'changed'; readonly at: KnownHost }
  /** No key is known. */
  | { readonly kind: 'unknown' };

export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const entry = parseLine(content, file, index + 1);
    return entry ? [entry] : [];
  });
}

export function placeOf({ file, line }: KnownHost): string {
  return `${file}:${line}`;
}

/** How known_hosts names a host. */
export interface HostName {
  readonly name: string;
  /** The name without its port, where it has one: what ssh looks for when `name` is not found. */
  readonly withoutPort: string | undefined;
}

/** With its port unless it is 22; an alias stands for itself and has no port. */
export function knownHostName(host: string, port: number, alias?: string): HostName {
  if (alias !== undefined) return { name: alias.toLowerCase(), withoutPort: undefined };
  const plain = host.toLowerCase();
  if (port === 22) return { name: plain, withoutPort: undefined };
  return { name: `[${plain}]:${port}`, withoutPort: plain };
}

/** The lines that speak of one host. */
export interface HostLines {
  readonly named: readonly KnownHost[];
  readonly withoutPort: readonly KnownHost[];
}

export function linesFor(
  entries: readonly KnownHost[],
  { name, withoutPort }: HostName,
): HostLines {
  return {
    named: entries.filter((entry) => isFor(entry, name)),
    withoutPort:
      withoutPort === undefined ? [] : entries.filter((entry) => isFor(entry, withoutPort)),
  };
}

/**
 * Compares a key with what is known. As OpenSSH does it, a host on another port is also trusted by a
 * line without port that holds this very key, and a key of another type than the known ones is a
 * changed key.
 */
export function standingOf({ named, withoutPort }: HostLines, key: PublicKey): Standing {
  const all = [...named, ...withoutPort];
  const same = (entry: KnownHost): boolean => entry.key.plain.equals(key.plain);
  // A certificate that stands where a key should is not the key of the host.
  const isKnown = (entry: KnownHost): boolean =>
    entry.marker === 'none' && entry.key.type === key.type && same(entry);

  const revoked = all.find((entry) => entry.marker === 'revoked' && same(entry));
  if (revoked) return { kind: 'revoked', at: revoked };
  const known = named.find(isKnown);
  if (known) return { kind: 'known', at: known };
  const others = named.filter(({ marker }) => marker === 'none');
  const other = others.find((entry) => entry.key.type === key.type) ?? others[0];
  if (other) return { kind: 'changed', at: other };
  const loose = withoutPort.find(isKnown);
  if (loose) return { kind: 'known', at: loose };
  return { kind: 'unknown' };
}

/** An authority that signs certificates of the host. */
export function authorityIn({ named, withoutPort }: HostLines): KnownHost | undefined {
  return [...named, ...withoutPort].find(({ marker }) => marker === 'authority');
}

/** Types of the keys that are known of a host, so that the server can be asked for one of them. */
export function knownTypes({ named }: HostLines): string[] {
  const valid = named.filter(({ marker }) => marker === 'none');
  return [...new Set(valid.map(({ key }) => key.type))];
}

/** An authority of this host whose own key is revoked: its certificates are worth nothing. */
export function revokedAuthority(
  { named, withoutPort }: HostLines,
  isRevoked: (key: PublicKey) => boolean,
): KnownHost | undefined {
  const all = [...named, ...withoutPort];
  const revoked = all.filter(({ marker }) => marker === 'revoked');
  return all.find(
    ({ marker, key }) =>
      marker === 'authority' &&
      (isRevoked(key) || revoked.some((entry) => entry.key.plain.equals(key.plain))),
  );
}

/** A line for a host, hashed where its name is not one that known_hosts can hold as it is. */
export function formatKnownHost(host: string, { type, plain }: PublicKey): string {
  const name = /^[a-z0-9[][a-z0-9._:[\]%-]*$/.test(host) ? host : hashedName(host);
  return `${name} ${type} ${plain.toString('base64')}\n`;
}

function parseLine(content: string, file: string, line: number): KnownHost | undefined {
  const fields = content.split(/[ \t]+/);
  if (fields[0] === '') fields.shift();
  if (fields[0]?.startsWith('#')) return undefined;
  const marker = MARKERS.get(fields[0] ?? '') ?? 'none';
  if (marker !== 'none') fields.shift();
  const [hosts, type, encoded] = fields;
  // One marker that is not known, or one more: ssh takes no such line either.
  if (hosts === undefined || hosts.startsWith('@')) return undefined;
  const key = readPublicKey(type ?? '', encoded ?? '');
  return key && { marker, hosts, key, file, line };
}

function isFor({ hosts }: KnownHost, name: string): boolean {
  if (!hosts.startsWith('|')) {
    const patterns = hosts.toLowerCase().split(',');
    return (
      patterns.every(({ length }) => length < MAX_PATTERN) && matchesPatternList(patterns, name)
    );
  }
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return hmac(salt, name) === hash;
}

function hashedName(host: string): string {
  const salt = randomBytes(20).toString('base64');
  return `|1|${salt}|${hmac(salt, host)}`;
}

function hmac(salt: string, name: string): string {
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64');
}
