/** Owners of the Lua memory that is allocated, as a table or for machines. */
import { Analysis } from '../../analysis/analysis';
import type { ShareError } from '../../analysis/burst-errors';
import type { Report, ReportRow } from '../../analysis/report';
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
import { burstParts, figuresOf, seenText, tellMissingRows } from '../instrument-text';
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
        '"bytesPerRequest","bytesPerRequestError","bytesPerSecond","owners":[{"name","kind",' +
        '"share","shareError","bytes","bytesPerRequest","bytesPerSecond","phases":{}}]}',
      'share is of all bytes, and shareError half of the interval that holds the true one in 95 of ' +
        '100 cases. A share is null where its error is as large or not known; bytes say what was ' +
        'seen all the same, and add up. bytes are those that were seen in bursts, ' +
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
    const parts = burstParts(sampling, series.instrument, query);
    const errorOf = await analysis.errors(report, parts, request.by);
    if (request.json) {
      printJson(forMachines(report, figures, errorOf, seconds), 2);
    } else {
      const title = `${sampling.title} on ${host}`;
      printLines(tableLines(report, figures, errorOf, request.by, title));
      if (parts.length < 2 && report.weight > 0) messages.say(oneBurst);
      else if (report.rows.some((row) => errorOf(row)?.unclear))
        messages.say(unclear(report, errorOf));
    }
    for (const problem of analysis.rules.problems) messages.say(problem);
    tellMissingRows(sampling, series, messages);
  });
}

/** Who looks for less looks long. */
const LEAST_SHARE = 0.01;

type ErrorOf = (row: ReportRow) => ShareError | undefined;

const oneBurst =
  'All of it was seen in one burst, so nothing says how far these shares are off. A longer ' +
  '--seconds or a higher --budget gives more bursts.';

/** An error shrinks with the root of what was seen. */
function unclear(report: Report, errorOf: ErrorOf): string {
  const times = report.rows
    .filter((row) => errorOf(row)?.unclear)
    .map((row) => (2 * errorOf(row)!.half) / Math.max(LEAST_SHARE, part(row.weight, report.weight)))
    .map((off) => Math.ceil(off ** 2));
  return (
    'A share with "?" may be off by as much as it is, so only its limit is shown. About ' +
    `${Math.max(...times)} times the --seconds or the --budget would show those of 1 % and more.`
  );
}

function forMachines(report: Report, figures: WatchFigures, errorOf: ErrorOf, seconds: number) {
  const { perRequest: bytesPerRequest, perSecond: bytesPerSecond, requestsMissing } = figures;
  const of = (share: number | null, all: number | null) =>
    all === null || share === null ? null : share * all;
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
    bytesPerRequestError:
      bytesPerRequest === null || figures.perRequestError === null
        ? null
        : bytesPerRequest * figures.perRequestError,
    bytesPerSecond,
    owners: report.rows.map((row) => {
      const seen = part(row.weight, report.weight);
      const error = errorOf(row);
      const share = error === undefined || error.unclear ? null : seen;
      return {
        name: row.name,
        kind: row.kind,
        share,
        shareError: error?.half ?? null,
        bytes: row.weight,
        bytesPerRequest: of(share, bytesPerRequest),
        bytesPerSecond: of(share, bytesPerSecond),
        phases: phaseShares(report, row),
      };
    }),
  };
}

function tableLines(
  report: Report,
  figures: WatchFigures,
  errorOf: ErrorOf,
  by: string,
  title: string,
): string[] {
  const { perRequest, perSecond, requests, requestsMissing } = figures;
  const shares = tenths(report.rows.map((row) => row.weight));
  const cost = (weight: number, all: number | null): string =>
    all === null ? '-' : `~${bytesText(part(weight, report.weight) * all)}`;
  const cells = report.rows.map((row, i) => {
    const error = errorOf(row);
    const costOf = (all: number | null) => (error?.unclear ? '-' : cost(row.weight, all));
    return [
      visible(row.name, 60),
      by === 'owner' ? row.kind : '',
      ...shareCells(shares[i]! / 10, error),
      costOf(perRequest),
      costOf(perSecond),
      phasesText(report, row),
    ];
  });
  const sum = shares.reduce((all, share) => all + share, 0) / 10;
  const head = [by, '', 'bytes %', '', 'per request', 'per second', 'of it by phase, %'];
  const total = ['sum', '', sum.toFixed(1), ''];
  total.push(cost(report.weight, perRequest), cost(report.weight, perSecond), '');
  const counted =
    perRequest === null
      ? `bytes for a request not known: ${requestsMissing}`
      : `${requests} requests came in during the bursts` + requestText(figures);
  return [
    `${visible(title, 200)}: ${seenText(series, report.weight, figures)}, ${report.samples} samples, ` +
      visible(counted, 500),
    ...alignColumns([head, ...cells, total]),
  ];
}

/** A share and its error; only a limit where the error is larger than the share. */
function shareCells(percent: number, error: ShareError | undefined): [string, string] {
  if (error === undefined) return [`(${percent.toFixed(1)})`, '±?'];
  const half = error.half * 100;
  if (error.unclear) return ['?', `< ${(percent + half).toFixed(1)}`];
  return [percent.toFixed(1), `±${half.toFixed(1)}`];
}

function requestText({ perRequest, perRequestError }: WatchFigures): string {
  if (perRequest === null) return '';
  const off = perRequestError === null ? '' : ` ±${bytesText(perRequest * perRequestError)}`;
  return `, ~${bytesText(perRequest)}${off} each`;
}
