/** The key derivation of OpenSSH's own files. ssh2 brings it along. */
declare module 'bcrypt-pbkdf' {
  /** Fills `key`. Returns 0 where the arguments are right. */
  export function pbkdf(
    passphrase: Uint8Array,
    passphraseLength: number,
    salt: Uint8Array,
    saltLength: number,
    key: Uint8Array,
    keyLength: number,
    rounds: number,
  ): number;
}
