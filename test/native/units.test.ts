/** The C unit tests of the probe: programs of their own under AddressSanitizer and UBSan. */
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../fixtures/root';

const run = promisify(execFile);

/** Runs a program of `check.h`; throws an error that names each function that failed and its check. */
async function runChecks(program: string, cwd: string): Promise<void> {
  try {
    const { stdout } = await run(program, { cwd });
    assert.match(stdout, / ok$/m, 'The program ran no test function.');
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const failed = stdout
      .split('\n')
      .filter((line) => line.startsWith('  ') && !line.endsWith(' ok'));
    if (failed.length === 0 && stderr === '') throw error;
    throw new Error([...failed, stderr].join('\n'));
  }
}

describe('the C parts of the probe', () => {
  const folder = join(repositoryRoot, 'test/native');
  const tests = readdirSync(folder).filter((name) => name.endsWith('_test.c'));

  for (const test of tests.map((name) => name.replace(/\.c$/, ''))) {
    it(test.replace(/_test$/, ''), async function () {
      this.timeout(120_000);
      const probe = join(repositoryRoot, 'native/probe');
      await run('make', ['-s', '-C', probe, `build/test/${test}`]);
      await runChecks(join(probe, 'build/test', test), probe);
    });
  }

  it('unwind, against programs with known call chains', async function () {
    this.timeout(120_000);
    await run('make', ['-s', '-C', join(folder, 'unwind'), 'test']);
  });
});
