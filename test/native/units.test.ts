/** The C unit tests of the probe: programs of their own under AddressSanitizer and UBSan. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../fixtures/root';

const run = promisify(execFile);

describe('the C parts of the probe', () => {
  const folder = join(repositoryRoot, 'test/native');
  const tests = readdirSync(folder).filter((name) => name.endsWith('_test.c'));

  for (const test of tests.map((name) => name.replace(/\.c$/, ''))) {
    it(test.replace(/_test$/, ''), async function () {
      this.timeout(120_000);
      const probe = join(repositoryRoot, 'native/probe');
      await run('make', ['-s', '-C', probe, `build/test/${test}`]);
      await run(join(probe, 'build/test', test), { cwd: probe });
    });
  }

  it('unwind, against programs with known call chains', async function () {
    this.timeout(120_000);
    await run('make', ['-s', '-C', join(folder, 'unwind'), 'test']);
  });
});
