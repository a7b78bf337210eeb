/** The VM's own tables name what Lua calls: Debian's nginx has no symbols of its own for it. */
import assert from 'node:assert/strict';
import { freePort } from '../../fixtures/wait';
import { startNginx } from '../nginx';
import { type Frame, luaFrames, record, type Recording } from './recording';

const CALLS = `
  local cjson, concat, words = require "cjson", table.concat, {}
  for i = 1, 200 do words[i] = "word" .. i end
  ngx.shared.cache:set("key", "value")
  for i = 1, 300 do
    cjson.encode(words)
    concat(words, ",")
    string.format("%s %d %5.2f", "abc", i, i / 3)
    ngx.re.match("hello, " .. i, "([a-z]+), ([0-9]+)", "o")
    ngx.shared.cache:get("key")
    pcall(error, "x")
    ngx.say("x")
  end`;

describe('what Lua calls in a stripped nginx', () => {
  let recording: Recording;
  before(async () => {
    const port = await freePort();
    const http = `
      lua_shared_dict cache 1m;
      init_by_lua_block { require "cjson" jit.off() }
      server { listen 127.0.0.1:${port}; location / { content_by_lua_block { ${CALLS} } } }`;
    const nginx = await startNginx({ http });
    let wanted = true;
    const ask = async () => {
      while (wanted) await (await fetch(`http://127.0.0.1:${port}/`)).text();
    };
    const asking = [ask(), ask()];
    try {
      recording = await record(nginx.workers()[0] ?? 0, 4);
    } finally {
      wanted = false;
      await Promise.all(asking);
      await nginx.stop();
    }
  });

  const frames = (): Frame[] => recording.stacks.flatMap(luaFrames);

  for (const [kind, name, file] of [
    ['luaC', 'ngx.say', /ngx_http_lua_module/],
    ['luaC', 'cjson.encode', /cjson/],
    ['builtin', 'string.format', /^$/],
    ['builtin', 'table.concat', /^$/],
    ['builtin', 'pcall', /^$/],
    ['builtin', 'ngx_lua_ffi_exec_regex', /^$/],
    ['builtin', 'ngx_lua_ffi_shdict_get', /^$/],
    // Lua of lua-resty-core, which ngx.re.match and the methods of ngx.shared are.
    ['lua', 're_match_helper', /resty\/core\/regex\.lua$/],
    ['lua', 'shdict_get', /resty\/core\/shdict\.lua$/],
  ] as const) {
    it(`is called ${name}`, () => {
      const found = frames().find((frame) => frame.name === name && frame.kind === kind);
      const names = [...new Set(frames().map((frame) => `${frame.kind} ${frame.name}`))];
      assert.ok(found, names.join(', '));
      assert.match(found.file, file);
    });
  }

  it('has a name almost without exception', () => {
    const nameless = recording.share((stack) =>
      luaFrames(stack).some(({ name }) => /^\[(?:C function|built-in \d+)\]$/.test(name)),
    );
    assert.ok(nameless < 0.01, `${nameless}`);
  });
});
