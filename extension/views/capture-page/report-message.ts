/** The owners of CPU time or memory, as the page gets them. */
import type { ShareError } from '../../analysis/burst-errors';
import type { ReportRow } from '../../analysis/report';
import type { Requests } from '../../analysis/requests';
import { rowRequests } from '../../analysis/row-requests';
import type { Capture } from '../../capture/capture';
import { serverName } from '../../capture/target';
import { defaultMeasure, stackSeries } from '../../profile/series';
import { visible, type AllVisible, type Visible } from '../../common/outside';
import type { ReportEntry, ReportMessage, TableKey } from '../../page/messages';

const LONGEST = 256;

export async function reportMessage(
  capture: Capture,
  by: { readonly rows: TableKey; readonly columns: TableKey },
): Promise<AllVisible<ReportMessage>> {
  const { analysis } = capture;
  const query = capture.query();
  const { measure = defaultMeasure } = query;
  const { always, inBursts, instrument } = stackSeries[measure];
  const report = await analysis.report(query, by.rows, by.columns);
  const costs = always
    ? costsSinceStart(capture, report.weight)
    : watchedCosts(capture, instrument);
  const requestsOf = rowRequests(capture.store, query, by.rows, countOf(costs));
  const trends = by.rows === 'owner' ? await analysis.trends(measure) : undefined;
  const errorOf = inBursts
    ? await analysis.errors(report, capture.burstParts(instrument, query), by.rows)
    : undefined;
  const entry = (row: ReportRow): AllVisible<ReportEntry> => {
    const owner = trends && analysis.owner(row.kind, row.name);
    return {
      key: row.name,
      name: visible(row.name, LONGEST),
      kind: row.kind,
      weight: row.weight,
      ...(errorOf && { burstError: percentOf(errorOf(row)) }),
      samples: row.samples,
      garbageCollector: row.garbageCollector,
      jitCompiler: row.jitCompiler,
      caused: row.caused,
      requests: requestsOf(row.name) ?? null,
      cells: [...row.cells],
      trend: owner === undefined ? [] : trends!(owner),
    };
  };
  return {
    type: 'report',
    measure,
    ...by,
    columnNames: report.columns.map((name) => visible(name, LONGEST)),
    entries: report.rows.map(entry),
    weight: report.weight,
    samples: report.samples,
    causedSamples: report.causedSamples,
    ...costs,
    gateway: gatewayName(capture),
    problems: analysis.rules.problems.map((problem) => visible(problem, LONGEST)),
  };
}

const percentOf = (error: ShareError | undefined) => (error ? error.half * 100 : null);

type Costs = AllVisible<
  Pick<ReportMessage, 'requests' | 'requestsMissing' | 'perRequest' | 'perSecond'>
>;

function countOf({ requests, requestsMissing }: Costs): Requests {
  return requests === null ? { missing: requestsMissing } : { count: requests };
}

/** Requests are counted since the start, and so make no cost of a request in a window of time. */
function costsSinceStart(capture: Capture, weight: number): Costs {
  const unknown = { requests: null, perRequest: null, perSecond: null };
  const requests = capture.requests();
  if ('missing' in requests) return { ...unknown, requestsMissing: visible(requests.missing, 500) };
  if (Number.isFinite(capture.query().fromUs)) {
    const why = 'Requests are counted since the start: choose "Since start" for costs.';
    const requestsMissing = visible(why);
    return { ...unknown, requestsMissing };
  }
  const { count } = requests;
  return {
    requests: count,
    requestsMissing: visible(''),
    perRequest: weight / count,
    perSecond: null,
  };
}

function watchedCosts(capture: Capture, instrument: string): Costs {
  const figures = capture.watched(instrument, capture.query());
  const { perRequest, requestsMissing, perSecond } = figures;
  return {
    requests: perRequest === null ? null : figures.requests,
    requestsMissing: visible(requestsMissing, 500),
    perRequest,
    perSecond,
  };
}

/** The version that the modules in the worker's VM name, else that of the process. */
function gatewayName({ store, target }: Capture): Visible {
  for (const { kongVersion, apisixVersion } of store.modules) {
    if (kongVersion !== '') return visible(`Kong ${kongVersion}`, 60);
    if (apisixVersion !== '') return visible(`APISIX ${apisixVersion}`, 60);
  }
  return target === undefined ? visible('') : visible(serverName(target.master), 60);
}
