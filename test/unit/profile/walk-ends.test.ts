/** Why native stacks ended early: each reason has a number, words, and is counted. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WalkEnd } from '../../../extension/probe/generated/acupoint_pb';
import { endedEarly, endedEarlyText } from '../../../extension/profile/walk-ends';
import { repositoryRoot } from '../../fixtures/root';

const numbers = Object.values(WalkEnd).filter((value) => typeof value === 'number');
const isWrong = (end: WalkEnd): boolean => end !== WalkEnd.COMPLETE && end !== WalkEnd.FULL;

describe('ends of native walks', () => {
  it('that are early are told with their reasons, most frequent first', () => {
    const ends = numbers.map(() => 0);
    ends[WalkEnd.COMPLETE] = 1000;
    ends[WalkEnd.FULL] = 4;
    ends[WalkEnd.UNREADABLE] = 3;
    ends[WalkEnd.FOREIGN] = 9;
    assert.equal(
      endedEarlyText(12, ends),
      '12 incomplete (9 in code of another compiler, 3 at memory that cannot be read)',
    );
    assert.equal(endedEarlyText(0, []), '0 incomplete');
  });

  it('each have words of their own', () => {
    const reasons = endedEarly(numbers.map(() => 1));
    assert.equal(reasons.length, numbers.filter(isWrong).length);
    assert.equal(new Set(reasons.map(({ short }) => short)).size, reasons.length);
    assert.equal(new Set(reasons.map(({ why }) => why)).size, reasons.length);
    assert.ok(reasons.every(({ short }) => !/^for reason \d/.test(short)));
  });

  it('of a newer probe are shown by number', () => {
    const ends = [...numbers.map(() => 0), 2];
    assert.match(endedEarly(ends)[0]?.short ?? '', /^for reason 11$/);
  });

  it('have the numbers that the probe counts by', () => {
    const header = readFileSync(join(repositoryRoot, 'native/probe/walk/state.h'), 'utf8');
    const states = [...header.matchAll(/UNWIND_(\w+) = (\d+)/g)].map(([, name, number]) => [
      name === 'GOES_ON' ? 'NONE' : name,
      Number(number),
    ]);
    assert.deepEqual(
      states,
      numbers.map((number) => [WalkEnd[number], number]),
    );
  });
});
