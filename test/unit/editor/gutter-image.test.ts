import assert from 'node:assert/strict';
import { gutterImage } from '../../../extension/editor/gutter-image';

describe('A share in the gutter', () => {
  const svgOf = (percent: number, theme: 'dark' | 'light' = 'dark') =>
    Buffer.from(gutterImage(percent, theme).split(',')[1]!, 'base64').toString();

  it('is its number, and a bar as long as it', () => {
    assert.match(svgOf(34), />34<\/text>.*<rect y="15" width="6\.1" height="3"/);
    assert.match(svgOf(100), />100<\/text>.*width="18\.0"/);
    assert.match(svgOf(1), />1<\/text>.*width="1\.0"/);
  });

  it('can be read on either theme, and needs no other file', () => {
    assert.notEqual(svgOf(34, 'light'), svgOf(34));
    assert.doesNotMatch(svgOf(34), /href|url\(/);
  });
});
