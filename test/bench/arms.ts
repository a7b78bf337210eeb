/** Loads that a worker can be made to bear while its cost is measured. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { withDescendants } from '../native/confine/status';
import { WireSession } from '../native/wire-session';
import { buildTimer, startTool, type Tool } from './tools';

export interface Arm {
  readonly name: string;
  /** The arm that it is compared with; undefined: none. */
  readonly control?: string;
  /** Most that the upper end of the interval may be, in percent over the control. */
  readonly bar?: number;
  /** Resolves once it samples, or soon will; undefined: it has no process. */
  readonly start: (pid: number) => Promise<Tool | undefined>;
}

/** Time on a CPU, of the main threads of it and of all below it: what the scheduler counts. */
export async function cpuSeconds(pid: number): Promise<number> {
  const seconds = withDescendants(pid).map(async (each) => {
    const [ran] = (await readFile(`/proc/${each}/schedstat`, 'utf8')).split(' ');
    return Number(ran) / 1e9;
  });
  return (await Promise.all(seconds)).reduce((all, each) => all + each, 0);
}

async function startProbe(pid: number, rateHz: number): Promise<Tool> {
  const session = new WireSession();
  await session.next('hello');
  const target = { case: 'pid', value: pid } as const;
  session.send({ case: 'start', value: { target, rateHz } });
  await session.next('batch', ({ stacks }) => stacks.length > 0);
  return { pid: session.pid, stop: () => session.end().then(() => undefined) };
}

const has = (command: string) => spawnSync(command, ['--version']).status === 0;

/** `-D -1`: it waits to be switched on. */
const perfArgs = (pid: number, hz: number) => [
  ...[
    'record',
    '-D',
    '-1',
    '-g',
    '-e',
    'cpu-clock',
    '-F',
    `${hz}`,
    '-p',
    `${pid}`,
    '-o',
    '/dev/null',
  ],
];
const bpftraceProgram = (pid: number, hz: number) =>
  `BEGIN { printf("ready\\n"); } profile:hz:${hz} /pid == ${pid}/ { @[ustack, kstack] = count(); }`;

const nothing: Arm = {
  name: 'nothing',
  start: () => Promise.resolve(undefined),
};

/**
 * The arms that this machine can run, at each of the rates. `bars`: most over the timer, in
 * percent.
 */
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
      // It says nothing when it has begun; its events show it.
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
