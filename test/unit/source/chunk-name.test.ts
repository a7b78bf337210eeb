import assert from 'node:assert/strict';
import { readChunkName } from '../../../extension/source/chunk-name';

describe('readChunkName', () => {
  it('reads the forms that workers have', () => {
    assert.deepEqual(readChunkName('@/usr/share/lua/kong/init.lua'), {
      kind: 'file',
      path: '/usr/share/lua/kong/init.lua',
    });
    assert.deepEqual(readChunkName('=access_by_lua(nginx-kong.conf:123)'), {
      kind: 'block',
      directive: 'access_by_lua',
      conf: 'nginx-kong.conf',
      confLine: 123,
    });
    assert.deepEqual(readChunkName('return 1 + 1'), { kind: 'text', text: 'return 1 + 1' });
  });

  it('takes what nginx cut in front for the end of a name', () => {
    const origin = readChunkName('=content_by_lua(...ong_name.conf:2)');
    assert.ok(origin?.kind === 'block');
    assert.equal(origin.conf, 'ong_name.conf');
  });

  it('finds no source in what has none', () => {
    const names = ['', '=[C]', '=?', '=stdin', '=header_filter_by_lua', '@', '/usr/sbin/nginx'];
    for (const name of [...names, 'nf_tables']) assert.equal(readChunkName(name), undefined, name);
  });

  it('finds no source in hostile names', () => {
    const names = [
      '@/a\u0000b.lua',
      '@/a\nb.lua',
      `@/${'a'.repeat(5000)}`,
      '=access_by_lua(../../etc/passwd:1)',
      '=access_by_lua(a\\b:1)',
      '=access_by_lua(nginx.conf:0)',
      '=access_by_lua(nginx.conf:99999999999)',
      `=${'a'.repeat(100_000)}_by_lua(x:1)`,
    ];
    for (const name of names) assert.equal(readChunkName(name), undefined, name.slice(0, 50));
  });
});
