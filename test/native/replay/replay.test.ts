/**
 * Walks over recorded threads: the probe's own walk and naming, given what it read then, must see
 * what it saw then. The texts beside the recordings were checked against the known answers of the
 * loads when they were recorded (record.ts).
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWalks, machines, recordingsFolder, recordingsOf, replay } from './walks';

describe('a recorded walk is made again', () => {
  for (const machine of machines()) {
    describe(`of ${machine}`, () => {
      let walks = '';
      before(async function () {
        this.timeout(180_000);
        walks = await buildWalks(machine);
      });
      for (const name of recordingsOf(machine)) {
        it(name, async () => {
          const path = join(recordingsFolder, machine, name);
          assert.equal(await replay(walks, `${path}.gz`), readFileSync(`${path}.txt`, 'utf8'));
        });
      }
    });
  }
});
