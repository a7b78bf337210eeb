import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Analysis } from '../../../extension/analysis/analysis';
import { dimensions } from '../../../extension/analysis/dimensions';
import { requestsOf } from '../../../extension/analysis/requests';
import { VmState } from '../../../extension/profile/frames';
import { sinceStart } from '../../../extension/profile/store';
import { tenths } from '../../../extension/profile/shares';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { newNativeEngine } from '../profile/engines';
import { emptyBatch } from '../profile/sample-profile';
import { allWords, StackStore, type Sample } from './stacks';

const sample: fc.Arbitrary<Sample> = fc.record({
  stack: fc.array(fc.constantFrom(...allWords), { maxLength: 8 }),
  count: fc.nat({ max: 50 }),
  labels: fc.record({
    phase: fc.constantFrom('', 'access', 'log', 'timer', 'odd'),
    vmState: fc.constantFrom(VmState.None, VmState.Gc, VmState.Record, VmState.Jit),
  }),
  request: fc.option(
    fc.record({
      method: fc.constantFrom('GET', 'POST'),
      host: fc.constantFrom('', 'a', 'b'),
      uri: fc.integer({ min: 0, max: 40 }).map((id) => `/orders/${id}`),
    }),
    { nil: undefined },
  ) as fc.Arbitrary<Sample['request'] & object>,
});

const sum = (values: Iterable<number>) => [...values].reduce((all, value) => all + value, 0);

