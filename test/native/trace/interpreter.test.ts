/** Interpreted code with known answers: which function, which line, which share, which callers. */
import assert from 'node:assert/strict';
import { type Recording, luaFrames, nameAndLine, recordScript } from './recording';

const SECONDS = 1.5;
const ROOT = 'main chunk:62';

describe('interpreted Lua', () => {
  it('has the shares and lines that its loops make it have', async () => {
    const recording = await recordScript('known.lua', [], 3);
    assert.ok(recording.samples > 300, `${recording.samples} samples`);
    const share = recording.total('three_quarters');
    assert.ok(Math.abs(share - 0.75) < 0.06, `three_quarters has ${share}`);
    assert.ok(Math.abs(recording.total('one_quarter') - 0.25) < 0.06);
    const lines = new Map<number, number>();
    for (const stack of recording.stacks) {
      const leaf = luaFrames(stack).at(-1);
      if (leaf?.name === 'spin') lines.set(leaf.line, (lines.get(leaf.line) ?? 0) + stack.count);
    }
    // The loop's own instruction belongs to the line of `for`.
    const onLoop = (lines.get(8) ?? 0) + (lines.get(9) ?? 0);
    assert.ok(onLoop / recording.samples > 0.95, JSON.stringify([...lines]));
    assert.ok((lines.get(9) ?? 0) > (lines.get(8) ?? 0), JSON.stringify([...lines]));
  });

  it('is never named after a function that was left by a tail call', async () => {
    const recording = await recordScript('known.lua', [], 1);
    // A sample can land in the few instructions of `through` itself, but never below it.
    const callers = recording.stacks.flatMap((stack) => luaFrames(stack).slice(0, -1));
    assert.ok(!callers.some(({ name }) => name === 'through'));
    const names = new Set(recording.stacks.flatMap(luaFrames).map(({ name }) => name));
    names.delete('through');
    assert.deepEqual([...names].sort(), [
      '[C function]',
      'main chunk',
      'one_quarter',
      'spin',
      'three_quarters',
    ]);
    assert.ok(recording.total('one_quarter') > 0.15, String(recording.total('one_quarter')));
  });

  const shapes: Record<string, readonly string[]> = {
    deep: ['deep:32', ...Array<string>(40).fill('down:12'), 'down:11'],
    pcall: [
      'pcall:34',
      ...Array.from({ length: 5 }, () => ['protected:17', 'pcall']).flat(),
      'protected:16',
    ],
    vararg: ['vararg:35', 'variadic:22'],
    metamethod: ['metamethod:36', '__add:25'],
    sort: ['sort:37', 'table.sort', 'shapes.lua:37:37'],
    gsub: ['gsub:38', 'string.gsub', 'shapes.lua:38:38'],
    text: ['text:39', 'chunk string:1:2'],
  };
  for (const [shape, expected] of Object.entries(shapes)) {
    it(`keeps every frame of the shape ${shape}`, async () => {
      const recording = await recordScript('shapes.lua', [shape], SECONDS);
      assertPath(recording, expected);
    });
  }

  it('joins coroutines with those that resumed them', async () => {
    const recording = await recordScript('shapes.lua', ['coroutines'], SECONDS);
    const joined = recording.share((stack) => {
      const names = luaFrames(stack).map(({ name }) => name);
      return (
        names.includes('coroutines') &&
        names.includes('coroutine.resume') &&
        names.at(-1) === 'work' &&
        names.indexOf('coroutines') < names.indexOf('coroutine.resume')
      );
    });
    assert.ok(joined > 0.95, `${joined} of the samples have the whole chain`);
    assert.ok(recording.unattributed <= 0.01);
  });

  it('keeps both ends of a stack that is deeper than 128 frames, and says so between', async () => {
    const recording = await recordScript('shapes.lua', ['deeper'], SECONDS);
    assert.ok(recording.json.quality.truncated > recording.samples * 0.9);
    const root = luaFrames(recording.stacks[0])[0]?.name;
    for (const stack of recording.stacks) {
      const cut = stack.frames.some(({ name }) => / frames not kept\]$/.test(name));
      assert.ok(cut ? luaFrames(stack).length === 128 : luaFrames(stack).length <= 128);
      if (cut) assert.equal(luaFrames(stack)[0]?.name, root);
    }
  });

  it('shows the collector where it runs', async () => {
    const recording = await recordScript('shapes.lua', ['garbage'], SECONDS);
    const share = recording.share(({ frames }) => frames.some(({ kind }) => kind === 'gc'));
    assert.ok(share > 0.03, `${share}`);
    const inGarbage = recording.total('garbage');
    assert.ok(inGarbage > 0.97, `${inGarbage}`);
    assert.ok(recording.unattributed <= 0.01, `${recording.unattributed}`);
  });

  it('is not impressed by a chunk with a hostile name', async () => {
    const recording = await recordScript('shapes.lua', ['hostile'], SECONDS);
    const names = recording.stacks.flatMap(luaFrames).filter(({ file }) => file.length > 1000);
    assert.ok(names.length > 0);
    for (const { file, name } of names) {
      assert.ok(Buffer.byteLength(file) <= 64 * 1024, `${file.length}`);
      assert.ok(Buffer.byteLength(name) <= 256, `${name.length}`);
    }
    assert.ok(recording.total('work') > 0.9);
  });
});

/** Nearly all samples end in `work`, called by exactly these. */
function assertPath(recording: Recording, expected: readonly string[]): void {
  const want = [ROOT, ...expected].join(' ');
  const share = recording.share((stack) => {
    const frames = luaFrames(stack).filter(({ name }) => name !== '[C function]');
    if (frames.at(-1)?.name !== 'work') return false;
    return frames.slice(0, -1).map(nameAndLine).join(' ') === want;
  });
  assert.ok(share > 0.95, `${share} have it; the commonest is ${recording.commonest().join(' ')}`);
  assert.ok(recording.unattributed <= 0.01, `${recording.unattributed}`);
}
