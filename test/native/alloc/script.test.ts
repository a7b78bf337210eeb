/** Allocations of a plain interpreter: by function and line, within what it may cost. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../fixtures/root';
import { withScript } from '../trace/recording';
import { assertShares, recordAllocations } from './allocations';

const SCRIPT = '../alloc/known.lua';
const path = join(repositoryRoot, 'test/native/alloc/known.lua');

function lineOf(name: string): number {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.findIndex((line) => line.endsWith(`-- line: ${name}`)) + 1;
}

describe('the allocations of a script', function () {
  this.timeout(120_000);

  for (const mode of ['', 'jit']) {
    it(`are known by function and line ${mode ? 'when compiled' : 'when interpreted'}`, async () => {
      const args = mode ? [mode] : [];
      const text = execFileSync('luajit', [path, ...args, 'known'], { encoding: 'utf8' });
      const known = JSON.parse(text) as Record<string, number>;
      const found = await withScript(SCRIPT, args, (pid) =>
        recordAllocations(pid, 12, '--budget', '80'),
      );
      assert.ok(found.unknown <= 0.01, `${found.unknown}`);
      assertShares(found, known, (name) => found.share((frame) => frame.name === name));
      for (const name of Object.keys(known)) {
        const lines = [...found.lines(name)].sort((a, b) => b[1] - a[1]);
        assert.equal(lines[0]?.[0], lineOf(name), `${name}: ${JSON.stringify(lines)}`);
      }
    });
  }

  it('cost no more than half of the budget', async () => {
    await withScript(SCRIPT, [], async (pid) => {
      const { totals } = await recordAllocations(pid, 10, '--budget', '4');
      assert.ok(totals.costPercent > 0 && totals.costPercent <= 2.2, `${totals.costPercent} %`);
      assert.ok(totals.bytes > 10_000, `${totals.bytes} bytes`);
    });
  });
});
