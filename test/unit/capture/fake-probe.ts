/** A session without a machine behind it, for what only the order of events decides. */
import { Account } from '../../../extension/probe/account';
import type { Connection, Connector } from '../../../extension/capture/connection';
import type {
  Health,
  Hello,
  MasterProcess,
  ProbeEvents,
  ProbeSession,
  StartOptions,
  Started,
  TargetFile,
  WorkerProcess,
} from '../../../extension/probe/session';
import type { ProfileBatch } from '../../../extension/profile/frames';
import { noHealth } from '../../../extension/capture/health';
import type { ExecResult, RemoteProcess, Transport } from '../../../extension/remote/transport';
import { stackRows } from '../profile/rows';
import { emptyBatch } from '../profile/sample-profile';

export const master: MasterProcess = {
  pid: 100,
  kind: 'Kong',
  version: '3.9.1',
  nginxVersion: '1.25.3',
  executable: '/usr/sbin/nginx',
  commandLine: 'nginx: master process',
  prefix: '/usr/local/kong',
  configFile: '/usr/local/kong/nginx.conf',
  listen: ['0.0.0.0:8000'],
  container: '',
  user: 'kong',
  lua: true,
  workers: [worker(101, 5000, 40), worker(102, 6000, 60)],
};

function worker(pid: number, startTime: number, cpuPercent: number): WorkerProcess {
  return { pid, startTime, cpuPercent, rssBytes: 50_000_000, title: '', refused: false };
}

export class FakeProbe implements ProbeSession {
  readonly hello: Hello = {
    probeVersion: '0',
    architecture: 'x86_64',
    kernel: '6.1',
    sampler: 'BPF',
    missing: [],
    probePid: 1,
    cpus: 2,
  };
  restriction = '';
  readonly account = new Account();
  events: Partial<ProbeEvents> = {};
  started: StartOptions | undefined;
  closes = 0;
  failToStart: Error | undefined;
  failToWatch: Error | undefined;
  /** The instruments it was asked for, in this order. */
  readonly watched: [instrument: string, on: boolean][] = [];
  /** Runs before whoever started hears of it. */
  onStart: (() => void) | undefined;

  record(): void {}

  listen(events: Partial<ProbeEvents>): void {
    this.events = events;
  }

  async list(): Promise<MasterProcess[]> {
    return [master];
  }

  async start(options: StartOptions): Promise<Started> {
    if (this.failToStart !== undefined) throw this.failToStart;
    this.started = options;
    this.onStart?.();
    return { sampler: 'BPF', pids: [101, 102], startUnixMs: 1_700_000_000_000 };
  }

  async stop(): Promise<void> {}

  async setRate(): Promise<void> {}

  async watch(instrument: string, on: boolean): Promise<void> {
    this.watched.push([instrument, on]);
    if (this.failToWatch !== undefined) throw this.failToWatch;
  }

  async readFile(pid: number, path: string): Promise<TargetFile> {
    return { content: Buffer.from(`${pid} ${path}`), modifiedMs: 1 };
  }

  async takeHeap(): Promise<void> {
    throw new Error('not here');
  }

  async close(): Promise<void> {
    this.closes++;
  }

  send(batch: Partial<ProfileBatch>): void {
    this.events.batch?.({ ...emptyBatch, ...batch });
  }

  sendHealth(health: Partial<Health>): void {
    this.events.health?.({ ...noHealth, pids: [101, 102], ...health });
  }
}

/** One worker that samples one function `count` times. */
export function firstBatch(timeUs: number, count: number): Partial<ProfileBatch> {
  return {
    timeUs,
    functions: [{ name: 'f', file: '@/a.lua', line: 1, lastLine: 3 }],
    frames: [{ function: 1, kind: 3, line: 2, flags: 0 }],
    stackParents: Uint32Array.of(0),
    stackFrames: Uint32Array.of(1),
    ...rows(count),
  };
}

export function rows(count: number): Partial<ProfileBatch> {
  return {
    stacks: [stackRows({ stacks: [1], pids: [101], counts: [count] })],
  };
}

export function connectorTo(probe: FakeProbe): Connector {
  return async (_destination, attempt): Promise<Connection> => {
    if (attempt.signal.aborted) throw new Error('cancelled');
    return {
      transport: new FakeTransport(),
      session: probe,
      reopen: async () => probe,
      close: () => probe.close(),
    };
  };
}

class FakeTransport implements Transport {
  readonly label = 'fake';

  async spawn(): Promise<RemoteProcess> {
    throw new Error('not here');
  }

  async exec(): Promise<ExecResult> {
    return { code: 0, signal: null, stdout: Buffer.from('btime 1700000000\n'), stderr: '' };
  }

  async upload(): Promise<void> {}

  onDidClose(): void {}

  dispose(): void {}
}
