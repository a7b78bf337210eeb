/** Entry of the tests that run inside VS Code's extension host: mocha over all suites beside this file. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import { MOCHA_BEGINS, MOCHA_ENDS } from '../fixtures/host-marks';
import { patience } from '../fixtures/patience';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 60_000 * patience });
  for (const file of readdirSync(__dirname)) {
    if (file.endsWith('.test.js')) mocha.addFile(join(__dirname, file));
  }
  // The window logs to the same place; the marks tell the runner what is mocha's.
  console.log(MOCHA_BEGINS);
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  console.log(MOCHA_ENDS);
  if (failures > 0) throw new Error(`${failures} failed.`);
}
