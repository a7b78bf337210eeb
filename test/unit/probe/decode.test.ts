import assert from 'node:assert/strict';
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { BatchDecoder, parseMessage } from '../../../extension/probe/decode';
import * as wire from '../../../extension/probe/generated/acupoint_pb';
import { decodeHello, decodeListing, decodeStarted } from '../../../extension/probe/messages';
import { ProbeError } from '../../../extension/probe/session';
import { cpuRows, declared } from './wire-rows';
import { FrameFlag, FrameKind, Quality, VmState } from '../../../extension/profile/frames';

type BatchInit = MessageInitShape<typeof wire.BatchSchema>;

const corrupt = (detail: RegExp) => (error: unknown) =>
  error instanceof ProbeError && error.kind === 'corrupt-stream' && detail.test(error.detail);
const batchOf = (init: BatchInit): wire.Batch => create(wire.BatchSchema, init);
const bytesOf = (init: BatchInit): Uint8Array => {
  const message = { case: 'batch' as const, value: batchOf(init) };
  return toBinary(wire.FromProbeSchema, create(wire.FromProbeSchema, { message }));
};

const first: BatchInit = {
  sequence: 1,
  timeUs: 250_000n,
  intervalUs: 250_000,
  strings: ['handler', '@/lua/handler.lua', 'access'],
  functions: [{ name: 1, file: 2, line: 10, lastLine: 20 }, { name: 0 }],
  frames: [
    { function: 1, kind: wire.FrameKind.FRAME_LUA, line: 12, flags: 3 },
    { function: 2, kind: wire.FrameKind.FRAME_UNKNOWN },
  ],
  stackParents: [0, 1, 1],
  stackFrames: [1, 2, 1],
  labels: [{ vmState: wire.VmState.VM_INTERPRETER, quality: wire.Quality.EXACT, phase: 3 }],
  series: declared,
  stacks: [cpuRows({ stacks: [3, 0], pids: [42, 43], labels: [1, 0], counts: [7, 1] })],
};

