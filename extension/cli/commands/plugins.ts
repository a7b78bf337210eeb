/** Owners of the CPU time, as a table or for machines. */
import { Analysis } from '../../analysis/analysis';
import type { Report } from '../../analysis/report';
import { requestsOf, type Requests } from '../../analysis/requests';
import {
  areTold,
  isOfRequests,
  requestInstrument,
  type RowRequests,
  rowRequests,
} from '../../analysis/row-requests';
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
    'Timers and queues run in the name of nobody: their own cost is an estimate, divided among those ' +
      'who create timers by how often they are seen to. A row has it as caused, and the part of the ' +
      'gateway that runs it has as much less.',
    'By URI, route, host or method a request costs what its row does, divided by the requests of the ' +
      'row; they are counted while it samples.',
  ],
  options: {
    ...sourceOptions,
    ...rowOptions,
    json: json(
      'one JSON object on stdout when done',
      '{"seconds","samples","requests","causedSamples","owners":[{"name","kind","share",' +
        '"causedShare","samples","interval":[],"tied","requests","cpuUsPerRequest","gcShare",' +
        '"jitShare","phases":{}}]}',
      'kind is plugin, core, module, nginx, kernel or other; share is of all samples, and all shares sum ' +
        'to 1; interval holds the true share in 95 of 100 cases; tied: the samples do not tell an ' +
        'owner from the one above it; causedShare is what the owner has caused by timers in other ' +
        'rows, or, below 0, what others have caused in its own, and sums to 0; it is estimated from ' +
        'causedSamples. cpuUsPerRequest is of both, and of the requests of the row. phases sum to ' +
        'share; gcShare and jitShare (of the JIT compiler) are parts of the owner. Where requests ' +
        'cannot be counted they are null, and requestsMissing says why.',
    ),
  },
  read: (values, common): Request => ({ ...sourceOf(values, common), ...rowsOf(values) }),
  run,
});

/** Shows what was sampled, whatever ended it. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const { messages } = terminal;
  const watching = isOfRequests(request.by) ? { instruments: [requestInstrument] } : {};
  await withSamples(request, terminal, watching, async ({ sampling, host, seconds }) => {
    const analysis = new Analysis(sampling.store, request.rules);
    const report = await analysis.report(sinceStart, request.by, 'phase');
    const requests = requestsOf(sampling.health, sampling.allWorkers);
    const ofRow = rowRequests(sampling.store, sinceStart, request.by, requests);
    if (request.json) {
      printJson(forMachines(report, requests, ofRow, seconds), 2);
    } else {
      const title = `${sampling.title} on ${host}`;
      printLines(tableLines(report, requests, ofRow, request.by, title));
    }
    if (isOfRequests(request.by)) {
      const { missing } = sampling.watched.of(requestInstrument);
      if (missing !== '') messages.say(missing);
      else if (!areTold(sampling.store))
        messages.say('No request was counted by what it was for: what one costs is not known.');
    }
    for (const problem of analysis.rules.problems) messages.say(problem);
    if (report.samples === 0) messages.say(noSamplesText(sampling.health));
  });
}

export function forMachines(
  report: Report,
  requests: Requests,
  ofRow: RowRequests,
  seconds: number,
) {
  const { intervals, ties } = errorsOf(report);
  return {
    seconds,
    samples: report.samples,
    requests: 'count' in requests ? requests.count : null,
    ...('missing' in requests && { requestsMissing: requests.missing }),
    causedSamples: report.causedSamples,
    owners: report.rows.map((row, i) => {
      const own = ofRow(row.name);
      return {
        name: row.name,
        kind: row.kind,
        share: part(row.weight, report.weight),
        causedShare: part(row.caused, report.weight),
        samples: row.samples,
        interval: intervals[i]!,
        tied: ties[i]!,
        requests: own ?? null,
        cpuUsPerRequest: own === undefined ? null : (row.weight + row.caused) / own,
        gcShare: part(row.garbageCollector, row.weight),
        jitShare: part(row.jitCompiler, row.weight),
        phases: phaseShares(report, row),
      };
    }),
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
  ofRow: RowRequests,
  by: string,
  title: string,
): string[] {
  const count = 'count' in requests ? requests.count : undefined;
  const shares = tenths(report.rows.map((row) => row.weight));
  const { intervals, ties } = errorsOf(report);
  const cost = (weight: number, of: number | undefined): string =>
    of === undefined ? '-' : perRequest(weight / of);
  const cells = report.rows.map((row, i) => [
    visible(row.name, 60),
    by === 'owner' ? row.kind : '',
    `${ties[i]! ? '≈' : ''}${(shares[i]! / 10).toFixed(1)}`,
    intervalText(intervals[i]!),
    signed(row.caused, report.weight),
    cost(row.weight + row.caused, ofRow(row.name)),
    percent(row.garbageCollector, row.weight),
    percent(row.jitCompiler, row.weight),
    phasesText(report, row),
  ]);
  const sum = shares.reduce((all, share) => all + share, 0) / 10;
  const head = [
    by,
    '',
    'CPU %',
    '95 %',
    'caused',
    'us/request',
    'GC %',
    'JIT %',
    'of it by phase, %',
  ];
  const total = [
    'sum',
    '',
    sum.toFixed(1),
    '',
    '',
    cost(report.weight, count),
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

/** "+3.1" and "-3.1", of all; '' where it is nothing. */
function signed(amount: number, whole: number): string {
  const text = percent(Math.abs(amount), whole);
  return text === '0.0' ? '' : `${amount > 0 ? '+' : '-'}${text}`;
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
