/** RevokedHostKeys of the ssh configuration: files of keys that are refused whoever shows them. */
import { rawText } from '../common/outside';
import { isKrl, parseKrl } from './krl';
import { messageOf } from '../common/errors';
import { readPublicKey, type PublicKey } from './public-key';
import { readCapped } from './read-capped';
import { RemoteError } from './transport';

const MAX_BYTES = 64 * 1024 * 1024;
/** ssh passes over shorter ones: nobody is let in by them. */
const LEAST_RSA_BITS = 1024;

export interface RevokedKeys {
  /** The file that revokes the key; undefined where none does. */
  revokedBy(key: PublicKey): string | undefined;
  /** A file that revokes certificates by serial number or key id, if there is one. */
  readonly certificatesRevokedBy: string | undefined;
}

interface RevocationFile {
  readonly file: string;
  readonly revokesCertificates: boolean;
  isRevoked(key: PublicKey): boolean;
}

/**
 * As ssh does it: a file that cannot be read, or has anything in it that is not understood, means
 * that no host can be trusted. Throws RemoteError 'config' then.
 */
export async function loadRevokedKeys(files: readonly string[]): Promise<RevokedKeys> {
  const all = await Promise.all(files.map(load));
  return {
    revokedBy: (key) => all.find((each) => each.isRevoked(key))?.file,
    certificatesRevokedBy: all.find((each) => each.revokesCertificates)?.file,
  };
}

async function load(file: string): Promise<RevocationFile> {
  try {
    const bytes = await readCapped(file, MAX_BYTES);
    return { file, ...parseRevokedKeys(bytes) };
  } catch (error) {
    throw new RemoteError(
      'config',
      `RevokedHostKeys of your ssh config names ${file}, which cannot be used: ` +
        `${rawText(messageOf(error))}. Nobody can say whether a host's key is revoked, so none is ` +
        'trusted, as with ssh. Mend the file, or take it out of your ssh config.',
    );
  }
}

/** A list made by `ssh-keygen -k`, or a file of public keys. Throws where it is neither. */
export function parseRevokedKeys(bytes: Buffer): Omit<RevocationFile, 'file'> {
  if (isKrl(bytes)) return parseKrl(bytes);
  const keys = new Set<string>();
  for (const [index, line] of bytes.toString('latin1').split('\n').entries()) {
    const content = line.replace(/^[ \t]+/, '');
    if (content === '' || content.startsWith('#')) continue;
    const [type, encoded] = content.split(/[ \t]+/);
    const key = readPublicKey(type ?? '', encoded?.replace(/\r$/, '') ?? '');
    if (!key) throw new Error(`its line ${index + 1} is no public key`);
    if ((key.rsaBits ?? LEAST_RSA_BITS) >= LEAST_RSA_BITS) keys.add(key.plain.toString('latin1'));
  }
  return {
    revokesCertificates: false,
    isRevoked: ({ plain }) => keys.has(plain.toString('latin1')),
  };
}
