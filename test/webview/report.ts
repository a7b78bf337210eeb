/** A report as of a Kong under load: what the tables of the page are tried with. */
import type { OwnerKind, ReportEntry, ReportMessage } from '../../extension/page/messages';

const columnNames = ['rewrite', 'access', 'header_filter', 'log', 'timer', 'other'];

const parts: readonly [string, OwnerKind, number[], gc: number][] = [
  ['jwt', 'plugin', [0, 4200, 0, 0, 0, 0], 310],
  ['rate-limiting', 'plugin', [0, 900, 0, 0, 140, 0], 20],
  ['request-transformer', 'plugin', [0, 700, 20, 0, 0, 0], 90],
  ['prometheus', 'plugin', [0, 0, 60, 940, 80, 0], 160],
  ['key-auth', 'plugin', [0, 333, 0, 0, 0, 0], 2],
  ['cors', 'plugin', [0, 1, 2, 0, 0, 0], 0],
  ['acme', 'plugin', [0, 0, 0, 0, 0, 0], 0],
  ['Kong router', 'core', [620, 0, 0, 0, 0, 0], 11],
  ['Kong runloop', 'core', [210, 160, 30, 40, 0, 0], 4],
  ['Kong PDK', 'core', [0, 0, 0, 201, 0, 0], 3],
  ['access_by_lua (nginx-kong.conf:89)', 'other', [0, 55, 0, 0, 0, 0], 0],
  ['nginx', 'nginx', [0, 0, 0, 0, 0, 777], 0],
  ['kernel', 'kernel', [0, 0, 0, 0, 0, 531], 0],
];

export function reportOf(changes: Partial<ReportMessage> = {}, grow = 1): ReportMessage {
  const entries = parts.map(([name, kind, samples, gc], i): ReportEntry => {
    const cells = samples.map((count) => count * 1000 * (name === 'jwt' ? grow : 1));
    const weight = cells.reduce((sum, cell) => sum + cell, 0);
    return {
      key: name,
      name,
      kind,
      weight,
      samples: weight / 1000,
      garbageCollector: gc * 1000,
      jitCompiler: weight * 0.01,
      caused: 0,
      requests: 25_000,
      cells,
      trend: Array.from({ length: 60 }, (_, second) =>
        weight === 0 ? 0 : (weight / 1e7) * (1 + 0.5 * Math.sin(second / (3 + i))),
      ),
    };
  });
  const weight = entries.reduce((sum, entry) => sum + entry.weight, 0);
  return {
    type: 'report',
    measure: 'cpu',
    rows: 'owner',
    columns: 'phase',
    columnNames,
    entries,
    weight,
    samples: weight / 1000,
    causedSamples: 0,
    requests: 25_000,
    requestsMissing: '',
    perRequest: weight / 25_000,
    perSecond: null,
    gateway: 'Kong 3.9.1',
    problems: [],
    ...changes,
  };
}

/** The same shares as of bytes. */
export function allocationReport(changes: Partial<ReportMessage> = {}): ReportMessage {
  return reportOf({
    measure: 'allocated',
    perRequest: 12.4 * 1024,
    perSecond: 4.4 * 2 ** 20,
    ...changes,
  });
}
