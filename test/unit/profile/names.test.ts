import assert from 'node:assert/strict';
import { FrameKind, type FunctionInfo } from '../../../extension/profile/frames';
import { visible } from '../../../extension/common/outside';
import { displayName, kindText, placeText } from '../../../extension/profile/names';

const info = (name: string, file: string, line = 0): FunctionInfo => ({
  name,
  file,
  line,
  lastLine: line,
});

describe('Names', () => {
  it('show control and bidirectional characters as something that stays in its place', () => {
    assert.equal(visible('a\nb\u0000\u001b[2J\u007f'), 'a␊b␀␛[2J␡');
    assert.equal(visible('\u202eabc\u2066\u200f\u0085\ufeff'), '\ufffdabc\ufffd\ufffd\ufffd\ufffd');
    assert.equal(visible('naïve 名前 🔥'), 'naïve 名前 🔥');
    assert.equal(visible('\ud83d'), '\ufffd');
  });

  it('are cut, also where the cut falls into a character', () => {
    assert.equal(visible('x'.repeat(70_000)).length, 256);
    assert.ok(visible('x'.repeat(70_000)).endsWith('x…'));
    assert.equal(visible('abc', 3), 'abc');
    assert.equal(visible('ab🔥c', 4), 'ab\ufffd…');
  });

  it('place a Lua function by chunk and line', () => {
    assert.equal(placeText(info('f', '@/a/b/handler.lua', 42), FrameKind.Lua), 'handler.lua:42');
    assert.equal(placeText(info('f', '@handler.lua', 42), FrameKind.LuaJit, 44), 'handler.lua:44');
    const block = '=access_by_lua(nginx.conf:12)';
    assert.equal(placeText(info('', block), FrameKind.Lua), 'access_by_lua(nginx.conf:12)');
    assert.equal(placeText(info('f', block, 3), FrameKind.Lua), 'access_by_lua(nginx.conf:12):3');
    const source = 'local a = 1\nreturn a';
    assert.equal(
      placeText(info('f', source, 1), FrameKind.Lua),
      '[string "local a = 1..." #177dcc2a]:1',
    );
    const path = '/a/b';
    assert.equal(placeText(info('f', path, 1), FrameKind.Lua), '[string "/a/b"]:1');
  });

  it('place other functions by the file that holds them', () => {
    assert.equal(placeText(info('read', '/lib/libc.so.6', 7), FrameKind.Native), 'libc.so.6');
    assert.equal(placeText(info('tcp_recvmsg', ''), FrameKind.Kernel), '');
  });

  it('are never empty', () => {
    assert.equal(displayName(info('burn', '@x.lua', 1), FrameKind.Lua), 'burn');
    assert.equal(displayName(info('', '@/a/x.lua', 7), FrameKind.Lua), 'x.lua:7');
    assert.equal(displayName(info('', ''), FrameKind.Kernel), '[kernel]');
  });

  it('tell every kind', () => {
    const kinds = Object.values(FrameKind).filter((kind) => typeof kind === 'number');
    assert.equal(new Set(kinds.map(kindText)).size, kinds.length);
    assert.equal(kindText(200 as FrameKind), 'kind 200');
  });
});
