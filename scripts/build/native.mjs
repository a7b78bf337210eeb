// Takes what `make` has built into dist/.
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

const PROBES = ['x86_64', 'aarch64'];

/** Says what is left out because it has not been built. */
export function copyNative() {
  for (const architecture of PROBES) {
    copyBuilt(
      `native/probe/build/${architecture}/acupoint-probe`,
      `dist/probes/${architecture}/acupoint-probe`,
    );
  }
  copyBuilt('native/addon/build/acupoint.node', 'dist/acupoint.node');
}

/**
 * @param {string} from
 * @param {string} to
 */
function copyBuilt(from, to) {
  if (!existsSync(from)) {
    console.warn(`build: ${from} is not there; run \`npm run build:native\``);
    return;
  }
  mkdirSync(dirname(to), { recursive: true });
  // Under a new name first: a running process has the old file mapped, and a change in place would end it.
  copyFileSync(from, `${to}.new`);
  chmodSync(`${to}.new`, 0o755);
  renameSync(`${to}.new`, to);
}
