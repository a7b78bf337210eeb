/** Connections over ssh with the library they need, as a bundle of their own: see load.ts. */
export { connectSsh } from './connect';
