import { readFile } from 'node:fs/promises';
import { utils, type ParsedKey } from 'ssh2';

/** A private key in a file, as far as it can be known without its passphrase. */
export interface KeyFile {
  readonly path: string;
  /** Undefined only for old, encrypted files without a `.pub` beside them. */
  readonly publicKey: ParsedKey | undefined;
  /** False for a file with a public key only. */
  readonly hasPrivate: boolean;
  readonly encrypted: boolean;
  /** Throws when the passphrase is wrong. */
  unlock(passphrase: string | undefined): ParsedKey;
}

const MAGIC = 'openssh-key-v1\0';

/** The key, undefined where there is no such file, or why it cannot be used. */
export async function readKeyFile(path: string): Promise<KeyFile | string | undefined> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return `${path} could not be read`;
  }
  const parsed = parse(content);
  if (!(parsed instanceof Error)) {
    // A public key names one that the agent holds.
    const hasPrivate = parsed.isPrivateKey();
    return { path, publicKey: parsed, hasPrivate, encrypted: false, unlock: () => parsed };
  }
  if (!/passphrase/i.test(parsed.message))
    return `${path} holds a key of a kind that is not built in`;
  const publicKey = publicPart(content) ?? (await publicBeside(path));
  const unlock = (passphrase: string | undefined): ParsedKey => {
    const key = parse(content, passphrase);
    if (key instanceof Error) throw key;
    return key;
  };
  return { path, publicKey, hasPrivate: true, encrypted: true, unlock };
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

/** OpenSSH keeps the public key in clear before the encrypted part. */
function publicPart(content: Buffer): ParsedKey | undefined {
  const armour = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(
    content.toString('latin1'),
  );
  if (!armour) return undefined;
  const bytes = Buffer.from(armour[1] ?? '', 'base64');
  if (!bytes.toString('latin1').startsWith(MAGIC)) return undefined;
  let at = MAGIC.length;
  const field = (): Buffer | undefined => {
    if (bytes.length < at + 4) return undefined;
    const length = bytes.readUInt32BE(at);
    const value = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return value.length === length ? value : undefined;
  };
  // Cipher, key derivation and its options; then the number of keys.
  if (!field() || !field() || !field()) return undefined;
  at += 4;
  const blob = field();
  return blob && usable(parse(blob));
}

async function publicBeside(path: string): Promise<ParsedKey | undefined> {
  try {
    return usable(parse(await readFile(`${path}.pub`)));
  } catch {
    return undefined;
  }
}

function usable(key: ParsedKey | Error): ParsedKey | undefined {
  return key instanceof Error ? undefined : key;
}
