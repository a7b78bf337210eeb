/**
 * Stands where the bundle dist/ssh.js stands in the product, for builds that have no such bundle.
 */
export * from './index';
