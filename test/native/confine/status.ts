/** The rights of each thread of the probe, as the kernel says. */
import { readdirSync, readFileSync } from 'node:fs';
import { childrenOf } from '../nginx';

export const CAP = {
  dacReadSearch: 2,
  setgid: 6,
  setuid: 7,
  ipcLock: 14,
  sysPtrace: 19,
  sysNice: 23,
  perfmon: 38,
  bpf: 39,
  checkpointRestore: 40,
} as const;

/** A set as /proc shows it. */
export function capabilities(...numbers: number[]): string {
  const set = numbers.reduce((all, number) => all | (1n << BigInt(number)), 0n);
  return set.toString(16).padStart(16, '0');
}

export interface ThreadStatus {
  readonly pid: number;
  readonly uid: number;
  readonly oomScoreAdj: number;
  readonly CapInh: string;
  readonly CapPrm: string;
  readonly CapEff: string;
  readonly CapBnd: string;
  readonly CapAmb: string;
  readonly NoNewPrivs: string;
  readonly Seccomp: string;
  /** How many filters there are. */
  readonly filters: string;
}

function statusOf(pid: number, tid: string): ThreadStatus {
  const text = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
  const value = (name: string): string =>
    new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(text)?.[1] ?? '';
  return {
    pid,
    uid: Number(value('Uid')),
    oomScoreAdj: Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')),
    CapInh: value('CapInh'),
    CapPrm: value('CapPrm'),
    CapEff: value('CapEff'),
    CapBnd: value('CapBnd'),
    CapAmb: value('CapAmb'),
    NoNewPrivs: value('NoNewPrivs'),
    Seccomp: value('Seccomp'),
    filters: value('Seccomp_filters'),
  };
}

/** Of every thread of one process. */
export function threadsOf(pid: number): ThreadStatus[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => statusOf(pid, tid));
}

/** A process and all below it, itself first. */
export function withDescendants(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(withDescendants)];
}

export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