describe('Reports', () => {
  it('put each sample in one row and one column, whatever they are by', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(sample, { maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...dimensions),
        fc.constantFrom(...dimensions),
        async (batches, rows, columns) => {
          for (const engine of [new TypeScriptEngine(), newNativeEngine()]) {
            const stacks = new StackStore(engine);
            batches.forEach((batch, i) => stacks.add((i + 1) * 1000, batch, 101 + i));
            const analysis = new Analysis(stacks.store);
            const report = await analysis.report(sinceStart, rows, columns);
            const { tallies } = stacks.store;
            assert.equal(report.weight, tallies.of('cpu').weight);
            assert.equal(report.samples, tallies.samples);
            assert.equal(sum(report.rows.map(({ weight }) => weight)), tallies.of('cpu').weight);
            assert.equal(sum(report.rows.map(({ samples }) => samples)), tallies.samples);
            for (const row of report.rows) {
              assert.equal(sum(row.cells), row.weight);
              assert.equal(row.cells.length, report.columns.length);
              assert.ok(row.garbageCollector + row.jitCompiler <= row.weight);
              assert.ok(row.weight + row.caused >= -1e-6, JSON.stringify(row));
            }
            assert.ok(Math.abs(sum(report.rows.map(({ caused }) => caused))) < 1e-6);
            const shown = sum(tenths(report.rows.map(({ weight }) => weight)));
            assert.equal(shown, tallies.of('cpu').weight > 0 ? 1000 : 0);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('give a focus the samples of its row, no more and no fewer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sample, { maxLength: 20 }),
        fc.constantFrom(...dimensions),
        async (samples, by) => {
          const stacks = new StackStore().add(1000, samples);
          const analysis = new Analysis(stacks.store);
          const report = await analysis.report(sinceStart, by, 'phase');
          for (const row of report.rows) {
            analysis.focus({ by, name: row.name, kind: row.kind });
            const tree = await analysis.profile.callTree(sinceStart);
            assert.equal(tree.total[0], row.weight);
            assert.equal(tree.samples, row.samples);
            assert.equal(tree.whole, report.weight);
            const table = await analysis.profile.functionTable(sinceStart);
            assert.equal(table.weight, report.weight);
            const { samples: exported, labelled } = await analysis.profile.snapshot(sinceStart);
            assert.equal(exported.weight, row.weight);
            assert.equal(labelled.weight, row.weight);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('charge the collector and the JIT compiler to whom they ran for', async () => {
    const stacks = new StackStore().add(1000, [
      { stack: ['nginx', 'access', 'jwt'], count: 6 },
      { stack: ['nginx', 'access', 'jwt', 'gc'], count: 3 },
      { stack: ['nginx', 'access', 'jwt', 'jitc'], count: 1 },
      { stack: ['nginx', 'access', 'acl'], count: 2, labels: { vmState: VmState.Gc } },
    ]);
    const { rows } = await new Analysis(stacks.store).report(sinceStart, 'owner', 'phase');
    const told = rows.map((row) => [row.name, row.samples, row.garbageCollector, row.jitCompiler]);
    assert.deepEqual(told, [
      ['jwt', 10, 3000, 1000],
      ['acl', 2, 2000, 0],
    ]);
  });

  it('have a row of zeros for what is loaded and costs nothing', async () => {
    const stacks = new StackStore().add(1000, [{ stack: ['jwt'] }]);
    stacks.store.add({
      ...(await import('../profile/sample-profile')).emptyBatch,
      timeUs: 2000,
      modules: [
        {
          pid: 100,
          vm: 'ff',
          names: [
            'kong.plugins.jwt.handler',
            'kong.plugins.cors.handler',
            'kong.plugins.cors.schema',
            'apisix.plugins.limit-count',
            'apisix.plugins.serverless.init',
            'apisix.plugins.serverless-pre-function',
            'kong.plugins.pre-function._handler',
            'kong.plugins.post-function.handler',
            'resty.http',
          ],
          leftOut: 0,
          kongVersion: '3.9.1',
          apisixVersion: '',
        },
      ],
    });
    const { rows } = await new Analysis(stacks.store).report(sinceStart, 'owner', 'phase');
    assert.deepEqual(
      rows.map(({ name, weight }) => [name, weight]),
      [
        ['jwt', 1000],
        ['cors', 0],
        ['limit-count', 0],
        ['pre-function and post-function', 0],
        ['serverless-pre-function and serverless-post-function', 0],
      ],
    );
  });

  it('sum up what is too much to be read, and say so', async () => {
    const uris = Array.from({ length: 400 }, (_, i) => `/page-${i}`);
    const stacks = new StackStore().add(
      1000,
      uris.map((uri) => ({ stack: ['jwt'], request: { method: 'GET', host: 'a', uri } })),
    );
    const analysis = new Analysis(stacks.store);
    const byUri = await analysis.report(sinceStart, 'uri', 'owner');
    assert.equal(byUri.rows.length, 200);
    assert.equal(byUri.rows.at(-1)?.name, '(the rest)');
    assert.equal(byUri.rows.at(-1)?.samples, 201);
    const against = await analysis.report(sinceStart, 'owner', 'uri');
    assert.equal(against.columns.length, 16);
    assert.equal(against.rows[0]?.cells.at(-1), 385_000);
    const [route] = (await analysis.report(sinceStart, 'route', 'phase')).rows;
    assert.equal(route?.name, '/page-0');
  });

  it('keep the last minute by second', async () => {
    const stacks = new StackStore();
    for (let second = 0; second < 70; second++)
      stacks.add(second * 1e6 + 500_000, [{ stack: ['jwt'], count: second }]);
    stacks.add(70.5e6, [{ stack: ['acl'], count: 5 }]);
    const analysis = new Analysis(stacks.store);
    await analysis.report(sinceStart, 'owner', 'phase');
    const [one, other] = await Promise.all([analysis.trends(), analysis.trends()]);
    const jwt = analysis.owner('plugin', 'jwt')!;
    assert.deepEqual(
      one(jwt).map((cores) => Math.round(cores! * 1000)),
      Array.from({ length: 60 }, (_, i) => i + 10),
    );
    assert.deepEqual(other(jwt), one(jwt));
  });

  it('know nothing of seconds in which no probe sampled', async () => {
    const stacks = new StackStore();
    const jwt = [{ stack: ['jwt'], count: 100 }] as const;
    for (let second = 0; second < 3; second++) stacks.add(second * 1e6 + 500_000, [...jwt]);
    // The second run begins 4.2 s later: what it says is counted from there.
    stacks.store.beginRun(1_700_000_006_700);
    stacks.store.add({ ...emptyBatch, timeUs: 3.5e6 });
    assert.deepEqual(stacks.store.gaps, [[2.5e6, 6.7e6]]);
    const analysis = new Analysis(stacks.store);
    await analysis.report(sinceStart, 'owner', 'phase');
    const trend = (await analysis.trends())(analysis.owner('plugin', 'jwt')!);
    const known = [0.1, 0.1, null, null, null, null, null, 0, 0, 0];
    assert.deepEqual(trend, known);
  });
});

describe('Requests', () => {
  const counted = { handledRequests: 10, requestScope: 'workers', requestsMissing: '' } as const;

  it('are a number, or a reason', () => {
    assert.deepEqual(requestsOf(counted, false), { count: 10 });
    assert.deepEqual(requestsOf({ ...counted, requestScope: 'master' }, true), { count: 10 });
    const missing = [
      requestsOf(undefined, true),
      requestsOf({ ...counted, requestScope: 'none', requestsMissing: 'No memory.' }, true),
      requestsOf({ ...counted, requestScope: 'master' }, false),
      requestsOf({ ...counted, handledRequests: 0 }, true),
    ];
    for (const each of missing) assert.ok('missing' in each && each.missing.length > 5);
  });
});
