export type Ssh = typeof import('./index');

/**
 * The only way to connections over ssh. The product's bundles leave './ssh.js' out and find it
 * beside themselves, so that what weighs three times the rest is read on the first connection and
 * not at activation.
 */
export function loadSsh(): Promise<Ssh> {
  return import('./ssh.js');
}
