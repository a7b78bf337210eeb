/** The columns of the table of owners: what each says of a row, and how rows are sorted by it. */
import { amountText, stackSeries } from '../../../extension/profile/series';
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
  const words = stackSeries[report.measure].words;
  const total = (pick: (entry: ReportEntry) => number): number =>
    report.entries.reduce((sum, entry) => sum + pick(entry), 0);
  const burstHint = stackSeries[report.measure].inBursts
    ? '. Bursts are a part of the time: the true share is within ± in 95 of 100 cases. ? is not ' +
      'known before the second burst, and < is a limit: the share may be off by as much as it is'
    : '';
  const fixed: TableColumn[] = [
    {
      id: 'name',
      title: KEY_WORDS[rows][0],
      hint: 'What the samples are of',
      numeric: false,
      value: (entry) => entry.name.toLowerCase(),
      text: (entry) => entry.name,
      sum: () => 'Sum',
    },
    {
      id: 'share',
      title: words.share,
      hint: `Part of all ${words.whole}; the rows add up to 100 %${burstHint}`,
      numeric: true,
      value: (entry) => entry.weight,
      text: (entry, share) => {
        const { burstError: off } = entry;
        if (off === null) return '? %';
        if (off !== undefined && off >= (100 * entry.weight) / weight && entry.weight > 0)
          return `< ${(share / 10 + off).toFixed(1)} %`;
        if (share === 0 && entry.weight > 0) return '< 0.1 %';
        return `${(share / 10).toFixed(1)}${off === undefined ? '' : ` ±${off.toFixed(1)}`} %`;
      },
      sum: () => `${(sumShare / 10).toFixed(1)} %`,
    },
    costColumn(report),
  ];
  if (stackSeries[report.measure].sampled) {
    fixed.push(
      overhead('gc', 'GC', 'garbage collector', (entry) => entry.garbageCollector),
      overhead('jit', 'JIT compiler', 'JIT compiler', (entry) => entry.jitCompiler),
    );
  }
  if (rows === 'owner') {
    fixed.splice(1, 0, kindColumn);
    fixed.splice(3, 0, { ...trendColumn, hint: words.trendHint });
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Of bytes it is an estimate, by the second where requests are not counted. */
function costColumn(report: ReportMessage): TableColumn {
  const { measure, weight, requestsMissing, perRequest, perSecond } = report;
  const { always, estimated, quantity, words } = stackSeries[measure];
  const bySecond = !always && perRequest === null && perSecond !== null;
  const all = bySecond ? perSecond : perRequest;
  const text = (part: number): string => {
    if (all === null || weight <= 0) return '–';
    const cost = (part / weight) * all;
    if (always) return microseconds(cost);
    return `${estimated && cost > 0 ? '≈ ' : ''}${amountText(quantity, cost)}`;
  };
  return {
    id: 'request',
    title: bySecond ? '/ second' : words.request,
    hint: requestsMissing || words.requestHint,
    numeric: true,
    value: (entry) => entry.weight,
    text: (entry) => text(entry.weight),
    sum: () => text(weight),
  };
}

function microseconds(each: number): string {
  return each > 0 && each < 10 ? each.toFixed(1) : whole(each);
}
