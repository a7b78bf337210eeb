import assert from 'node:assert/strict';
import { lineInConf, scanConf } from '../../../extension/source/conf-scan';
import { includedPaths } from '../../../extension/source/conf-paths';

/** Lines and chunk names as nginx 1.22.1 with ngx_http_lua 0.10.23 gave them for this very file. */
const conf = `user nobody;  # a { in a comment
http {
  init_by_lua_block {
    local brace = "}" -- and one here }
    ngx.log(ngx.NOTICE, "line 5")
  }
  server {
    location /a {
      access_by_lua_block {
        local x = [==[ } ]] ]==]
        ngx.log(ngx.NOTICE, "line 11")
      }
      content_by_lua '
         local y = 1
         ngx.log(ngx.NOTICE, "line 15")
      ';
      log_by_lua_block { ngx.log(ngx.NOTICE, "line 17") }
      header_filter_by_lua_block
      {
        ngx.log(ngx.NOTICE, "line 20")
      }
      set_by_lua_block $foo {

        return "line 24"
      }
      rewrite_by_lua
        'ngx.log(ngx.NOTICE, "line 27")';
      include 'nginx-kong.conf';
      include conf.d/*.conf;
    }
  }
}
`;

describe('lineInConf', () => {
  const scan = scanConf(conf);
  const text = conf.split('\n');
  const cases: [string, number, number, number][] = [
    ['init_by_lua', 3, 3, 5],
    ['access_by_lua', 9, 3, 11],
    ['content_by_lua', 16, 3, 15],
    ['log_by_lua', 17, 1, 17],
    ['header_filter_by_lua', 19, 2, 20],
    ['set_by_lua', 22, 3, 24],
    ['rewrite_by_lua', 27, 1, 27],
  ];
  for (const [directive, named, chunkLine, expected] of cases) {
    it(`finds line ${chunkLine} of ${directive} at ${named}`, () => {
      assert.match(text[expected - 1] ?? '', new RegExp(`line ${expected}"`));
      assert.equal(lineInConf(scan, directive, named, chunkLine), expected);
    });
  }

  it('puts a main chunk at its beginning', () => {
    assert.equal(lineInConf(scan, 'access_by_lua', 9, 0), 9);
    assert.equal(lineInConf(scan, 'content_by_lua', 16, 0), 13);
  });

  it('finds nothing where no such block is', () => {
    assert.equal(lineInConf(scan, 'access_by_lua', 10, 1), undefined);
    assert.equal(lineInConf(scan, 'content_by_lua', 9, 1), undefined);
  });

  it('ends on text that is cut or is no configuration', () => {
    for (const bad of [
      'a_by_lua_block {',
      'x "',
      "x '\\",
      'b_by_lua_block { [[',
      '${',
      '}}}',
      '\\',
    ]) {
      assert.ok(scanConf(bad));
    }
    assert.ok(scanConf('{'.repeat(100_000)));
  });
});

describe('includedPaths', () => {
  it('follows what can be the file', () => {
    const { includes } = scanConf(conf);
    assert.deepEqual(includes, ['nginx-kong.conf', 'conf.d/*.conf']);
    const root = '/usr/local/kong/nginx.conf';
    assert.deepEqual(includedPaths(includes, root, 'nginx-kong.conf'), {
      matching: ['/usr/local/kong/nginx-kong.conf', '/usr/local/kong/conf.d/nginx-kong.conf'],
      others: [],
    });
    assert.deepEqual(includedPaths(includes, root, 'site.conf'), {
      matching: ['/usr/local/kong/conf.d/site.conf'],
      others: ['/usr/local/kong/nginx-kong.conf'],
    });
  });

  it('does not follow a glob that the name cannot be of', () => {
    const found = includedPaths(['/a/*.types', '/b/[ab]*/x.conf'], '/etc/n.conf', 'x.conf');
    assert.deepEqual(found, { matching: [], others: [] });
  });

  it('is quick with a hostile glob', () => {
    const glob = `${'*a'.repeat(100)}b`;
    assert.deepEqual(includedPaths([glob], '/n.conf', 'a'.repeat(200)).matching, []);
  });
});
