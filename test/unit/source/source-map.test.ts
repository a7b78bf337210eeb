import assert from 'node:assert/strict';
import { applySourceMap } from '../../../extension/source/source-map';

describe('applySourceMap', () => {
  const map = { '/srv/lua': 'lua', '/srv/lua/kong/': '../kong', '/etc/nginx/nginx.conf': 'n.conf' };

  it('takes the longest beginning, by whole segments', () => {
    assert.deepEqual(applySourceMap(map, '/srv/lua/a/b.lua'), { folder: 'lua', rest: 'a/b.lua' });
    assert.deepEqual(applySourceMap(map, '/srv/lua/kong/b.lua'), {
      folder: '../kong',
      rest: 'b.lua',
    });
    assert.equal(applySourceMap(map, '/srv/luajit/b.lua'), undefined);
  });

  it('maps a single file', () => {
    assert.deepEqual(applySourceMap(map, '/etc/nginx/nginx.conf'), { folder: 'n.conf', rest: '' });
  });

  it('maps nothing that climbs out', () => {
    assert.equal(applySourceMap(map, '/srv/lua/../../etc/passwd'), undefined);
  });

  it('overlooks what is no mapping', () => {
    for (const bad of [null, undefined, 3, { '/srv': 3 }, { '': 'x' }, { '/srv': '' }]) {
      assert.equal(applySourceMap(bad, '/srv/a.lua'), undefined);
    }
  });
});
