/** The columns of the table of owners: what each says of a row, and how rows are sorted by it. */
import { amountText, stackSeries } from '../../../extension/profile/series';
import {
  effectiveSamples,
  intervalText,
  tiesAbove,
  wilson,
} from '../../../extension/profile/interval';
import { BURST_HINT, burstShare, ERROR_HINT, TIE_HINT } from '../../common/error-words';
import { percent, whole } from '../../common/format';
import type { ReportEntry, ReportMessage } from '../../../extension/page/messages';
import { KEY_WORDS, KIND_WORDS } from './words';

export interface TableColumn {
  /** Stays the same while reports come and go. */
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly numeric: boolean;
  /** Sorts rows; text by alphabet, numbers by size. */
  value(entry: ReportEntry): number | string;
  text(entry: ReportEntry, share: number): string;
  /** Of all rows together; '' where that says nothing. */
  sum(): string;
}

/** @param sumShare tenths of a percent of all rows. */
export function columnsOf(report: ReportMessage, sumShare: number): TableColumn[] {
  const { weight, rows } = report;
  const { words, inBursts, sampled } = stackSeries[report.measure];
  const errors = sampled ? errorsOf(report) : undefined;
  const total = (pick: (entry: ReportEntry) => number): number =>
    report.entries.reduce((sum, entry) => sum + pick(entry), 0);
  const burstHint = inBursts ? `. ${BURST_HINT}` : '';
  const fixed: TableColumn[] = [
    {
      id: 'name',
      title: KEY_WORDS[rows][0],
      hint: 'Owner of the samples, or the property of their requests',
      numeric: false,
      value: (entry) => entry.name.toLowerCase(),
      text: (entry) => entry.name,
      sum: () => 'Sum',
    },
    {
      id: 'share',
      title: words.share,
      hint: `Part of all ${words.whole}; the rows add up to 100 %${burstHint}. ${TIE_HINT}`,
      numeric: true,
      value: (entry) => entry.weight,
      text: (entry, share) =>
        (errors?.ties.has(entry) === true ? '≈ ' : '') + shareText(entry, share, weight),
      sum: () => `${(sumShare / 10).toFixed(1)} %`,
    },
    ...(errors === undefined ? [] : [errorColumn(errors.text)]),
    costColumn(report),
  ];
  if (sampled) {
    fixed.push(
      overhead('gc', 'GC', 'garbage collector', (entry) => entry.garbageCollector),
      overhead('jit', 'JIT compiler', 'JIT compiler', (entry) => entry.jitCompiler),
    );
  }
  if (report.entries.some(({ caused }) => caused !== 0)) fixed.splice(2, 0, causedColumn(report));
  if (rows === 'owner') {
    fixed.splice(1, 0, kindColumn);
    fixed.splice(errors === undefined ? 3 : 4, 0, { ...trendColumn, hint: words.trendHint });
  }
  return [...fixed, ...report.columnNames.map((name, i) => cross(name, i))];

  function overhead(
    id: string,
    title: string,
    what: string,
    pick: (entry: ReportEntry) => number,
  ): TableColumn {
    return {
      id,
      title,
      hint: `Part of the row's own time that the ${what} took while it ran for it`,
      numeric: true,
      value: (entry) => (entry.weight > 0 ? pick(entry) / entry.weight : 0),
      text: (entry) => (entry.weight > 0 ? percent(pick(entry), entry.weight) : '–'),
      sum: () => (weight > 0 ? percent(total(pick), weight) : '–'),
    };
  }

  function cross(name: string, i: number): TableColumn {
    const sum = total((entry) => entry.cells[i] ?? 0);
    return {
      id: `cell ${name}`,
      title: name,
      hint: `${KEY_WORDS[report.columns][0]} ${name}: part of all ${words.whole}`,
      numeric: true,
      value: (entry) => entry.cells[i] ?? 0,
      text: (entry) => (entry.cells[i]! > 0 ? percent(entry.cells[i]!, weight) : ''),
      sum: () => percent(sum, weight),
    };
  }
}

