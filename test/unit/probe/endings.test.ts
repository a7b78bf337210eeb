/** Ways in which a probe ends by itself, each in words that say what happened and what to do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { died } from '../../../extension/probe/endings';
import { repositoryRoot } from '../../fixtures/root';

const CASES = [
  { code: 71, signal: null, words: /second process, which holds its privileges.*short of memory/ },
  { code: null, signal: 'SIGSYS', words: /system call that its own filter forbids.*Report it/ },
  { code: 159, signal: null, words: /system call that its own filter forbids.*Report it/ },
  { code: 75, signal: null, words: /heard nothing for 1\.7 s/ },
  { code: 3, signal: null, words: /ended with exit code 3: the last words/ },
  { code: null, signal: 'SIGKILL', words: /ended by SIGKILL: the last words/ },
] as const;

describe('the end of a probe', () => {
  for (const { code, signal, words } of CASES) {
    it(`is told of ${signal ?? `exit code ${code}`}`, () => {
      const error = died(code, signal, 'the first words\nthe last words');
      assert.match(error.message, words);
      assert.match(error.message, /Your samples are kept\./);
      assert.equal(error.detail, 'the first words\nthe last words');
      // A code that a start by sudo takes for a refusal is another matter than silence.
      assert.equal(error.kind, code === 75 ? 'silenced' : 'probe-died');
    });
  }

  it('has the codes that the probe ends with', () => {
    const constant = (file: string, name: string): string | undefined =>
      new RegExp(`${name}[ =]+(\\d+)`).exec(
        readFileSync(join(repositoryRoot, 'native/probe', file), 'utf8'),
      )?.[1];
    assert.equal(constant('host/reach.c', 'EXIT_NO_KEEPER'), '71');
    assert.equal(constant('commands/watchdog.h', 'EXIT_SILENCE'), '75');
  });
});
