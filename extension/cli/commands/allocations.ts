/** Owners of the Lua memory that is allocated, as a table or for machines. */
import { Analysis } from '../../analysis/analysis';
import type { Report } from '../../analysis/report';
import type { WatchFigures } from '../../capture/watch-log';
import { visible } from '../../common/outside';
import { bytesText } from '../../profile/bytes';
import { stackSeries } from '../../profile/series';
import { tenths } from '../../profile/shares';
import { sinceStart } from '../../profile/store';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { rowOptions, rowsOf, type Rows } from '../command-line/grouping-options';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { figuresOf, seenText, tellMissingRows } from '../instrument-text';
import { printJson, printLines } from '../output';
import { part, phaseShares, phasesText } from '../report-text';
import { withSamples } from '../samples';

const series = stackSeries.allocated;
const query = { ...sinceStart, measure: series.name };

type Request = Source & Rows;

export const allocations = defineCommand({
  name: 'allocations',
  summary: 'the Lua memory that each of them allocates',
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [options]'],
  about: [
    "Divides allocated Lua memory by owner: watches the allocator of the workers' Lua VMs in short " +
      'bursts, a few milliseconds each, within the budget. Shares are of the bytes that were seen; ' +
      'bytes for a request and for a second are estimated from the bursts. Owners are those of ' +
      '`acupoint plugins`.',
  ],
  options: {
    ...sourceOptions,
    ...rowOptions,
    json: json(
      'one JSON object on stdout when done',
      '{"seconds","samples","bytes","lostBytes","watchedSeconds","elapsedSeconds","requests",' +
        '"bytesPerRequest","bytesPerSecond","owners":[{"name","kind","share","bytes",' +
        '"bytesPerRequest","bytesPerSecond","phases":{}}]}',
      'share is of all bytes, and all shares sum to 1; bytes are those that were seen in bursts, ' +
        'requests those that came in during bursts; where these cannot be counted they are null, ' +
        'and requestsMissing says why. watchedSeconds and elapsedSeconds are summed over workers.',
    ),
  },
  read: (values, common): Request => ({ ...sourceOf(values, common), ...rowsOf(values) }),
  run,
});

/** Shows what was seen, whatever ended it. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const { messages } = terminal;
  const watching = { instruments: [series.instrument] };
  await withSamples(request, terminal, watching, async ({ sampling, host, seconds }) => {
    const analysis = new Analysis(sampling.store, request.rules);
    const report = await analysis.report(query, request.by, 'phase');
    const figures = figuresOf(sampling, series.instrument);
    if (request.json) {
      printJson(forMachines(report, figures, seconds), 2);
    } else {
      const title = `${sampling.title} on ${host}`;
      printLines(tableLines(report, figures, request.by, title));
    }
    for (const problem of analysis.rules.problems) messages.say(problem);
    tellMissingRows(sampling, series, messages);
  });
}

function forMachines(report: Report, figures: WatchFigures, seconds: number) {
  const { perRequest: bytesPerRequest, perSecond: bytesPerSecond, requestsMissing } = figures;
  const of = (share: number, all: number | null) => (all === null ? null : share * all);
  return {
    seconds,
    samples: report.samples,
    bytes: report.weight,
    lostBytes: figures.lostValue,
    watchedSeconds: figures.watchedUs / 1e6,
    elapsedSeconds: figures.elapsedUs / 1e6,
    requests: bytesPerRequest === null ? null : figures.requests,
    ...(requestsMissing !== '' && { requestsMissing }),
    bytesPerRequest,
    bytesPerSecond,
    owners: report.rows.map((row) => {
      const share = part(row.weight, report.weight);
      return {
        name: row.name,
        kind: row.kind,
        share,
        bytes: row.weight,
        bytesPerRequest: of(share, bytesPerRequest),
        bytesPerSecond: of(share, bytesPerSecond),
        phases: phaseShares(report, row),
      };
    }),
  };
}

function tableLines(report: Report, figures: WatchFigures, by: string, title: string): string[] {
  const { perRequest, perSecond, requests, requestsMissing } = figures;
  const shares = tenths(report.rows.map((row) => row.weight));
  const cost = (weight: number, all: number | null): string =>
    all === null ? '-' : `~${bytesText(part(weight, report.weight) * all)}`;
  const cells = report.rows.map((row, i) => [
    visible(row.name, 60),
    by === 'owner' ? row.kind : '',
    (shares[i]! / 10).toFixed(1),
    cost(row.weight, perRequest),
    cost(row.weight, perSecond),
    phasesText(report, row),
  ]);
  const sum = shares.reduce((all, share) => all + share, 0) / 10;
  const head = [by, '', 'bytes %', 'per request', 'per second', 'of it by phase, %'];
  const total = ['sum', '', sum.toFixed(1)];
  total.push(cost(report.weight, perRequest), cost(report.weight, perSecond), '');
  const counted =
    perRequest === null
      ? `bytes for a request not known: ${requestsMissing}`
      : `${requests} requests came in during the bursts`;
  return [
    `${visible(title, 200)}: ${seenText(series, report.weight, figures)}, ${report.samples} samples, ` +
      visible(counted, 500),
    ...alignColumns([head, ...cells, total]),
  ];
}
