/** Files of private keys in OpenSSH's own format (PROTOCOL.key), as far as ssh2 does not read them. */
import { pbkdf } from 'bcrypt-pbkdf';
import { WireReader, wireString } from '../wire-reader';
import { KEY_BYTES, openPrivatePart } from './chacha20-poly1305';

const MAGIC = Buffer.from('openssh-key-v1\0');
const CHACHA = 'chacha20-poly1305@openssh.com';
/** ssh-keygen takes 24; each takes some milliseconds, and a file may say any number. */
const MOST_ROUNDS = 10_000;

export interface OpensshKey {
  readonly cipher: string;
  /** In clear, whether or not the rest is encrypted. */
  readonly publicBlob: Buffer;
  /** Whether ssh2 has no way to decrypt it, so that {@link decrypted} is to be asked. */
  readonly isChacha: boolean;
  /** The same key in a file without encryption; throws where the passphrase is wrong. */
  decrypted(passphrase: string): Buffer;
}

/** Undefined: it is no such file. */
export function readOpensshKey(content: Buffer): OpensshKey | undefined {
  const armour = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(
    content.toString('latin1'),
  );
  const bytes = Buffer.from(armour?.[1] ?? '', 'base64');
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  try {
    return parse(new WireReader(bytes.subarray(MAGIC.length)));
  } catch {
    return undefined;
  }
}

/** A file of one key that nothing encrypts. `privatePart` as it stands in such a file. */
export function opensshKeyFile(publicBlob: Buffer, privatePart: Buffer): Buffer {
  const one = Buffer.from([0, 0, 0, 1]);
  const head = [MAGIC, wireString('none'), wireString('none'), wireString(''), one];
  const bytes = Buffer.concat([...head, wireString(publicBlob), wireString(privatePart)]);
  const lines = bytes.toString('base64').replace(/.{70}/g, '$&\n');
  return Buffer.from(
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`,
  );
}

function parse(reader: WireReader): OpensshKey {
  const cipher = reader.string().toString('latin1');
  const derivation = reader.string().toString('latin1');
  const options = new WireReader(reader.string());
  const [salt, rounds] = cipher === CHACHA ? [options.string(), options.uint32()] : [];
  const count = reader.uint32();
  const publicBlob = reader.string();
  const sealed = reader.string();
  // The tag has no length before it.
  const tag = reader.rest();
  const decrypted = (passphrase: string): Buffer => {
    if (count !== 1 || derivation !== 'bcrypt' || salt === undefined || rounds === undefined)
      throw new RangeError('not as ssh-keygen makes it');
    const plain = openPrivatePart(derive(passphrase, salt, rounds), sealed, tag);
    if (plain === undefined) throw new Error('The passphrase is wrong, or the file is damaged.');
    return opensshKeyFile(publicBlob, plain);
  };
  return { cipher, publicBlob, isChacha: cipher === CHACHA, decrypted };
}

function derive(passphrase: string, salt: Buffer, rounds: number): Buffer {
  if (rounds > MOST_ROUNDS) throw new RangeError(`${rounds} rounds`);
  const secret = Buffer.from(passphrase);
  const key = Buffer.alloc(KEY_BYTES);
  const code = pbkdf(secret, secret.length, salt, salt.length, key, key.length, rounds);
  if (code !== 0) throw new RangeError('no key follows from the passphrase');
  return key;
}
