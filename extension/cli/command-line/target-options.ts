/** Options that choose a process or a recording, and how long and how dearly it is watched. */
import type { SamplerName } from '../../probe';
import type { StartOptions, Target } from '../../probe/session';
import { UsageError } from '../exit';
import type { Common } from './command';
import { choice, decimal, flag, integer, text, type Values } from './option';

const pids = { range: [1, 4_194_304], plain: true, default: undefined } as const;

export const targetOptions = {
  pid: integer({ flag: 'pid', value: 'P', ...pids, live: true, help: 'one worker' }),
  master: integer({
    flag: 'master',
    value: 'P',
    ...pids,
    live: true,
    help: 'all processes of a master, and those that a reload brings',
  }),
} as const;

/** @param absent seconds, where nothing is typed. */
export function secondsOption<D extends number>(absent: D, more?: string) {
  const range = [0.1, 86_400] as const;
  return decimal({
    flag: 'seconds',
    value: 'S',
    range,
    default: absent,
    live: true,
    help: 'how long',
    ...(more !== undefined && { more }),
  });
}

/** How a process is sampled. */
export const samplingOptions = {
  rate: integer({
    flag: 'rate',
    value: 'HZ',
    range: [1, 4999],
    default: 99,
    live: true,
    help: 'samples a second of CPU time and thread',
  }),
  noRequestLabels: flag({
    flag: 'no-request-labels',
    live: true,
    help: 'read no method, host or URI of requests',
  }),
  budget: decimal({
    flag: 'budget',
    value: 'P',
    range: [0, 50],
    default: 1,
    live: true,
    help: 'most that the trace may cost, in percent of a core for each worker',
    more: 'it samples less where it would cost more; 0 is no limit',
  }),
  sampler: choice({
    flag: 'sampler',
    value: 'S',
    of: ['bpf', 'perf', 'ptrace'],
    default: undefined,
    noun: 'a sampler',
    live: true,
    otherwise: 'the best that works',
    help: 'the way to sample',
  }),
} as const;

export const fromOption = {
  from: text({ flag: 'from', value: 'FILE', help: 'read a recording, in place of a process' }),
} as const;

/** A process for some time, or a recording. */
export const sourceOptions = {
  ...targetOptions,
  seconds: secondsOption(10),
  ...samplingOptions,
  ...fromOption,
} as const;

/** How a process is to be traced. */
export interface TraceRequest extends Common, StartOptions {
  /** undefined: the best that works. */
  readonly sampler: SamplerName | undefined;
}

export interface FromTarget extends TraceRequest {
  readonly seconds: number;
}

export interface FromRecording extends Common {
  /** The file. */
  readonly from: string;
}

export type Source = FromTarget | FromRecording;

/** @throws UsageError unless one of both is given. */
export function targetOf({ pid, master }: Values<typeof targetOptions>): Target {
  if (pid !== undefined && master === undefined) return { pid };
  if (pid === undefined && master !== undefined) return { master };
  throw new UsageError(
    'Say which: --pid for one worker, or --master for all of a master; `acupoint list` shows them.',
  );
}

export function traceRequest(
  values: Values<typeof targetOptions & typeof samplingOptions>,
  common: Common,
): TraceRequest {
  return {
    ...common,
    target: targetOf(values),
    rateHz: values.rate,
    requestLabels: !values.noRequestLabels,
    budgetPercent: values.budget,
    sampler: values.sampler,
  };
}

export function sourceOf(values: Values<typeof sourceOptions>, common: Common): Source {
  if (values.from !== undefined) return { ...common, from: values.from };
  return { ...traceRequest(values, common), seconds: values.seconds };
}
