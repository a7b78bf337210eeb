/** Abilities of this build of ssh2 where it runs: ciphers depend on the crypto library of Node. */
declare module 'ssh2/lib/protocol/constants.js' {
  export const SUPPORTED_KEX: readonly string[];
  export const SUPPORTED_SERVER_HOST_KEY: readonly string[];
  export const SUPPORTED_CIPHER: readonly string[];
  export const SUPPORTED_MAC: readonly string[];
}
