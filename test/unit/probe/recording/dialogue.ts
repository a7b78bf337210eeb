/**
 * The words of a probe in a session that never was, of any length, and known to whoever made it up.
 */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import * as wire from '../../../../extension/probe/generated/acupoint_pb';
import { encode } from '../scripted-probe';
import { allocatedRows, cpuRows, declared, latencyRows, VMS } from '../wire-rows';

type BatchInit = MessageInitShape<typeof wire.BatchSchema>;

/** Numbers that look like chance and are the same each time (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export const hello = (): Uint8Array =>
  encode({
    case: 'hello',
    value: { protocol: 2, probeVersion: '1', sampler: wire.Sampler.BPF, kernel: '6.1', cpus: 2 },
  });

export const started = (unixMs: number): Uint8Array =>
  encode({
    case: 'started',
    value: {
      request: 1,
      sampler: wire.Sampler.BPF,
      pids: [101, 102],
      startUnixUs: BigInt(unixMs) * 1000n,
    },
  });

export const listing = (): Uint8Array =>
  encode({
    case: 'listing',
    value: {
      masters: [
        {
          pid: 100,
          kind: wire.ServerKind.SERVER_KONG,
          version: '3.9.1',
          prefix: '/usr/local/kong',
          workers: [{ pid: 101 }, { pid: 102 }],
        },
      ],
    },
  });

export const notice = (text: string): Uint8Array =>
  encode({ case: 'notice', value: { kind: wire.NoticeKind.NOTICE_OTHER, text } });

/** A command of the client's. */
export const start = (master = 100): Uint8Array =>
  toBinary(
    wire.ToProbeSchema,
    create(wire.ToProbeSchema, {
      command: {
        case: 'start',
        value: {
          target: { case: 'master', value: master },
          rateHz: 499,
          budget: 250,
          requestLabels: true,
        },
      },
    }),
  );

/** Batches of one run of a probe, with whatever they may hold, counted as a probe counts. */
export class Run {
  private sequence = 0;
  private readonly sizes = {
    strings: 0,
    functions: 0,
    frames: 0,
    stacks: 0,
    labels: 0,
    requests: 0,
  };
  private samples = 0;

  /** @param size of its batches: 1 is what a busy worker has in an instant. */
  constructor(
    private readonly random: (below: number) => number,
    private readonly size = 1,
  ) {}

  batch(): Uint8Array {
    return encode({ case: 'batch', value: this.next() });
  }

  private next(): BatchInit {
    const { random, sizes } = this;
    const sequence = ++this.sequence;
    const some = (most: number): number[] =>
      Array.from({ length: random(Math.ceil(most * this.size) + 1) }, () => 0);
    const upTo = (key: keyof typeof sizes): number => random(sizes[key] + 1);
    const from1 = (key: keyof typeof sizes): number => 1 + random(sizes[key]);
    const grow = <T>(key: keyof typeof sizes, most: number, make: () => T): T[] =>
      some(most).map(() => {
        const made = make();
        sizes[key]++;
        return made;
      });
    const strings = grow('strings', 6, () => `name ${random(1000)}`);
    const functions = grow('functions', 4, () => ({
      name: upTo('strings'),
      file: upTo('strings'),
      line: random(500),
      lastLine: 500,
    }));
    if (sizes.functions === 0)
      functions.push({ name: 0, file: 0, line: 1, lastLine: ++sizes.functions });
    const frames = grow('frames', 5, () => ({
      function: from1('functions'),
      kind: random(11),
      line: random(100),
      flags: random(32),
    }));
    if (sizes.frames === 0) frames.push({ function: 1, kind: 3, line: 1, flags: sizes.frames++ });
    const stacks = grow('stacks', 6, () => [upTo('stacks'), from1('frames')] as const);
    const labels = grow('labels', 3, () => ({
      vmState: random(9),
      quality: random(5),
      trace: random(4),
      phase: upTo('strings'),
    }));
    const requests = grow('requests', 2, () => ({ method: upTo('strings'), uri: upTo('strings') }));
    const rows = some(20);
    const counts = rows.map(() => random(9));
    this.samples += counts.reduce((sum, count) => sum + count, 0);
    return {
      sequence,
      timeUs: BigInt(sequence * 250_000),
      intervalUs: 250_000,
      strings,
      functions,
      frames,
      stackParents: stacks.map(([parent]) => parent),
      stackFrames: stacks.map(([, frame]) => frame),
      labels,
      requests,
      modules: random(8) === 0 ? [{ pid: 101, vm: 7n, names: [upTo('strings')] }] : [],
      series: sequence === 1 ? declared : [],
      stacks: [
        cpuRows({
          stacks: rows.map(() => upTo('stacks')),
          pids: rows.map(() => 101 + random(2)),
          labels: rows.map(() => upTo('labels')),
          requests: rows.map(() => upTo('requests')),
          counts,
          valuePerCount: 2004,
        }),
        this.allocations(),
      ],
      tables: random(3) === 0 ? [latencyRows(some(6).map(() => this.latency()))] : [],
      points: random(4) === 0 ? [this.vms(sequence)] : [],
      ...(random(3) === 0 && {
        health: this.health(),
        instruments: [this.instrument()],
        memory: [{ pid: 101, gcTotal: 5000n, vms: 1 }],
      }),
    };
  }

  private allocations() {
    const { random, sizes } = this;
    const rows = Array.from({ length: random(Math.ceil(4 * this.size) + 1) }, () => 0);
    return allocatedRows({
      stacks: rows.map(() => random(sizes.stacks + 1)),
      pids: rows.map(() => 101 + random(2)),
      labels: rows.map(() => random(sizes.labels + 1)),
      counts: rows.map(() => 1 + random(3)),
      values: rows.map(() => BigInt(random(100_000))),
    });
  }

  private latency() {
    const { random, sizes } = this;
    return { uri: random(sizes.strings + 1), us: random(2 ** random(30)) };
  }

  private vms(sequence: number) {
    return {
      series: VMS,
      pids: [101],
      timesUs: [BigInt(sequence * 250_000)],
      numbers: [this.random(1000), this.random(4)],
      texts: [this.random(this.sizes.strings + 1)],
      stacks: [this.random(this.sizes.stacks + 1)],
    };
  }

  private instrument() {
    return {
      instrument: 'allocations',
      on: this.random(4) > 0,
      watchedUs: BigInt(this.sequence * 1000),
      elapsedUs: BigInt(this.sequence * 100_000),
      value: BigInt(this.sequence * 4096),
      events: BigInt(this.sequence),
    };
  }

  private health(): BatchInit['health'] {
    return {
      samples: BigInt(this.samples),
      lost: BigInt(this.sequence),
      handledRequests: BigInt(this.sequence * 10),
      requestScope: wire.RequestScope.REQUESTS_OF_WORKERS,
      rateHz: 499,
      pids: [101, 102],
    };
  }
}
