import { createRequire } from 'node:module';

/**
 * The exports of a bundle of the product, read when first asked for: code not needed at activation
 * stands in bundles of its own.
 * @param bundle absolute path, such as that of dist/probe.js.
 */
export function fromBundle<T>(bundle: string): () => T {
  let loaded: T | undefined;
  return () => (loaded ??= createRequire(bundle)(bundle) as T);
}
