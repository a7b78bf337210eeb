/** Compiled code: what a trace had inlined, the C that it calls, and the collector that runs inside it. */
import assert from 'node:assert/strict';
import {
  APPROXIMATE,
  type Frame,
  INLINED,
  type Recording,
  luaFrames,
  recordScript,
} from './recording';

const isNative = (name: string) => (frame: Frame) => frame.kind === 'native' && frame.name === name;

describe('compiled Lua', () => {
  let recording: Recording;
  before(async () => {
    recording = await recordScript('compiled.lua', [], 4);
  });

  it('is told from interpreted code', () => {
    const share = recording.share(({ frames }) => frames.some(({ kind }) => kind === 'luaJit'));
    assert.ok(share > 0.9, `${share}`);
    for (const frame of recording.stacks.flatMap(({ frames }) => frames)) {
      if (frame.kind === 'luaJit') assert.ok(frame.flags & APPROXIMATE, frame.name);
    }
  });

  it('is decoded to its inlined functions', () => {
    const decoded = recording.share(
      ({ frames, quality }) =>
        quality === 'exact' || quality === 'function' || frames.some(isNative('swab')),
    );
    assert.ok(decoded > 0.97, JSON.stringify(recording.json.quality));
    const bumps = recording.stacks.filter((stack) => luaFrames(stack).at(-1)?.name === 'bump');
    assert.ok(bumps.length > 0);
    for (const stack of bumps) {
      const frames = luaFrames(stack);
      assert.equal(frames.at(-2)?.name, 'outer');
      if (frames.at(-1)?.kind === 'luaJit') assert.ok((frames.at(-1)?.flags ?? 0) & INLINED);
    }
  });

  it('stands above the C that it calls', () => {
    const inC = recording.share(
      (stack) =>
        luaFrames(stack).at(-1)?.name === 'native' && stack.frames.at(-1)?.kind !== 'luaJit',
    );
    const native = recording.total('native');
    assert.ok(native > 0.01 && inC > native * 0.5, `${native}, of which in C ${inC}`);
  });

  it('is told by who calls the C function where one snapshot has several calls', () => {
    for (const [called, caller] of [
      ['memfrob', 'mix'],
      ['memmem', 'seek'],
    ]) {
      const calls = recording.stacks.filter(({ frames }) => frames.some(isNative(called!)));
      const count = calls.reduce((sum, stack) => sum + stack.count, 0);
      assert.ok(count > 10, `${count} samples in ${called}`);
      for (const stack of calls) {
        const frames = luaFrames(stack);
        assert.equal(frames.at(-1)?.name, caller, called);
        assert.equal(frames.at(-2)?.name, 'callers', called);
      }
    }
  });

  it('is said to be unknown where two functions call the same', () => {
    const calls = recording.stacks.filter(({ frames }) => frames.some(isNative('swab')));
    assert.ok(calls.length > 0);
    for (const { frames, quality, vmState } of calls) {
      if (vmState !== 'jit') continue;
      const callee = frames.findIndex(isNative('swab'));
      assert.equal(frames[callee - 1]?.name, '[unknown]');
      assert.equal(frames[callee - 2]?.name, 'callers');
      assert.equal(quality, 'traceRoot');
    }
  });

  it('stands above the collector that runs inside a trace', () => {
    const stacks = recording.stacks.filter(({ vmState }) => vmState === 'gc');
    const all = stacks.reduce((sum, { count }) => sum + count, 0);
    const decoded = stacks
      .filter((stack) => luaFrames(stack).at(-1)?.name === 'churn')
      .reduce((sum, { count }) => sum + count, 0);
    assert.ok(all > 20, `${all} samples in the collector`);
    assert.ok(decoded / all > 0.9, `${decoded} of ${all}`);
  });

  it('leaves nothing unattributed', () => {
    assert.ok(recording.unattributed <= 0.01, `${recording.unattributed}`);
  });
});
