import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GroupingRules } from '../../../../extension/analysis/grouping';
import { decodeHeap, makeHeapReport } from '../../../../extension/analysis/heap';
import { heapGrowth, placeGrowth } from '../../../../extension/analysis/heap/compare';
import { Sources } from '../../../../extension/analysis/heap/sources';
import { heapText } from '../../../../extension/analysis/heap/text';
import { snapshotOf, twoPlugins } from './snapshot';

const rules = new GroupingRules();
const noTree = {
  parents: [-1],
  places: [0],
  frames: [{ name: '', kind: 'other' as const }],
  bytes: [0],
  smallestBytes: 0,
};

describe('makeHeapReport', () => {
  const report = makeHeapReport(decodeHeap(twoPlugins), rules);
  const held = (name: string) => report.owners.find((row) => row.name === name)?.retainedBytes;

  it('gives each owner what it alone holds, and shows what several do', () => {
    assert.equal(held('a'), 64 + 1000);
    assert.equal(held('b'), 64 + 1000);
    // The table, and the two names that both use.
    assert.equal(held('shared by several'), 500 + 28 + 32);
    assert.equal(held('garbage (freed at the next GC)'), 40);
  });

  it('adds up', () => {
    const sum = report.owners.reduce((all, row) => all + row.retainedBytes, 0);
    assert.equal(sum, report.reachedBytes);
    const stacks = report.tree.bytes.reduce((all, each) => all + each, 0);
    assert.equal(stacks, report.reachedBytes - 40);
    assert.equal(report.gcTotalBytes, 9000);
  });

  it('names the way to the largest', () => {
    const [first] = report.largest;
    assert.deepEqual(first?.path.slice(0, 2), ['registry', '_LOADED']);
    assert.equal(first?.path.at(-1), 'own');
  });

  it('finds nothing that grew between a snapshot and itself', () => {
    const { held, uncollected, owners } = heapGrowth(report, report);
    assert.deepEqual([held, uncollected], [0, 0]);
    assert.ok(owners.length > 0 && owners.every(({ growth }) => growth === 0));
    const less = { ...report, tree: noTree };
    assert.equal(placeGrowth(less, report)[0]?.before, 0);
  });
});

describe('decodeHeap', () => {
  it('takes the text of a string that named something only after it was written', () => {
    const registry = { size: 64, named: { kept: { size: 64 } } };
    const { texts } = decodeHeap(snapshotOf(registry, new Set(['kept'])));
    assert.deepEqual([...texts.values()], ['kept']);
  });

  it('refuses a text of what is no string', () => {
    const bytes = snapshotOf({ size: 64, named: { kept: { size: 64 } } }, new Set(['kept']));
    // Its number, which stands in front of its length and itself.
    bytes[bytes.length - 9] = 2;
    assert.throws(() => decodeHeap(bytes), /no string/);
  });

  it('survives any change of what came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(twoPlugins.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(twoPlugins.length),
        (changes, length) => {
          const bytes = twoPlugins.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            makeHeapReport(decodeHeap(bytes.subarray(0, length + 1)), rules);
          } catch (error) {
            assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('heapText', () => {
  const report = makeHeapReport(decodeHeap(twoPlugins), rules);
  const heading = { pid: 7, pauseMs: 1.26, copiedBytes: 12_345_678 };

  it('has the pause, what was found, and rows that add up', () => {
    const lines = heapText(heading, report);
    assert.match(lines[0]!, /worker 7: 8\.8 KB .*; 11\.8 MB copied, worker paused 1\.3 ms$/);
    assert.ok(lines.some((line) => /^sum +[\d.]+ KB +100\.0 +\d+$/.test(line)));
    assert.ok(lines.some((line) => /^registry > _LOADED > .* > own /.test(line)));
  });

  it('says what has grown, and where', () => {
    assert.ok(heapText(heading, report, report).join('\n').includes('Nothing has grown'));
    const owners = report.owners.map((row) => ({ ...row, retainedBytes: 0 }));
    const lines = heapText(heading, report, { ...report, owners, tree: noTree });
    const from = lines.findIndex((line) => line.startsWith('grown since'));
    assert.match(lines[from + 1]!, /^a +plugin +0 B +1\.0 KB +\+1\.0 KB$/);
    // Memory that nothing holds stands behind the sum of what is held.
    const sum = lines.findIndex((line) => line.startsWith('held in all'));
    assert.match(lines[sum + 1]!, /^garbage \(freed at the next GC\) +0 B +40 B +\+40 B$/);
    assert.match(lines[from - 2]!, /^Since the last snapshot: \+3\.0 KB held, \+40 B garbage/);
  });
});

describe('Sources', () => {
  it('finds the file of a module by its name', () => {
    const texts = new Map([
      [1, '@/usr/share/lua/5.1/kong/plugins/jwt/handler.lua'],
      [2, '@/usr/share/lua/5.1/kong/init.lua'],
      [3, 'return 1'],
    ]);
    const proto = { id: 0, firstLine: 3, lines: 1, upvalueNames: [] };
    const prototypes = new Map([1, 2, 3].map((id) => [id, { ...proto, chunkName: id }]));
    const sources = new Sources({ ...decodeHeap(twoPlugins), texts, prototypes });
    assert.equal(sources.ofModule('kong.plugins.jwt.handler')?.chunk, texts.get(1));
    assert.equal(sources.ofModule('kong')?.chunk, texts.get(2));
    assert.equal(sources.ofModule('plugins'), undefined);
  });
});
