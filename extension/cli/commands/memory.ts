/** The memory of workers as it is now, as tables or for machines. */
import { visible } from '../../common/outside';
import type { SharedZones, WorkerMemory, Zone } from '../../profile/memory';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import {
  fromOption,
  secondsOption,
  targetOf,
  targetOptions,
  type Source,
} from '../command-line/target-options';
import { printJson, printLines } from '../output';
import { withSamples } from '../samples';

/** The figures come with the health of a trace; this is the least that a trace can be. */
const trace = { rateHz: 1, budgetPercent: 1, requestLabels: false, sampler: undefined } as const;

export const memory = defineCommand({
  name: 'memory',
  summary: "the parts of a worker's memory, and the contents of its shared dictionaries",
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [--json]'],
  about: [
    "Shows the memory of workers as it is now, without stopping them: what Lua's collector counts, " +
      "what LuaJIT's allocator holds, the resident memory by kind, and the zones of memory that " +
      'workers share, with what each lua_shared_dict holds.',
  ],
  options: {
    ...targetOptions,
    seconds: secondsOption(1, 'the figures are those of the end'),
    ...fromOption,
    json: json(
      'one JSON object on stdout when done',
      '{"workers":[{"pid","rssBytes","rssAnon","rssFile","rssShared","swapped","vms","gcTotal",' +
        '"gcThreshold","gcEstimate","gcDebt","gcPhase","gcLow","gcHigh","gcCycles","luaSegments",' +
        '"luaAllocators","cHeap","sharedMapped"}],"zones":[{"name","module","sizeBytes",' +
        '"residentBytes","pageBytes","pages","freePages","freeInPages","blocks","refused",' +
        '"entries","expired","estimated"}],"zonesLeftOut","zonesMissing"}',
      'Bytes, but for counts. gcLow, gcHigh: the least and the most that gcTotal was seen to be in ' +
        'the last second; gcCycles: cycles of the collector that were seen to end. A figure of a ' +
        'zone that is not known is null. blocks and refused are of less than half a page; refused: ' +
        'asked for in vain since the zone was made. estimated: entries and expired are estimated ' +
        'from a part of the pages.',
    ),
  },
  read: (values, common): Source =>
    values.from === undefined
      ? { ...common, ...trace, target: targetOf(values), seconds: values.seconds }
      : { ...common, from: values.from },
  run,
});

async function run(request: Source, terminal: Terminal): Promise<void> {
  await withSamples(request, terminal, {}, async ({ sampling, host }) => {
    const workers = sampling.health?.memory ?? [];
    const { zones } = sampling;
    if (request.json) printJson(forMachines(workers, zones), 2);
    else {
      const head = visible(`${sampling.title} on ${host}`, 200);
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
  const head = [
    'zone, MiB',
    'module',
    'size',
    'free',
    'used',
    'entries',
    'expired',
    'failed writes',
  ];
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
