/**
 * Chooses the offer to a server: the lists of the ssh configuration, as far as ssh2 has their names.
 */
import type { Algorithms } from 'ssh2';
import {
  SUPPORTED_CIPHER,
  SUPPORTED_KEX,
  SUPPORTED_MAC,
  SUPPORTED_SERVER_HOST_KEY,
} from 'ssh2/lib/protocol/constants.js';
import type { AlgorithmKind, AlgorithmList, HostConfig } from '../config/host-config';
import type { Log } from '../../common/log';
import { RemoteError } from '../transport';
import { matchesWildcard } from '../wildcard';

type OfferKind = Exclude<AlgorithmKind, 'userKey'>;
/** In the order of preference. */
export type Offer = Readonly<Record<OfferKind, readonly string[]>>;

const SUPPORTED: Offer = {
  kex: SUPPORTED_KEX,
  hostKey: SUPPORTED_SERVER_HOST_KEY,
  cipher: SUPPORTED_CIPHER,
  mac: SUPPORTED_MAC,
};

/**
 * Where the configuration says nothing. All of them are what OpenSSH 8.8 and later offer too
 * (myproposal.h): nothing with SHA-1 signatures, SHA-1 key exchange, CBC or MD5. The ciphers that
 * CPUs have instructions for come first.
 */
const USUAL: Offer = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  hostKey: [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  mac: [
    'hmac-sha2-256-etm@openssh.com',
    'hmac-sha2-512-etm@openssh.com',
    'hmac-sha1-etm@openssh.com',
    'hmac-sha2-256',
    'hmac-sha2-512',
    'hmac-sha1',
  ],
};

export const CERTIFICATE_PATTERN = '*-cert-v01@openssh.com';

/**
 * Says what of a chosen list is left out. Throws RemoteError 'config' where nothing of a list is left
 * to offer.
 */
export function offerOf(config: HostConfig, log: Log): Offer {
  const offer = (kind: OfferKind): readonly string[] => {
    const list = config.algorithms[kind];
    const { names, leftOut } = select(list, USUAL[kind], SUPPORTED[kind]);
    if (names.length === 0) {
      throw nothingLeft(config.hostname, list.option, leftOut, SUPPORTED[kind]);
    }
    if (list.isChosen && leftOut.length > 0) {
      log.info(
        `${list.option} of the ssh config: left out ${leftOut.join(', ')}, not built in here`,
      );
    }
    return names;
  };
  return {
    kex: offer('kex'),
    hostKey: offer('hostKey'),
    cipher: offer('cipher'),
    mac: offer('mac'),
  };
}

/**
 * A list as kex_assemble_names() of OpenSSH makes it. A list that nobody chose says what ssh allows
 * and not what is wanted first.
 */
export function select(
  { text, isChosen }: Pick<AlgorithmList, 'text' | 'isChosen'>,
  usual: readonly string[],
  supported: readonly string[],
): { names: readonly string[]; leftOut: readonly string[] } {
  const here = usual.filter((name) => supported.includes(name));
  if (text === undefined) return { names: here, leftOut: [] };
  const how = /^[+^-]/.exec(text)?.[0] ?? '';
  const patterns = text.slice(how.length).split(',').filter(Boolean);
  if (how === '-') {
    return { names: here.filter((name) => !matchesAny(patterns, name)), leftOut: [] };
  }
  const named = unique(
    patterns.flatMap((pattern) => supported.filter((name) => matchesWildcard(pattern, name))),
  );
  const leftOut = patterns.filter(
    (pattern) => !supported.some((name) => matchesWildcard(pattern, name)),
  );
  if (how === '+') return { names: unique([...here, ...named]), leftOut };
  if (how === '^') return { names: unique([...named, ...here]), leftOut };
  return { names: isChosen ? named : here.filter((name) => named.includes(name)), leftOut };
}

/**
 * Ours for ssh2. A server that has several keys is asked for one that we know, as ssh does it, so that
 * it is not taken for a stranger.
 */
export function forSsh2(
  { kex, hostKey, cipher, mac }: Offer,
  knownTypes: readonly string[],
  compression: boolean,
): Algorithms {
  const isKnown = (name: string): boolean =>
    knownTypes.includes(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name);
  const ordered = [...hostKey.filter(isKnown), ...hostKey.filter((name) => !isKnown(name))];
  // Compression before the sign-in, plain "zlib", is not what ssh offers either.
  const compress = compression ? ['zlib@openssh.com', 'none'] : ['none', 'zlib@openssh.com'];
  return { kex, serverHostKey: ordered, cipher, hmac: mac, compress } as unknown as Algorithms;
}

/** Whether ssh would ask a server for its certificate: its list has one of the server's kinds. */
export function takesCertificate(
  { text }: AlgorithmList,
  offeredByServer: readonly string[],
): boolean {
  const kinds = offeredByServer.filter((name) => matchesWildcard(CERTIFICATE_PATTERN, name));
  if (kinds.length === 0) return false;
  if (text === undefined || /^[+^]/.test(text)) return true;
  const patterns = text.replace(/^-/, '').split(',');
  return kinds.some((name) => matchesAny(patterns, name) !== text.startsWith('-'));
}

const RSA_SIGNATURES: ReadonlyMap<string, string> = new Map([
  ['sha1', 'ssh-rsa'],
  ['sha256', 'rsa-sha2-256'],
  ['sha512', 'rsa-sha2-512'],
]);

/**
 * Whether PubkeyAcceptedAlgorithms lets a key of this type sign; RSA keys by this hash, or by any.
 */
export function acceptsKey(
  { text }: AlgorithmList,
  keyType: string,
  hash: string | undefined,
): boolean {
  const all = [...USUAL.hostKey, 'ssh-rsa', 'ssh-dss'];
  const accepted = select({ text, isChosen: true }, USUAL.hostKey, all).names;
  if (keyType !== 'ssh-rsa') return accepted.includes(keyType);
  return [...RSA_SIGNATURES].some(
    ([by, name]) => (hash === undefined || by === hash) && accepted.includes(name),
  );
}

function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesWildcard(pattern, name));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function nothingLeft(
  host: string,
  option: string,
  leftOut: readonly string[],
  supported: readonly string[],
): RemoteError {
  const found =
    leftOut.length > 0
      ? `allows for ${host} only ${leftOut.join(', ')}, none of which is built in here`
      : `takes all away that could be offered to ${host}`;
  return new RemoteError(
    'config',
    `${option} of your ssh config ${found}, so there is nothing to connect by. Built in are ` +
      `${supported.join(', ')}: add one that the host takes and that you trust.`,
  );
}
