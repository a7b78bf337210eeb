/** The owner of what several hold: by its class, by the gateway that keeps it, or nobody's. */
import assert from 'node:assert/strict';
import { GroupingRules } from '../../../../extension/analysis/grouping';
import { decodeHeap, makeHeapReport } from '../../../../extension/analysis/heap';
import { snapshotOf, type TableOf } from './snapshot';

const sizes = { cache: 1000, ofPlugin: 700, config: 500, routes: 300, helper: 200 };
/** Bytes of a table without slots here, and of a name. */
const TABLE = 64;
const nameBytes = (...names: readonly string[]) =>
  names.reduce((sum, name) => sum + 24 + ((name.length + 4) & ~3), 0);
const leaf = (size: number): TableOf => ({ size });

function report() {
  const cache: TableOf = { size: TABLE };
  const plugin: TableOf = { size: TABLE };
  const entries = leaf(sizes.cache);
  const instance: TableOf = {
    size: TABLE,
    metatable: { size: TABLE, named: { __index: cache } },
    named: { entries },
  };
  const limiter: TableOf = { size: sizes.ofPlugin, metatable: plugin };
  const config = leaf(sizes.config);
  const routes = leaf(sizes.routes);
  const helper = leaf(sizes.helper);
  const loaded = {
    'kong.cache': cache,
    'kong.runloop.handler': { size: TABLE, named: { instance, config, routes, limiter } },
    'kong.router': { size: TABLE, named: { routes, instance } },
    'kong.plugins.a.handler': { size: TABLE, named: { instance, config, helper } },
    'kong.plugins.b.handler': { size: TABLE, named: { helper, limiter, entries } },
    'kong.plugins.b.limiter': plugin,
  };
  const bytes = snapshotOf({ size: TABLE, named: { _LOADED: { size: TABLE, named: loaded } } });
  const made = makeHeapReport(decodeHeap(bytes), new GroupingRules());
  return {
    ...made,
    held: (name: string) => made.owners.find((row) => row.name === name)?.retainedBytes ?? 0,
    module: (name: string) => made.modules.find((row) => row.name === name)?.retainedBytes ?? 0,
  };
}

describe('What several hold', () => {
  const { held, module, owners, reachedBytes } = report();

  it('belongs to the module that is its class, with what it alone keeps within the gateway', () => {
    // Tables that a plugin refers to as well stay when the plugin goes.
    const names = nameBytes('__index', 'entries');
    assert.equal(module('kong.cache'), 3 * TABLE + sizes.cache + names);
    assert.equal(module('kong.plugins.b.limiter'), TABLE + sizes.ofPlugin);
  });

  it("is the gateway's where a part of it keeps it", () => {
    const names = nameBytes('config', 'limiter');
    assert.equal(module('kong.runloop.handler'), TABLE + sizes.config + names);
    const row = owners.find(({ name }) => name === 'shared by parts of the core');
    assert.equal(row?.kind, 'core');
    assert.equal(row.retainedBytes, sizes.routes + nameBytes('routes', 'instance'));
  });

  it('is shared where only plugins hold it', () => {
    assert.equal(held('shared by several'), sizes.helper + nameBytes('helper'));
  });

  it('adds up', () => {
    const sum = owners.reduce((all, row) => all + row.retainedBytes, 0);
    assert.equal(sum, reachedBytes);
  });
});
