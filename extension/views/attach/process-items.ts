/** The second question of Attach Tracer, as rows: the masters, each with its workers below. */
import { serverName, type ChosenTarget } from '../../capture/target';
import type { MasterProcess, WorkerProcess } from '../../probe';
import { plainLabel } from '../text';

export interface ProcessRow {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly separator: boolean;
  readonly chosen?: ChosenTarget;
}

const LONGEST = 160;

/** Busiest master first; below each, "all workers" and then its workers, the busiest first. */
export function processRows(masters: readonly MasterProcess[]): ProcessRow[] {
  const cpu = (master: MasterProcess): number =>
    master.workers.reduce((sum, worker) => sum + worker.cpuPercent, 0);
  return [...masters]
    .sort((a, b) => cpu(b) - cpu(a) || a.pid - b.pid)
    .flatMap((master) => [
      { label: `${serverName(master)} · master ${master.pid}`, separator: true },
      masterRow(master, cpu(master)),
      ...[...master.workers]
        .sort((a, b) => b.cpuPercent - a.cpuPercent || a.pid - b.pid)
        .map((worker) => workerRow(master, worker)),
    ]);
}

function masterRow(master: MasterProcess, cpuPercent: number): ProcessRow {
  const count = master.workers.length;
  const ports = master.listen.length === 0 ? '' : ` · ${master.listen.slice(0, 6).join(', ')}`;
  const facts = [
    `${cpuPercent.toFixed(1)} % CPU`,
    master.container === '' ? '' : `container ${master.container}`,
    master.configFile,
    master.user === '' ? '' : `runs as ${master.user}`,
    master.lua ? '' : 'no Lua',
  ];
  const workers = count === 1 ? 'its only worker' : `all ${count} workers`;
  return {
    label: plainLabel(`${serverName(master)}`, LONGEST),
    description: plainLabel(`pid ${master.pid} · ${workers}${ports}`, LONGEST),
    detail: plainLabel(facts.filter((fact) => fact !== '').join(' · '), LONGEST),
    separator: false,
    chosen: { master },
  };
}

function workerRow(master: MasterProcess, worker: WorkerProcess): ProcessRow {
  const memory = `${Math.round(worker.rssBytes / 1_048_576)} MB`;
  // The title says more than "worker process" when it is on its way out.
  const leaving = /shutting down/.test(worker.title) ? ' · shutting down' : '';
  return {
    label: `worker ${worker.pid}`,
    description: `${worker.cpuPercent.toFixed(1)} % CPU · ${memory}${leaving}`,
    separator: false,
    chosen: { master, worker },
  };
}
