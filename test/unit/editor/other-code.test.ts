import assert from 'node:assert/strict';
import { isOtherCode } from '../../../extension/editor/other-code';

const after = `local M = {}
local function cached(n)
  return n
end

local function stock(n)
  return n
end
M.page = function() return cached(1) end
return M`.split('\n');

const lineText = (line: number) => after[line - 1];
const ran = (name: string, line: number, lastLine: number) =>
  isOtherCode({ name, file: '@/srv/shop.lua', line, lastLine }, 0, lineText);

describe('A function that ran', () => {
  it('is of the text where a function of its name stands in its lines', () => {
    assert.equal(ran('cached', 2, 4), false);
    assert.equal(ran('stock', 6, 8), false);
    assert.equal(ran('page', 9, 9), false);
  });

  it('is of another version where another stands there, or none, or one of other lines', () => {
    assert.equal(ran('stock', 2, 4), true);
    assert.equal(ran('price', 6, 8), true);
    assert.equal(ran('stock', 3, 5), true);
    assert.equal(ran('cached', 2, 5), true);
    assert.equal(ran('price', 20, 23), true);
  });

  it('is not doubted where the text cannot say', () => {
    assert.equal(ran('main chunk', 0, 0), false);
    // A function without a name is called after its place.
    assert.equal(ran('shop.lua:9', 9, 9), false);
    const twice = ['f(function() end, function() end)'];
    const info = { name: 'g', file: '', line: 1, lastLine: 1 };
    assert.equal(
      isOtherCode(info, 0, (line) => twice[line - 1]),
      false,
    );
  });

  it('is looked for where its chunk stands in the document', () => {
    const info = { name: 'cached', file: '=block', line: 1, lastLine: 3 };
    assert.equal(isOtherCode(info, 1, lineText), false);
    assert.equal(isOtherCode(info, 0, lineText), true);
  });
});
