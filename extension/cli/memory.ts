/** The memory of workers as it is now, as tables or for machines. */
import type { SharedZones, WorkerMemory, Zone } from '../profile/memory';
import { visible } from '../common/outside';
import type { MemoryCommand } from './arguments';
import { alignColumns } from './columns';
import type { Interrupt } from './interrupt';
import { printJson, printLines } from './output';
import { withSamples } from './samples';
import type { Messages } from './terminal';

/** The figures come with the health of a trace; this is the least that a trace can be. */
const trace = { rateHz: 1, budgetPercent: 1, requestLabels: false, sampler: undefined } as const;

export async function memory(command: MemoryCommand, messages: Messages, interrupt: Interrupt) {
  const source = 'from' in command ? command : { ...trace, ...command };
  await withSamples(source, messages, interrupt, async ({ sampling, host }) => {
    const workers = sampling.health?.memory ?? [];
    const { zones } = sampling;
    const title = `${sampling.title} on ${host}`;
    if (command.json) printJson(forMachines(workers, zones), 2);
    else {
      const head = visible(title, 200);
      printLines([head, '', ...workerLines(workers), '', ...zoneLines(zones)]);
    }
  });
}

function forMachines(workers: readonly WorkerMemory[], zones: SharedZones | undefined) {
  return {
    workers,
    zones: (zones?.zones ?? []).map(({ pool, dict, ...zone }) => ({
      ...zone,
      pageBytes: pool?.pageBytes ?? null,
      pages: pool?.pages ?? null,
      freePages: pool?.freePages ?? null,
      freeInPages: pool?.freeInPages ?? null,
      blocks: pool?.blocks ?? null,
      refused: pool?.refused ?? null,
      entries: dict?.entries ?? null,
      expired: dict?.expired ?? null,
      estimated: dict?.estimated ?? null,
    })),
    zonesLeftOut: zones?.leftOut ?? 0,
    zonesMissing: zones ? zones.missing : 'The probe ended before it told of any.',
  };
}

function workerLines(workers: readonly WorkerMemory[]): string[] {
  const head = ['worker, MiB', 'collector', 'Lua', 'next', 'segments', 'C heap'];
  return alignColumns([
    [...head, 'RSS', 'private', 'files', 'shared', 'swapped', ''],
    ...workers.map((worker) => [
      String(worker.pid),
      worker.vms === 0 ? '-' : worker.gcPhase,
      worker.vms === 0 ? '-' : mebibytes(worker.gcTotal),
      worker.gcThreshold === 0 ? '-' : mebibytes(worker.gcThreshold),
      worker.luaAllocators === 0 ? '-' : mebibytes(worker.luaSegments),
      mebibytes(worker.cHeap),
      mebibytes(worker.rssBytes),
      ...[worker.rssAnon, worker.rssFile, worker.rssShared, worker.swapped].map(mebibytes),
      '',
    ]),
  ]);
}

function zoneLines(zones: SharedZones | undefined): string[] {
  if (zones === undefined || zones.missing !== '') return [zones?.missing ?? 'No zone was read.'];
  if (zones.zones.length === 0) return ['No memory zones are configured.'];
  const head = ['zone, MiB', 'module', 'size', 'free', 'exists', 'entries', 'expired', 'refused'];
  const lines = alignColumns([[...head, ''], ...zones.zones.map(zoneCells)]);
  if (zones.leftOut > 0) lines.push(`${zones.leftOut} more zones are not shown.`);
  return lines;
}

function zoneCells({ name, module, sizeBytes, residentBytes, pool, dict }: Zone): string[] {
  const about = dict?.estimated ? '~' : '';
  return [
    visible(name, 60),
    visible(module, 40),
    mebibytes(sizeBytes),
    pool ? mebibytes(pool.freePages * pool.pageBytes) : '-',
    residentBytes > 0 ? mebibytes(residentBytes) : '-',
    dict ? about + String(dict.entries) : '-',
    dict ? about + String(dict.expired) : '-',
    pool ? String(pool.refused) : '-',
    '',
  ];
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 2 : 1);
}
