/** The servers of a machine, and which of their processes a trace is of. */

export type ServerKind = 'nginx' | 'OpenResty' | 'Kong' | 'APISIX';

export interface WorkerProcess {
  readonly pid: number;
  readonly startTime: number;
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly title: string;
  /** The kernel does not let this probe trace it. */
  readonly refused: boolean;
}

/** The work that a process does for its master, as far as its title tells. */
export type WorkerRole =
  'worker' | 'privileged agent' | 'cache manager' | 'cache loader' | 'process';

const ROLES: readonly [string, WorkerRole][] = [
  ['nginx: worker process', 'worker'],
  // Until its init_worker phase is over a worker bears the title of its master.
  ['nginx: master process', 'worker'],
  ['nginx: privileged agent process', 'privileged agent'],
  ['nginx: cache manager process', 'cache manager'],
  ['nginx: cache loader process', 'cache loader'],
];

/** 'process': an application gave it a title of its own. A server without master is a worker. */
export function roleOf(worker: WorkerProcess, master: MasterProcess): WorkerRole {
  const known = ROLES.find(([title]) => worker.title.startsWith(title))?.[1];
  return known ?? (worker.pid === master.pid || worker.title === '' ? 'worker' : 'process');
}

/** "master 12", or "process 12" where it serves by itself. */
export function masterName(master: MasterProcess): string {
  if (!master.workers.some(({ pid }) => pid === master.pid)) return `master ${master.pid}`;
  const orphan = master.commandLine.startsWith('nginx: ') ? ', whose master is gone or hidden' : '';
  return `process ${master.pid}${orphan}`;
}

/** Whether it comes or goes; '': it serves. */
export function stageOf(worker: WorkerProcess, master: MasterProcess): string {
  if (worker.title.startsWith('nginx: master process') && worker.pid !== master.pid)
    return 'starting, in its init_worker phase';
  return worker.title.startsWith('nginx: ') && worker.title.includes('shutting down')
    ? 'shutting down'
    : '';
}

/** Returns the workers that serve requests. */
export function serversOf(master: MasterProcess): readonly WorkerProcess[] {
  return master.workers.filter((worker) => roleOf(worker, master) === 'worker');
}

export interface MasterProcess {
  readonly pid: number;
  readonly kind: ServerKind;
  readonly version: string;
  readonly nginxVersion: string;
  readonly executable: string;
  readonly commandLine: string;
  readonly prefix: string;
  readonly configFile: string;
  readonly listen: readonly string[];
  readonly container: string;
  readonly user: string;
  readonly lua: boolean;
  readonly workers: readonly WorkerProcess[];
}

export type Target = { readonly pid: number } | { readonly master: number };

export interface StartOptions {
  readonly target: Target;
  readonly rateHz: number;
  /** Most CPU the trace may cost, in percent of a worker; 0: no limit. */
  readonly budgetPercent: number;
  /** Samples carry method, host and URI of their requests. False: none of it leaves the host. */
  readonly requestLabels: boolean;
}
