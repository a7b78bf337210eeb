/** Who allocates Lua memory, as a table or for machines. */
import { Analysis } from '../analysis/analysis';
import type { Report } from '../analysis/report';
import type { WatchFigures } from '../capture/watch-log';
import { bytesText } from '../profile/bytes';
import { visible } from '../common/outside';
import { stackSeries } from '../profile/series';
import { tenths } from '../profile/shares';
import { sinceStart } from '../profile/store';
import type { AllocationsCommand } from './arguments';
import { alignColumns } from './columns';
import { Failed } from './exit';
import type { Interrupt } from './interrupt';
import { printJson, printLines } from './output';
import { part, phaseShares, phasesText } from './plugins';
import { withSamples } from './samples';
import type { Sampling } from './sampling';
import type { Messages } from './terminal';

const series = stackSeries.allocated;
const query = { ...sinceStart, measure: series.name };

/** Whatever ends it, what was seen until then is told. */
export async function allocations(
  command: AllocationsCommand,
  messages: Messages,
  interrupt: Interrupt,
) {
  await withSamples(command, messages, interrupt, async ({ sampling, host, seconds }) => {
    const analysis = new Analysis(sampling.store, command.rules);
    const report = await analysis.report(query, command.by, 'phase');
    const figures = allocationFigures(sampling);
    if (command.json) {
      printJson(forMachines(report, figures, seconds), 2);
    } else {
      const title = `${sampling.title} on ${host}`;
      printLines(tableLines(report, figures, command.by, title));
    }
    for (const problem of analysis.rules.problems) messages.say(problem);
    tellMissing(sampling, messages);
  });
}

export function allocationFigures({ watched, health, allWorkers }: Sampling): WatchFigures {
  return watched.of(series.instrument).figures(query, health?.pids.length ?? 1, allWorkers);
}

/** @throws Failed where they cannot be watched. */
export function tellMissing(sampling: Sampling, messages: Messages): void {
  const { missing } = sampling.watched.of(series.instrument);
  const nothing = sampling.store.tallies.of(series.name).weight === 0;
  if (missing !== '' && nothing) throw new Failed(missing);
  if (missing !== '') messages.say(missing);
  else if (nothing) messages.say('Nothing was allocated while the workers were watched.');
}

/** "1.4 MB seen in 0.32 of 10.0 s" */
export function seenText(report: { weight: number }, figures: WatchFigures): string {
  const { watchedUs, elapsedUs, lostValue } = figures;
  const lost = lostValue > 0 ? `, ${bytesText(lostValue)} more in no stack` : '';
  const of = `${(watchedUs / 1e6).toFixed(2)} of ${(elapsedUs / 1e6).toFixed(1)} s`;
  return `${bytesText(report.weight)} seen in ${of}${lost}`;
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
      : `${requests} requests meanwhile`;
  return [
    `${visible(title, 200)}: ${seenText(report, figures)}, ${report.samples} samples, ` +
      visible(counted, 500),
    ...alignColumns([head, ...cells, total]),
  ];
}
