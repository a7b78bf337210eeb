/** Private keys in PEM, PKCS #8 above all, as far as ssh2 does not read them: Node does. */
import { createPrivateKey, randomBytes, type KeyObject } from 'node:crypto';
import { wireString } from '../wire-reader';
import { opensshKeyFile } from './openssh-key';

export interface PemKey {
  readonly encrypted: boolean;
  /**
   * The same key in a file that ssh2 reads. Throws where the passphrase is wrong, and
   * {@link UnfitKey} for a kind of key that ssh has no use for.
   */
  decrypted(passphrase: string | undefined): Buffer;
}

/** Its message names the kind. */
export class UnfitKey extends Error {}

/** Undefined: it is no such file. */
export function readPemKey(content: Buffer): PemKey | undefined {
  const text = content.toString('latin1');
  const title = /^-----BEGIN ((?:ENCRYPTED |RSA |EC )?PRIVATE KEY)-----/m.exec(text)?.[1];
  if (title === undefined) return undefined;
  const encrypted = title.startsWith('ENCRYPTED') || /^Proc-Type:.*ENCRYPTED/m.test(text);
  const decrypted = (passphrase: string | undefined): Buffer => {
    const given = passphrase === undefined ? {} : { passphrase };
    return forSsh2(createPrivateKey({ key: content, format: 'pem', ...given }));
  };
  return { encrypted, decrypted };
}

function forSsh2(key: KeyObject): Buffer {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = key;
  if (kind === 'rsa') return Buffer.from(key.export({ format: 'pem', type: 'pkcs1' }));
  if (kind === 'ed25519') return ed25519(key);
  const curve = details?.namedCurve;
  if (kind === 'ec' && /^(?:prime256v1|secp384r1|secp521r1)$/.test(curve ?? '')) {
    return Buffer.from(key.export({ format: 'pem', type: 'sec1' }));
  }
  throw new UnfitKey(kind === 'ec' ? `EC on the curve ${curve ?? 'of its own'}` : `${kind}`);
}

/** ssh2 reads these in OpenSSH's own format alone. */
function ed25519(key: KeyObject): Buffer {
  const { d, x } = key.export({ format: 'jwk' });
  const open = Buffer.from(x ?? '', 'base64url');
  const type = wireString('ssh-ed25519');
  const publicBlob = Buffer.concat([type, wireString(open)]);
  const secret = wireString(Buffer.concat([Buffer.from(d ?? '', 'base64url'), open]));
  const check = randomBytes(4);
  const part = Buffer.concat([check, check, publicBlob, secret, wireString('')]);
  const padding = Buffer.from(Array.from({ length: 8 - (part.length % 8) }, (_, at) => at + 1));
  return opensshKeyFile(publicBlob, Buffer.concat([part, padding]));
}
