/** Owners of the CPU time, as a table or for machines. */
import { Analysis } from '../../analysis/analysis';
import type { Report } from '../../analysis/report';
import { requestsOf, type Requests } from '../../analysis/requests';
import { visible } from '../../common/outside';
import { effectiveSamples, intervalText, tiesAbove, wilson } from '../../profile/interval';
import { tenths } from '../../profile/shares';
import { sinceStart } from '../../profile/store';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { rowOptions, rowsOf, type Rows } from '../command-line/grouping-options';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { noSamplesText } from '../no-samples';
import { printJson, printLines } from '../output';
import { part, phaseShares, phasesText } from '../report-text';
import { withSamples } from '../samples';

type Request = Source & Rows;

export const plugins = defineCommand({
  name: 'plugins',
  summary: "the CPU cost of each plugin of Kong or APISIX, and of the gateway's own parts",
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [options]'],
  about: [
    'Samples for some seconds and divides the CPU time by owner. Each sample has one owner: the ' +
      'plugin whose frame is next to the root of its coroutine, else the part of the gateway, else ' +
      "the application's module (without a gateway the innermost one), else nginx, else the kernel. Time of the garbage collector and of " +
      'the JIT compiler is charged to the owner that ran.',
  ],
  options: {
    ...sourceOptions,
    ...rowOptions,
    json: json(
      'one JSON object on stdout when done',
      '{"seconds","samples","requests","owners":[{"name","kind","share","samples","interval":[],' +
        '"tied","cpuUsPerRequest","gcShare","jitShare","phases":{}}]}',
      'kind is plugin, core, module, nginx, kernel or other; share is of all samples, and all shares sum ' +
        'to 1; interval holds the true share in 95 of 100 cases; tied: the samples do not tell an ' +
        'owner from the one above it; phases sum to share; gcShare and jitShare (of the JIT compiler) are parts of the ' +
        'owner. Where requests cannot be counted they are null, and requestsMissing says why.',
    ),
  },
  read: (values, common): Request => ({ ...sourceOf(values, common), ...rowsOf(values) }),
  run,
});

/** Shows what was sampled, whatever ended it. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const { messages } = terminal;
  await withSamples(request, terminal, {}, async ({ sampling, host, seconds }) => {
    const analysis = new Analysis(sampling.store, request.rules);
    const report = await analysis.report(sinceStart, request.by, 'phase');
    const requests = requestsOf(sampling.health, sampling.allWorkers);
    if (request.json) {
      printJson(forMachines(report, requests, seconds), 2);
    } else {
      const title = `${sampling.title} on ${host}`;
      printLines(tableLines(report, requests, request.by, title));
    }
    for (const problem of analysis.rules.problems) messages.say(problem);
    if (report.samples === 0) messages.say(noSamplesText(sampling.health));
  });
}

export function forMachines(report: Report, requests: Requests, seconds: number) {
  const count = 'count' in requests ? requests.count : null;
  const { intervals, ties } = errorsOf(report);
  return {
    seconds,
    samples: report.samples,
    requests: count,
    ...('missing' in requests && { requestsMissing: requests.missing }),
    owners: report.rows.map((row, i) => ({
      name: row.name,
      kind: row.kind,
      share: part(row.weight, report.weight),
      samples: row.samples,
      interval: intervals[i]!,
      tied: ties[i]!,
      cpuUsPerRequest: count === null ? null : row.weight / count,
      gcShare: part(row.garbageCollector, row.weight),
      jitShare: part(row.jitCompiler, row.weight),
      phases: phaseShares(report, row),
    })),
  };
}

/** By row; the report has the largest first. */
function errorsOf({ rows, weight }: Report) {
  const sure = effectiveSamples(
    rows.map((row) => row.weight),
    rows.map(({ samples }) => samples),
  );
  const shares = rows.map((row) => part(row.weight, weight));
  return { intervals: shares.map((share) => wilson(share, sure)), ties: tiesAbove(shares, sure) };
}

export function tableLines(
  report: Report,
  requests: Requests,
  by: string,
  title: string,
): string[] {
  const count = 'count' in requests ? requests.count : undefined;
  const shares = tenths(report.rows.map((row) => row.weight));
  const { intervals, ties } = errorsOf(report);
  const cells = report.rows.map((row, i) => [
    visible(row.name, 60),
    by === 'owner' ? row.kind : '',
    `${ties[i]! ? '≈' : ''}${(shares[i]! / 10).toFixed(1)}`,
    intervalText(intervals[i]!),
    count === undefined ? '-' : perRequest(row.weight / count),
    percent(row.garbageCollector, row.weight),
    percent(row.jitCompiler, row.weight),
    phasesText(report, row),
  ]);
  const sum = shares.reduce((all, share) => all + share, 0) / 10;
  const head = [by, '', 'CPU %', '95 %', 'us/request', 'GC %', 'JIT %', 'of it by phase, %'];
  const total = [
    'sum',
    '',
    sum.toFixed(1),
    '',
    count === undefined ? '-' : perRequest(report.weight / count),
    percent(sumOf(report, 'garbageCollector'), report.weight),
    percent(sumOf(report, 'jitCompiler'), report.weight),
    '',
  ];
  const counted =
    count === undefined
      ? `requests not counted: ${'missing' in requests ? requests.missing : ''}`
      : `${count} requests`;
  return [
    `${visible(title, 200)}: ${report.samples} samples, ${visible(counted, 500)}`,
    ...alignColumns([head, ...cells, total]),
  ];
}

function sumOf(report: Report, key: 'garbageCollector' | 'jitCompiler'): number {
  return report.rows.reduce((sum, row) => sum + row[key], 0);
}

function percent(part: number, whole: number): string {
  return whole > 0 ? ((100 * part) / whole).toFixed(1) : '0.0';
}

function perRequest(microseconds: number): string {
  return microseconds >= 100 ? microseconds.toFixed(0) : microseconds.toFixed(1);
}
