/** The target of a capture: one worker, or a master with all its workers. */
import {
  roleOf,
  serversOf,
  type MasterProcess,
  type Target,
  type WorkerProcess,
} from '../probe/processes';
import { ProbeError } from '../probe/session';

export interface ChosenTarget {
  readonly master: MasterProcess;
  /** undefined: all workers, and those that a reload brings. */
  readonly worker?: WorkerProcess;
}

export function requestOf(chosen: ChosenTarget): Target {
  return chosen.worker === undefined ? { master: chosen.master.pid } : { pid: chosen.worker.pid };
}

/** "Kong 3.9.1", "nginx" where the version cannot be told. */
export function serverName(master: MasterProcess): string {
  return master.version === '' ? master.kind : `${master.kind} ${master.version}`;
}

/** "nginx 1.22.1, worker 1234", "Kong 3.9.1, 4 workers", "nginx, 2 workers and 1 other process" */
export function describeTarget(chosen: ChosenTarget): string {
  const { master, worker } = chosen;
  if (worker !== undefined) return `${serverName(master)}, ${roleOf(worker, master)} ${worker.pid}`;
  return `${serverName(master)}, ${countProcesses(master)}`;
}

export function countProcesses(master: MasterProcess): string {
  const workers = serversOf(master).length;
  const others = master.workers.length - workers;
  const more = others === 1 ? ' and 1 other process' : others > 0 ? ` and ${others} others` : '';
  return `${workers} worker${workers === 1 ? '' : 's'}${more}`;
}

/** By the pid of a master, of a worker, or, with neither, the only master there is. */
export function findTarget(
  masters: readonly MasterProcess[],
  wanted: { readonly pid?: number; readonly master?: number },
): ChosenTarget | undefined {
  if (wanted.pid !== undefined) {
    for (const master of masters) {
      const worker = master.workers.find((each) => each.pid === wanted.pid);
      if (worker !== undefined) return { master, worker };
    }
    return undefined;
  }
  if (wanted.master !== undefined) {
    const master = masters.find((each) => each.pid === wanted.master);
    return master && { master };
  }
  return undefined;
}

/** Whether it is still there: a pid may have gone to another process. */
export function isSameTarget(chosen: ChosenTarget, now: ChosenTarget | undefined): boolean {
  if (now === undefined || now.master.executable !== chosen.master.executable) return false;
  return now.worker?.startTime === chosen.worker?.startTime;
}

export function notThere(chosen: ChosenTarget): ProbeError {
  const text = `${describeTarget(chosen)} is not there any more: it has ended or been replaced.`;
  return new ProbeError('no-such-process', text);
}

/** Whether no worker of the master is left out; true before one is chosen. */
export function tracesAll(target: ChosenTarget | undefined): boolean {
  if (target?.worker === undefined) return true;
  const { master, worker } = target;
  return serversOf(master).every(({ pid }) => pid === worker.pid);
}
