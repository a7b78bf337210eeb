import assert from 'node:assert/strict';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { BatchDecoder } from '../../../extension/probe/decode';
import * as wire from '../../../extension/probe/generated/acupoint_pb';
import { ProbeError } from '../../../extension/probe/session';

type BatchInit = MessageInitShape<typeof wire.BatchSchema>;

const first: BatchInit = {
  sequence: 1,
  timeUs: 250_000n,
  strings: ['handler', '/'],
  functions: [{ name: 1 }],
  frames: [{ function: 1, kind: wire.FrameKind.FRAME_LUA }],
  stackParents: [0],
  stackFrames: [1],
  labels: [{}],
  requests: [{ uri: 2 }],
  allocStacks: [1, 0],
  allocPids: [42, 43],
  allocLabels: [1, 0],
  allocCounts: [2, 0],
  allocBytes: [65_536n, 2n ** 40n],
};

const decode = (...batches: BatchInit[]) => {
  const decoder = new BatchDecoder();
  return batches.map((init) => decoder.decode(create(wire.BatchSchema, init)));
};

describe('Allocations on the wire', () => {
  it('come as rows, also without requests', () => {
    const [one, two] = decode(first, {
      sequence: 2,
      timeUs: 250_000n,
      allocStacks: [1],
      allocPids: [42],
      allocLabels: [1],
      allocRequests: [1],
      allocCounts: [1],
      allocBytes: [1n],
    });
    const rows = one!.batch.allocations!;
    assert.deepEqual(
      [rows.stacks, rows.pids, rows.labels, rows.counts, rows.bytes].map((column) => [...column]),
      [
        [1, 0],
        [42, 43],
        [1, 0],
        [2, 0],
        [65_536, 2 ** 40],
      ],
    );
    assert.equal(rows.requests.length, 0);
    assert.deepEqual([...two!.batch.allocations!.requests], [1]);
  });

  it('come with what the bursts saw', () => {
    const bursts = {
      on: true,
      watchedUs: 20_000n,
      elapsedUs: 1_000_000n,
      allocations: 900n,
      bytes: 65_536n,
      lostBytes: 5n,
      requests: 12n,
      requestScope: wire.RequestScope.REQUESTS_OF_WORKERS,
      costPercent: 0.5,
      missing: '',
    };
    const [one] = decode({ ...first, health: {}, bursts });
    assert.deepEqual(one!.health?.bursts, {
      on: true,
      watchedUs: 20_000,
      elapsedUs: 1_000_000,
      allocations: 900,
      bytes: 65_536,
      lostBytes: 5,
      requests: 12,
      requestScope: 'workers',
      costPercent: 0.5,
      missing: '',
    });
    const [without] = decode({ ...first, health: {} });
    assert.equal(without!.health?.bursts, undefined);
  });

  const row: BatchInit = {
    allocStacks: [1],
    allocPids: [42],
    allocLabels: [1],
    allocCounts: [1],
    allocBytes: [1n],
  };
  const violations: [string, BatchInit, RegExp][] = [
    ['columns of two lengths', { ...row, allocPids: [] }, /allocations: columns of 1, 0/],
    ['bytes without a stack', { allocBytes: [1n] }, /allocations: columns of 0/],
    ['a stack without bytes', { ...row, allocBytes: [] }, /allocations: columns of 1/],
    ['requests of another length', { ...row, allocRequests: [1, 1] }, /and 2 requests/],
    ['requests without rows', { allocRequests: [1] }, /and 1 requests/],
    ['a stack that was not sent', { ...row, allocStacks: [2] }, /row stack: 2 of 1/],
    ['labels that were not sent', { ...row, allocLabels: [2] }, /row labels: 2 of 1/],
    ['a request that was not sent', { ...row, allocRequests: [2] }, /row request: 2 of 1/],
    ['more bytes than there can be', { ...row, allocBytes: [2n ** 53n] }, /allocation bytes/],
    ['a sum beyond all numbers', { health: {}, bursts: { bytes: 2n ** 63n } }, /bursts bytes/],
    ['a cost that is no number', { health: {}, bursts: { costPercent: NaN } }, /bursts cost/],
    [
      'a scope that is not known',
      { health: {}, bursts: { requestScope: 3 as wire.RequestScope } },
      /bursts request scope/,
    ],
    [
      'a reason longer than any',
      { health: {}, bursts: { missing: 'x'.repeat(70_000) } },
      /bursts missing/,
    ],
  ];
  for (const [what, init, detail] of violations) {
    it(`are refused with ${what}`, () => {
      assert.throws(
        () => decode(first, { sequence: 2, timeUs: 250_000n, ...init }),
        (error) =>
          error instanceof ProbeError &&
          error.kind === 'corrupt-stream' &&
          detail.test(error.detail),
      );
    });
  }
});
