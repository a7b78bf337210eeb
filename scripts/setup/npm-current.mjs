// Exits 0 when node_modules holds what package-lock.json asks for, 1 otherwise. Optional packages of other
// platforms may be absent.
import { readFileSync } from 'node:fs';

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

try {
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  const stale = Object.entries(wanted).filter(
    ([path, { version, optional }]) =>
      path !== '' &&
      installed[path]?.version !== version &&
      !(optional && installed[path] === undefined),
  );
  process.exit(stale.length === 0 ? 0 : 1);
} catch {
  process.exit(1);
}
