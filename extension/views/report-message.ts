/** Whose CPU time it was, as the page is told of it. */
import type { ReportRow } from '../analysis/report';
import type { Capture } from '../capture/capture';
import { serverName } from '../capture/target';
import { visible } from '../profile/names';
import type { ReportEntry, ReportMessage, TableKey } from '../../webview/messages';

const LONGEST = 256;

export async function reportMessage(
  capture: Capture,
  by: { readonly rows: TableKey; readonly columns: TableKey },
): Promise<ReportMessage> {
  const { analysis } = capture;
  const report = await analysis.report(capture.query(), by.rows, by.columns);
  const trends = by.rows === 'owner' ? await analysis.trends() : undefined;
  const entry = (row: ReportRow): ReportEntry => {
    const owner = trends && analysis.owner(row.kind, row.name);
    return {
      key: row.name,
      name: visible(row.name, LONGEST),
      kind: row.kind,
      weight: row.weight,
      samples: row.samples,
      garbageCollector: row.garbageCollector,
      jitCompiler: row.jitCompiler,
      cells: [...row.cells],
      trend: owner === undefined ? [] : trends!(owner),
    };
  };
  return {
    type: 'report',
    ...by,
    columnNames: report.columns.map((name) => visible(name, LONGEST)),
    entries: report.rows.map(entry),
    weight: report.weight,
    samples: report.samples,
    ...requestFacts(capture),
    gateway: gatewayName(capture),
    problems: [...analysis.rules.problems],
  };
}

/** Requests are counted since the start, and so make no cost of a request in a window of time. */
function requestFacts(capture: Capture): Pick<ReportMessage, 'requests' | 'requestsMissing'> {
  const requests = capture.requests();
  if ('missing' in requests) return { requests: null, requestsMissing: requests.missing };
  if (Number.isFinite(capture.query().fromUs)) {
    const requestsMissing = 'Requests are counted since the start: choose "Since start" for costs.';
    return { requests: null, requestsMissing };
  }
  return { requests: requests.count, requestsMissing: '' };
}

/** The version that the modules in the worker's VM name, else that of the process. */
function gatewayName({ store, target }: Capture): string {
  for (const { kongVersion, apisixVersion } of store.modules) {
    if (kongVersion !== '') return visible(`Kong ${kongVersion}`, 60);
    if (apisixVersion !== '') return visible(`APISIX ${apisixVersion}`, 60);
  }
  return target === undefined ? '' : visible(serverName(target.master), 60);
}
