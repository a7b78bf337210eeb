import assert from 'node:assert/strict';
import { bytesText } from '../../../extension/profile/bytes';

describe('bytesText', () => {
  it('has a unit that fits', () => {
    const known: [number, string][] = [
      [0, '0 B'],
      [999, '999 B'],
      [1000, '1.0 KB'],
      [3277, '3.2 KB'],
      [1_023_000, '999.0 KB'],
      [1_048_575, '1.0 MB'],
      [13_107_200, '12.5 MB'],
      [5 * 2 ** 30, '5.0 GB'],
      [-2048, '\u22122.0 KB'],
    ];
    for (const [bytes, text] of known) assert.equal(bytesText(bytes), text);
  });
});
