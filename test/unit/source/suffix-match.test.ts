import assert from 'node:assert/strict';
import { bestMatch, segmentsOf } from '../../../extension/source/suffix-match';

function match(path: string, files: string[], root = '/ws'): string | undefined {
  const candidates = files.map((file) => ({
    file,
    path: file,
    atRoot: file.lastIndexOf('/') === root.length,
  }));
  return bestMatch(path, candidates)?.file;
}

describe('bestMatch', () => {
  const target = '/usr/local/share/lua/5.1/kong/plugins/jwt/handler.lua';

  it('takes the longest agreeing end', () => {
    const files = ['/ws/kong/plugins/acl/handler.lua', '/ws/kong/plugins/jwt/handler.lua'];
    assert.equal(match(target, files), files[1]);
    assert.equal(
      match(target, ['/ws/jwt/handler.lua', '/ws/old/plugins/jwt/handler.lua']),
      '/ws/old/plugins/jwt/handler.lua',
    );
  });

  it('does not take a file for its name alone', () => {
    assert.equal(match(target, ['/ws/plugins/acl/handler.lua']), undefined);
    assert.equal(match(target, []), undefined);
  });

  it('takes a name at the root of the workspace', () => {
    assert.equal(match('/etc/nginx/lua/auth.lua', ['/ws/auth.lua']), '/ws/auth.lua');
  });

  it('says when others fit as well, and takes the shortest', () => {
    const candidates = ['/ws/b/x/a.lua', '/ws/x/a.lua', '/ws/c/x/a.lua'].map((file) => ({
      file,
      path: file,
      atRoot: false,
    }));
    const found = bestMatch('/srv/x/a.lua', candidates);
    assert.deepEqual(found, { file: '/ws/x/a.lua', segments: 2, ambiguous: true });
  });

  it('agrees with nothing before a climb', () => {
    assert.deepEqual(segmentsOf('/a/../../b/./c.lua'), ['b', 'c.lua']);
    assert.deepEqual(segmentsOf('..'), []);
  });
});