describe('decoding', function () {
  this.timeout(30_000);

  it('resolves a batch', () => {
    const { batch, health } = new BatchDecoder().decode(batchOf(first));
    assert.equal(health, undefined);
    assert.deepEqual(batch.functions, [
      { name: 'handler', file: '@/lua/handler.lua', line: 10, lastLine: 20 },
      { name: '', file: '', line: 0, lastLine: 0 },
    ]);
    assert.deepEqual(batch.frames[0], { function: 1, kind: FrameKind.Lua, line: 12, flags: 3 });
    assert.deepEqual([...batch.stackParents, ...batch.stackFrames], [0, 1, 1, 1, 2, 1]);
    assert.equal(batch.labels[0]?.phase, 'access');
    assert.deepEqual([batch.timeUs, batch.intervalUs], [250_000, 250_000]);
  });

  it('resolves zones, and says what cannot be told', () => {
    const pool = { pageBytes: 4096, pages: 10, freePages: 4, freeInPages: 64n, blocks: 9n };
    const dict = { entries: 7n, expired: 2n, pagesLookedAt: 3, pagesUsed: 6 };
    const sizes = { sizeBytes: 65536n, residentBytes: 4096n };
    const { health } = new BatchDecoder().decode(
      batchOf({
        ...first,
        health: {},
        zones: {
          pid: 42,
          leftOut: 1,
          zones: [
            { name: 'cache', module: 'ngx_http_lua_module', ...sizes, ...pool, dict },
            { name: 'odd' },
          ],
        },
      }),
    );
    assert.deepEqual(health?.zones, {
      pid: 42,
      leftOut: 1,
      missing: '',
      zones: [
        {
          name: 'cache',
          module: 'ngx_http_lua_module',
          sizeBytes: 65536,
          residentBytes: 4096,
          pool: { ...pool, freeInPages: 64, blocks: 9, refused: 0 },
          dict: { entries: 7, expired: 2, estimated: true },
        },
        {
          name: 'odd',
          module: '',
          sizeBytes: 0,
          residentBytes: 0,
          pool: undefined,
          dict: undefined,
        },
      ],
    });
  });

  it('resolves requests and modules', () => {
    const names = { method: 1, host: 2, uri: 3 };
    const { batch } = new BatchDecoder().decode(
      batchOf({
        ...first,
        requests: [names, { uri: 3 }],
        modules: [{ pid: 42, vm: 0x7f00_0000_0380n, names: [1, 3], leftOut: 5, kongVersion: 2 }],
      }),
    );
    assert.deepEqual(batch.requests, [
      { method: 'handler', host: '@/lua/handler.lua', uri: 'access' },
      { method: '', host: '', uri: 'access' },
    ]);
    assert.deepEqual(batch.modules, [
      {
        pid: 42,
        vm: '7f0000000380',
        names: ['handler', 'access'],
        leftOut: 5,
        kongVersion: '@/lua/handler.lua',
        apisixVersion: '',
      },
    ]);
  });

  it('lets later batches refer to earlier ones, and times start anew with a trace', () => {
    const decoder = new BatchDecoder();
    decoder.decode(batchOf(first));
    const later = {
      sequence: 2,
      timeUs: 1n,
      functions: [{ name: 1 }],
      stackParents: [3],
      stackFrames: [2],
    };
    assert.throws(() => decoder.decode(batchOf(later)), corrupt(/batch time/));
    const again = new BatchDecoder();
    again.decode(batchOf(first));
    again.started();
    assert.equal(again.decode(batchOf(later)).batch.functions[0]?.name, 'handler');
  });

  const violations: [string, BatchInit, RegExp][] = [
    ['a sequence with a gap', { sequence: 3 }, /sequence: 3 after 1/],
    ['a batch twice', { sequence: 1 }, /sequence: 1 after 1/],
    ['time that runs back', { timeUs: 249_999n }, /batch time/],
    ['time beyond all numbers', { timeUs: 2n ** 63n }, /batch time/],
    ['an interval of hours', { intervalUs: 4_000_000_000 }, /interval/],
    ['a name that was not sent', { functions: [{ name: 4 }] }, /function name: string 4 of 3/],
    ['a file that was not sent', { functions: [{ file: 9 }] }, /function file/],
    ['a function that was not sent', { frames: [{ function: 3 }] }, /frame function: 3 of 2/],
    [
      'a kind of frame that is not known',
      { frames: [{ kind: 11 as wire.FrameKind }] },
      /frame kind: 11/,
    ],
    [
      'a kind of frame of a later probe',
      { frames: [{ kind: 14 as wire.FrameKind }] },
      /frame kind: 14/,
    ],
    ['a kind below zero', { frames: [{ kind: -1 as wire.FrameKind }] }, /frame kind: -1/],
    ['flags that are not known', { frames: [{ flags: 32 }] }, /frame flags/],
    ['a stack without frame', { stackParents: [0], stackFrames: [0] }, /stack frame: none/],
    ['a frame that was not sent', { stackParents: [0], stackFrames: [3] }, /stack frame: 3 of 2/],
    [
      'a parent that is the stack itself',
      { stackParents: [4], stackFrames: [1] },
      /stack parent: 4 of 3/,
    ],
    ['stack columns of two lengths', { stackParents: [0, 0], stackFrames: [1] }, /2 parents and 1/],
    ['labels of no known state', { labels: [{ vmState: 9 as wire.VmState }] }, /VM state: 9/],
    ['labels of no known quality', { labels: [{ quality: 5 as wire.Quality }] }, /quality: 5/],
    ['a phase that was not sent', { labels: [{ phase: 4 }] }, /labels phase/],
    ['a request without its text', { requests: [{ uri: 4 }] }, /request URI/],
    ['a module without its name', { modules: [{ names: [4] }] }, /module name/],
    ['a share that is no number', { health: { probeCpuPercent: NaN } }, /health CPU/],
    ['a share below zero', { health: { kernelCpuPercent: -1 } }, /health kernel CPU/],
    ['a time stood still that is no number', { health: { stoppedPercent: NaN } }, /health stopped/],
    ['a limit that is not known', { health: { rateLimit: 9 as wire.RateLimit } }, /rate limit/],
    ['a count beyond all numbers', { health: { samples: 2n ** 63n } }, /health samples/],
    [
      'a phase of the collector that is not known',
      { health: {}, memory: [{ gcPhase: 7 as wire.GcPhase }] },
      /memory phase/,
    ],
    [
      'zones: free pages',
      { health: {}, zones: { zones: [{ pages: 1, freePages: 2 }] } },
      /free pages/,
    ],
    [
      'zones: more expired than there are',
      { health: {}, zones: { zones: [{ dict: { entries: 1n, expired: 2n } }] } },
      /2 of 1 entries/,
    ],
    [
      'zones of too many',
      { health: {}, zones: { zones: Array(65).fill({}) as object[] } },
      /zones/,
    ],
    ['memory of too many', { health: {}, memory: Array(65).fill({}) as object[] }, /memory/],
    ['a string longer than any', { strings: ['x'.repeat(70_000)] }, /string length/],
  ];
  for (const [what, init, detail] of violations) {
    it(`refuses ${what}`, () => {
      const decoder = new BatchDecoder();
      decoder.decode(batchOf(first));
      const second = { sequence: 2, timeUs: 250_000n, ...init };
      assert.throws(() => decoder.decode(batchOf(second)), corrupt(detail));
    });
  }

  it('refuses a stack deeper than any', () => {
    const depth = 1100;
    const parents = Array.from({ length: depth }, (_, index) => index);
    const init = { ...first, stackParents: parents, stackFrames: parents.map(() => 1) };
    assert.throws(() => new BatchDecoder().decode(batchOf(init)), corrupt(/stack depth/));
  });

  it('does not build what a small message blows up to', () => {
    // Two bytes each: an empty function.
    const bomb = Buffer.concat([
      Buffer.from([0x12]),
      varint(2_000_000),
      Buffer.alloc(2_000_000, '2a00', 'hex'),
    ]);
    assert.throws(() => parseMessage(bomb), corrupt(/more than 400000 fields/));
    const stacks = new Array<number>(1_100_000).fill(1);
    const columns = { ...first, stacks: [cpuRows({ stacks })] };
    assert.throws(() => parseMessage(bytesOf(columns)), corrupt(/StackRows field 2/));
    const old = { ...first, stacks: [], rowStacks: stacks };
    assert.throws(() => parseMessage(bytesOf(old)), corrupt(/batch field 10/));
    // Numbers of 64 bits take more memory each.
    const values = new Array<bigint>(300_000).fill(1n);
    const wide = { ...first, stacks: [cpuRows({ values })] };
    assert.throws(() => parseMessage(bytesOf(wide)), corrupt(/StackRows field 7/));
    const listing = Buffer.concat([
      Buffer.from([0x1a]),
      varint(1_200_000),
      Buffer.alloc(1_200_000),
    ]);
    assert.throws(() => parseMessage(listing), corrupt(/message field 3/));
  });

  it('refuses a message that is cut, at every byte', () => {
    const whole = bytesOf(first);
    for (let end = 0; end < whole.length; end++) {
      assert.throws(() => parseMessage(whole.subarray(0, end)), corrupt(/message/), `at ${end}`);
    }
    assert.equal(parseMessage(whole).case, 'batch');
  });

  it('refuses text that is no UTF-8, and groups without end', () => {
    assert.throws(
      () => parseMessage(Buffer.from('0a0412020a80'.padEnd(12, '0'), 'hex')),
      ProbeError,
    );
    assert.throws(() => parseMessage(Buffer.alloc(10_000, 0x0b)), corrupt(/wire type 3/));
  });

  it('never fails but as it says, whatever the bytes', () => {
    const decode = (bytes: Uint8Array): void => {
      try {
        const message = parseMessage(bytes);
        if (message.case === 'batch') new BatchDecoder().decode(message.value);
        if (message.case === 'hello') decodeHello(message.value);
        if (message.case === 'listing') decodeListing(message.value);
        if (message.case === 'started') decodeStarted(message.value);
      } catch (error) {
        assert.ok(error instanceof ProbeError && error.kind === 'corrupt-stream', String(error));
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), decode), { numRuns: 2000 });
    const valid = Buffer.from(bytesOf(first));
    const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(valid);
        for (const [at, value] of changes) bytes[at] = value;
        decode(bytes);
      }),
      { numRuns: 3000 },
    );
  });

  it('has the numbers of the wire in the model', () => {
    const numbers = (names: object): number[] =>
      Object.values(names).filter((value): value is number => typeof value === 'number');
    assert.deepEqual(numbers(FrameKind), numbers(wire.FrameKind));
    assert.deepEqual(numbers(VmState), numbers(wire.VmState));
    assert.deepEqual(numbers(Quality), numbers(wire.Quality));
    assert.deepEqual([0, ...numbers(FrameFlag)], numbers(wire.FrameFlag));
    const names = (of: object, prefix: RegExp): string[] =>
      Object.keys(of)
        .filter((name) => Number.isNaN(Number(name)))
        .map((name) => name.replace(prefix, '').replaceAll('_', '').toLowerCase());
    assert.deepEqual(names(VmState, /^/), names(wire.VmState, /^VM_/));
    assert.deepEqual(names(Quality, /^/), [
      'nolua',
      'exact',
      'functiononly',
      'traceroot',
      'unknown',
    ]);
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