/** How sure the shares are; one of a row that the samples do not tell from the next larger. */
function errorsOf({ entries, weight }: ReportMessage) {
  const weights = entries.map((entry) => entry.weight);
  const counts = entries.map(({ samples }) => samples);
  const sure = effectiveSamples(weights, counts);
  const part = (entry: ReportEntry): number => (weight > 0 ? entry.weight / weight : 0);
  const sorted = [...entries].sort((a, b) => b.weight - a.weight);
  const tied = tiesAbove(sorted.map(part), sure);
  return {
    ties: new Set(sorted.filter((_, i) => tied[i]!)),
    text: (entry: ReportEntry) => intervalText(wilson(part(entry), sure)),
  };
}

function errorColumn(text: (entry: ReportEntry) => string): TableColumn {
  return {
    id: 'error',
    title: '95 %',
    hint: ERROR_HINT,
    numeric: true,
    value: (entry) => entry.weight,
    text,
    sum: () => '',
  };
}

const kindColumn: TableColumn = {
  id: 'kind',
  title: 'Kind',
  hint: 'Plugin, part of the gateway, nginx, kernel or other code',
  numeric: false,
  value: (entry) => KIND_WORDS[entry.kind],
  text: (entry) => KIND_WORDS[entry.kind],
  sum: () => '',
};

/** A line and no text; sorted by how much more is used now than at the beginning. */
const trendColumn: TableColumn = {
  id: 'trend',
  title: 'Last minute',
  hint: '',
  numeric: true,
  value: ({ trend }) => mean(trend.slice(-10)) - mean(trend.slice(0, 10)),
  text: () => '',
  sum: () => '',
};

/** Of the seconds that are known. */
function mean(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
}

/** Of bytes it is an estimate, by the second where requests are not counted. */
function costColumn(report: ReportMessage): TableColumn {
  const { measure, weight, requests, requestsMissing, perRequest, perSecond } = report;
  const { always, estimated, quantity, words } = stackSeries[measure];
  const bySecond = !always && perRequest === null && perSecond !== null;
  const all = bySecond ? perSecond : perRequest;
  /** @param own requests of a row: the others have no part in its cost. */
  const costOf = (part: number, own: number | null): number | null => {
    if (all === null || weight <= 0) return null;
    if (bySecond) return (part / weight) * all;
    return own === null || own <= 0 ? null : (part / weight) * all * ((requests ?? own) / own);
  };
  const text = (cost: number | null): string => {
    if (cost === null) return '–';
    if (always) return microseconds(cost);
    return `${estimated && cost > 0 ? '≈ ' : ''}${amountText(quantity, cost)}`;
  };
  return {
    id: 'request',
    title: bySecond ? '/ second' : words.request,
    hint: requestsMissing || words.requestHint,
    numeric: true,
    value: (entry) => costOf(entry.weight + entry.caused, entry.requests) ?? -1,
    text: (entry) => text(costOf(entry.weight + entry.caused, entry.requests)),
    sum: () => text(costOf(weight, requests)),
  };
}

/** Where timers run: what is not in the row's own figure, and what is in it for others. */
function causedColumn({ weight, causedSamples, measure }: ReportMessage): TableColumn {
  const { whole: all } = stackSeries[measure].words;
  const text = (part: number): string => {
    const shown = percent(Math.abs(part), weight);
    return /^0\.0/.test(shown) ? '' : `${part > 0 ? '+' : '−'}${shown}`;
  };
  return {
    id: 'caused',
    title: 'Caused',
    hint:
      `Part of all ${all} that a row causes elsewhere by timers and queues, or that others cause in ` +
      `it; estimated from ${whole(causedSamples)} samples in which timers were created`,
    numeric: true,
    value: (entry) => entry.caused,
    text: (entry) => text(entry.caused),
    sum: () => '',
  };
}

function microseconds(each: number): string {
  return each > 0 && each < 10 ? each.toFixed(1) : whole(each);
}

/** `share`: tenths of a percent. */
function shareText({ burstError: off, weight }: ReportEntry, share: number, whole: number): string {
  if (off !== undefined) return burstShare(share / 10, (100 * weight) / whole, off);
  return share === 0 && weight > 0 ? '< 0.1 %' : `${(share / 10).toFixed(1)} %`;
}
