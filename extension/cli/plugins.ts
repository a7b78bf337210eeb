/** Whose CPU time it was, as a table or for machines. */
import { Analysis } from '../analysis/analysis';
import type { Report, ReportRow } from '../analysis/report';
import { requestsOf, type Requests } from '../analysis/requests';
import { tenths } from '../profile/shares';
import { visible } from '../common/outside';
import { sinceStart } from '../profile/store';
import type { PluginsCommand } from './arguments';
import { alignColumns } from './columns';
import type { Interrupt } from './interrupt';
import { printJson, printLines } from './output';
import { withSamples } from './samples';
import type { Messages } from './terminal';

/** Whatever ends it, what was sampled until then is told. */
export async function plugins(command: PluginsCommand, messages: Messages, interrupt: Interrupt) {
  await withSamples(command, messages, interrupt, async ({ sampling, host, seconds }) => {
    const analysis = new Analysis(sampling.store, command.rules);
    const report = await analysis.report(sinceStart, command.by, 'phase');
    const requests = requestsOf(sampling.health, sampling.allWorkers);
    if (command.json) {
      printJson(forMachines(report, requests, seconds), 2);
    } else {
      const title = `${sampling.title} on ${host}`;
      printLines(tableLines(report, requests, command.by, title));
    }
    for (const problem of analysis.rules.problems) messages.say(problem);
    if (report.samples === 0)
      messages.say('There are no samples: the workers used no CPU time while they were sampled.');
  });
}

function forMachines(report: Report, requests: Requests, seconds: number) {
  const count = 'count' in requests ? requests.count : null;
  return {
    seconds,
    samples: report.samples,
    requests: count,
    ...('missing' in requests && { requestsMissing: requests.missing }),
    owners: report.rows.map((row) => ({
      name: row.name,
      kind: row.kind,
      share: part(row.weight, report.weight),
      cpuUsPerRequest: count === null ? null : row.weight / count,
      gcShare: part(row.garbageCollector, row.weight),
      jitShare: part(row.jitCompiler, row.weight),
      phases: phaseShares(report, row),
    })),
  };
}

export function part(weight: number, whole: number): number {
  return whole > 0 ? weight / whole : 0;
}

/** Of all samples, by phase. */
export function phaseShares(report: Report, row: ReportRow): Record<string, number> {
  const shares = report.columns.map(
    (phase, i) => [phase, part(row.cells[i]!, report.weight)] as const,
  );
  return Object.fromEntries(shares.filter(([, share]) => share > 0));
}

function tableLines(report: Report, requests: Requests, by: string, title: string): string[] {
  const count = 'count' in requests ? requests.count : undefined;
  const shares = tenths(report.rows.map((row) => row.weight));
  const cells = report.rows.map((row, i) => [
    visible(row.name, 60),
    by === 'owner' ? row.kind : '',
    (shares[i]! / 10).toFixed(1),
    count === undefined ? '-' : perRequest(row.weight / count),
    percent(row.garbageCollector, row.weight),
    percent(row.jitCompiler, row.weight),
    phasesText(report, row),
  ]);
  const sum = shares.reduce((all, share) => all + share, 0) / 10;
  const head = [by, '', 'CPU %', 'us/request', 'GC %', 'JIT %', 'of it by phase, %'];
  const total = [
    'sum',
    '',
    sum.toFixed(1),
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

export function phasesText(report: Report, row: ReportRow): string {
  if (row.weight === 0) return '';
  const shares = tenths([...row.cells]);
  return report.columns
    .map((phase, i) => [visible(phase, 40), shares[i]!] as const)
    .filter(([, share]) => share > 0)
    .map(([phase, share]) => `${phase} ${(share / 10).toFixed(1)}`)
    .join(', ');
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
