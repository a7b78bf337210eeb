/** Callers' names for functions that have none of their own; their place always stands beside. */
import assert from 'node:assert/strict';
import { luaFrames, recordScript } from './recording';

const ways: Record<string, string> = {
  parameter: 'visit callers.lua:25',
  'tail call': 'callers.lua:30',
  field: 'on_error callers.lua:20',
  iterator: 'for iterator callers.lua:39',
  protected: 'callback callers.lua:44',
};

describe('a function without a name', () => {
  for (const [way, expected] of Object.entries(ways))
    it(`is called ${expected} where its way is ${way}`, async () => {
      const recording = await recordScript('callers.lua', [way], 1);
      const callers = recording.stacks.map(luaFrames).flatMap((frames) => {
        const at = frames.findIndex(({ name }) => name === 'work');
        return at > 0 ? [frames[at - 1]!.name] : [];
      });
      assert.ok(callers.length > 0);
      assert.deepEqual([...new Set(callers)], [expected]);
    });
});
