/** The second question of Attach Tracer, as rows: the masters, each with its workers below. */
import { visible } from '../../common/outside';
import { plain, plainText, type Plain } from '../../common/plain';
import { countProcesses, serverName, type ChosenTarget } from '../../capture/target';
import {
  masterName,
  roleOf,
  serversOf,
  stageOf,
  type MasterProcess,
  type WorkerProcess,
} from '../../probe/processes';

export interface ProcessRow {
  readonly label: Plain;
  readonly description?: Plain;
  readonly detail?: Plain;
  readonly separator: boolean;
  readonly chosen?: ChosenTarget;
}

const LONGEST = 160;
const MOST_PORTS = 3;

/** Busiest master first; below each, "all workers" and then its workers, the busiest first. */
export function processRows(masters: readonly MasterProcess[]): ProcessRow[] {
  const cpu = (master: MasterProcess): number =>
    master.workers.reduce((sum, worker) => sum + worker.cpuPercent, 0);
  return [...masters]
    .sort((a, b) => cpu(b) - cpu(a) || a.pid - b.pid)
    .flatMap((master) => [
      { label: plain`${serverName(master)} · ${masterName(master)}`, separator: true },
      masterRow(master, cpu(master)),
      ...[...master.workers]
        .sort((a, b) => b.cpuPercent - a.cpuPercent || a.pid - b.pid)
        .map((worker) => workerRow(master, worker)),
    ]);
}

function masterRow(master: MasterProcess, cpuPercent: number): ProcessRow {
  const count = master.workers.length;
  const facts = [
    count === 0 ? 'no worker now' : `${whose(master)}: ${cpuPercent.toFixed(1)} % CPU`,
    master.container === '' ? '' : `container ${master.container}`,
    master.configFile,
    master.user === '' ? '' : `runs as ${master.user}`,
    master.lua ? '' : 'no Lua',
  ];
  const ports = shortPorts(master.listen);
  return {
    label: plainText(serverName(master), LONGEST),
    description: plainText(`pid ${master.pid}${ports === '' ? '' : ` · ${ports}`}`, LONGEST),
    detail: plainText(facts.filter((fact) => fact !== '').join(' · '), LONGEST),
    separator: false,
    chosen: { master },
  };
}

function whose(master: MasterProcess): string {
  if (master.workers.length > 1) return `all ${countProcesses(master)}`;
  return serversOf(master).length === 1 ? 'its only worker' : 'its only process';
}

/** ":8000 :8443 +2": what tells one server from another, short enough to be read at a glance. */
function shortPorts(listen: readonly string[]): string {
  const short = listen
    .filter((address) => !address.startsWith('unix:'))
    .map((address) => address.replace(/^(0\.0\.0\.0|\[::\]|\*):/, ':'));
  const all = [...new Set(short)];
  const more = all.length > MOST_PORTS ? ` +${all.length - MOST_PORTS}` : '';
  return all.slice(0, MOST_PORTS).join(' ') + more;
}

function workerRow(master: MasterProcess, worker: WorkerProcess): ProcessRow {
  const memory = `${Math.round(worker.rssBytes / 1_048_576)} MB`;
  const role = roleOf(worker, master);
  const facts = [
    `${worker.cpuPercent.toFixed(1)} % CPU`,
    memory,
    role === 'process' ? visible(worker.title, 60) : '',
    stageOf(worker, master),
    worker.refused ? 'may not be traced by this user' : '',
  ];
  return {
    label: plainText(`${role} ${worker.pid}`, LONGEST),
    description: plainText(facts.filter((fact) => fact !== '').join(' · '), LONGEST),
    separator: false,
    chosen: { master, worker },
  };
}
