/** What a worker can be made to bear while its cost is measured. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { WireSession } from '../native/wire-session';

export interface Running {
  /** CPU seconds of the tool's own process so far. */
  readonly cpu: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface Arm {
  readonly name: string;
  /** The arm that it is compared with; undefined: none. */
  readonly control?: string;
  /** Most that the upper end of the interval may be, in percent over the control. */
  readonly bar?: number;
  /** Resolves once it samples. */
  readonly start: (pid: number) => Promise<Running>;
}

/** Time on a CPU in nanoseconds, of all threads' or the main thread's: what the scheduler counts. */
export async function cpuSeconds(pid: number): Promise<number> {
  const [ran] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ');
  return Number(ran) / 1e9;
}

function buildTimer(): string {
  const build = join(repositoryRoot, 'native/probe/build/test/bench');
  mkdirSync(build, { recursive: true });
  const timer = join(build, 'timer');
  const source = join(repositoryRoot, 'test/bench/timer/timer.c');
  execFileSync('gcc', ['-O2', '-Wall', '-o', timer, source, '-lbpf', '-lelf', '-lz']);
  return timer;
}

/** A program that says when it is ready, and ends by itself when its input does or by a signal. */
async function startTool(
  command: string,
  args: readonly string[],
  ready: RegExp,
): Promise<Running> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  const hear = (chunk: Buffer) => (said += chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.stdin.on('error', () => undefined);
  await waitFor(`${command} to be ready`, () => ready.test(said), { describe: () => said });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command} did not start.`);
  return {
    cpu: () => cpuSeconds(pid),
    stop: async () => {
      child.stdin.end();
      child.kill('SIGINT');
      await exited;
    },
  };
}

async function startProbe(pid: number, rateHz: number): Promise<Running> {
  const session = new WireSession();
  await session.next('hello');
  const target = { case: 'pid', value: pid } as const;
  session.send({ case: 'start', value: { target, rateHz } });
  await session.next('batch', ({ rowCounts }) => rowCounts.length > 0);
  return { cpu: () => cpuSeconds(session.pid), stop: () => session.end().then(() => undefined) };
}

const has = (command: string) => spawnSync(command, ['--version']).status === 0;

const perfArgs = (pid: number, hz: number) => [
  ...['record', '-g', '-e', 'cpu-clock', '-F', `${hz}`, '-p', `${pid}`, '-o', '/dev/null'],
];
const bpftraceProgram = (pid: number, hz: number) =>
  `BEGIN { printf("ready\\n"); } profile:hz:${hz} /pid == ${pid}/ { @[ustack, kstack] = count(); }`;

const nothing: Arm = {
  name: 'nothing',
  start: () => Promise.resolve({ cpu: () => Promise.resolve(0), stop: () => Promise.resolve() }),
};

/** Those that this machine can run, at each of the rates. `bars`: most over the timer, in percent. */
export function allArms(bars: ReadonlyMap<number, number | undefined>): Arm[] {
  const timer = buildTimer();
  const [perf, bpftrace] = [has('perf'), has('bpftrace')];
  const arms = [...bars].flatMap(([hz, bar]): Arm[] => {
    const control = `timer ${hz}`;
    const other = (name: string, start: Arm['start']): Arm => ({ name, control, start });
    const ready = /ready/;
    return [
      {
        name: control,
        control: nothing.name,
        start: (pid) => startTool(timer, [`${pid}`, `${hz}`], ready),
      },
      {
        name: `acupoint ${hz}`,
        control,
        ...(bar === undefined ? {} : { bar }),
        start: (pid) => startProbe(pid, hz),
      },
      // It says nothing when it has begun; with --control it would, but not in every version.
      ...(perf ? [other(`perf ${hz}`, (pid) => startTool('perf', perfArgs(pid, hz), /^/))] : []),
      ...(bpftrace
        ? [
            other(`bpftrace ${hz}`, (pid) =>
              startTool('bpftrace', ['-e', bpftraceProgram(pid, hz)], ready),
            ),
          ]
        : []),
    ];
  });
  return [nothing, ...arms];
}
