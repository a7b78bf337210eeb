import { readFile, stat } from 'node:fs/promises';
import { utils, type ParsedKey } from 'ssh2';
import { readOpensshKey } from './openssh-key';
import { readPemKey, UnfitKey } from './pem-key';

/** A private key in a file, as far as it can be known without its passphrase. */
export interface KeyFile {
  readonly path: string;
  /** Undefined only for encrypted files in PEM without a `.pub` beside them. */
  readonly publicKey: ParsedKey | undefined;
  /** False for a file with a public key only. */
  readonly hasPrivate: boolean;
  readonly encrypted: boolean;
  /** A certificate that ssh would take from beside it. */
  readonly certificate: string | undefined;
  /** Throws when the passphrase is wrong; {@link UnfitKey} where ssh has no use for the key. */
  unlock(passphrase: string | undefined): ParsedKey;
}

type Content = Omit<KeyFile, 'path' | 'certificate'>;

/** The key, undefined where there is no such file, or why it cannot be used. */
export async function readKeyFile(path: string): Promise<KeyFile | string | undefined> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return `${path} could not be read`;
  }
  try {
    const read = readContent(content);
    const publicKey = read.publicKey ?? (await publicBeside(path));
    return { ...read, publicKey, path, certificate: await certificateBeside(path) };
  } catch (error) {
    return whyNot(path, error);
  }
}

/** In words for the user. */
export function whyNot(path: string, error: unknown): string {
  const kind = error instanceof UnfitKey ? ` (${error.message})` : '';
  return (
    `${path} holds a key of a kind that is not built in${kind}. Built in are RSA, Ed25519 and ECDSA ` +
    'on the curves P-256, P-384 and P-521, in the formats of ssh-keygen and OpenSSL; puttygen writes ' +
    'a key of PuTTY for ssh by -O private-openssh'
  );
}

/** Throws for what is no key of a kind that is built in. */
function readContent(content: Buffer): Content {
  const openssh = readOpensshKey(content);
  if (openssh?.isChacha === true) {
    const unlock = (passphrase = ''): ParsedKey => usable(parse(openssh.decrypted(passphrase)));
    const publicKey = usable(parse(openssh.publicBlob));
    return { publicKey, hasPrivate: true, encrypted: true, unlock };
  }
  const parsed = parse(content);
  if (!(parsed instanceof Error)) {
    // A public key names one that the agent holds.
    const hasPrivate = parsed.isPrivateKey();
    return { publicKey: parsed, hasPrivate, encrypted: false, unlock: () => parsed };
  }
  const pem = readPemKey(content);
  if (pem?.encrypted === false) {
    const key = usable(parse(pem.decrypted(undefined)));
    return { publicKey: key, hasPrivate: true, encrypted: false, unlock: () => key };
  }
  if (pem === undefined && !/passphrase/i.test(parsed.message)) throw parsed;
  const unlock = (passphrase = ''): ParsedKey => {
    const key = parse(content, passphrase);
    if (!(key instanceof Error)) return key;
    if (pem === undefined) throw key;
    return usable(parse(pem.decrypted(passphrase)));
  };
  const publicKey = openssh && usable(parse(openssh.publicBlob));
  return { publicKey, hasPrivate: true, encrypted: true, unlock };
}

function parse(content: Buffer, passphrase?: string): ParsedKey | Error {
  try {
    const key: ParsedKey | Error | readonly ParsedKey[] = utils.parseKey(content, passphrase);
    if (key instanceof Error) return key;
    return (Array.isArray(key) ? (key as readonly ParsedKey[])[0] : key) ?? noKey();
  } catch (error) {
    return error instanceof Error ? error : noKey();
  }
}

const noKey = (): Error => new Error('no key');

async function publicBeside(path: string): Promise<ParsedKey | undefined> {
  try {
    return usable(parse(await readFile(`${path}.pub`)));
  } catch {
    return undefined;
  }
}

/** ssh looks for it under this name; of a public key file, beside the key that it is of. */
async function certificateBeside(path: string): Promise<string | undefined> {
  const certificate = `${path.replace(/\.pub$/, '')}-cert.pub`;
  const isThere = await stat(certificate).then(
    (found) => found.isFile(),
    () => false,
  );
  return isThere ? certificate : undefined;
}

function usable(key: ParsedKey | Error): ParsedKey {
  if (key instanceof Error) throw key;
  return key;
}
