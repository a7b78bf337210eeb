import assert from 'node:assert/strict';
import { handlerName } from '../../../extension/analysis/handler-name';
import { Twins } from '../../../extension/profile/twins';

const info = (name: string, identity?: number, line = 4) => ({
  name,
  file: '@/srv/kong/plugins/jwt/handler.lua',
  line,
  lastLine: line + 5,
  ...(identity !== undefined && { identity }),
});

describe('Functions of one name and place', () => {
  it('are told apart by their code, and the first keeps its name', () => {
    const twins = new Twins();
    assert.equal(twins.named(info('access', 1)).name, 'access');
    const other = twins.named(info('access', 0xab0012));
    assert.equal(other.name, 'access #0012');
    assert.equal(other.symbol, 'access');
    assert.equal(handlerName(other), 'jwt.access #0012');
    // Each as often as it comes: a probe that was started again sends it again.
    assert.equal(twins.named(info('access', 1)).name, 'access');
    assert.equal(twins.named(info('access', 0xab0012)).name, 'access #0012');
  });

  it('are one where the code is the same or not known, or where they stand elsewhere', () => {
    const twins = new Twins();
    for (const given of [info('access', 1), info('access', 1), info('access'), info('log', 2)])
      assert.equal(twins.named(given).name, given.name);
    assert.equal(twins.named(info('access', 2, 40)).name, 'access');
  });
});
