/** The figures of a tooltip as rows of texts; each percentage names the whole that it is of. */
import { intervalText, wilson } from '../../extension/profile/interval';
import { burstShare } from '../common/error-words';
import { percent, whole } from '../common/format';
import type { Profile } from './profile';
import { isWithin, type Tree, weightOf } from './tree';

/** Stands where a frame is no part of what a column is of. */
const NONE = '–';

/** The first row heads the columns, the first column names the rows. */
export function tooltipTable(
  { tree, unit }: Pick<Profile, 'tree' | 'unit'>,
  node: number,
  zoomed: number,
): string[][] {
  const all = weightOf(tree);
  const counted = unit.counted !== '';
  const inside = isWithin(tree, node, zoomed);
  const line = (label: 'total' | 'self', weight: number, samples: number): string[] => [
    label,
    unit.text(weight),
    ...(counted ? [whole(samples)] : []),
    shareText({ tree, unit }, node, label),
    ...(unit.hasError ? [intervalText(wilson(part(weight, all), tree.sureSamples))] : []),
    ...(zoomed === 0 ? [] : [inside ? percent(weight, tree.total[zoomed]!) : NONE]),
  ];
  const lines = [
    [
      '',
      unit.column,
      ...(counted ? [unit.counted] : []),
      '% of all',
      ...(unit.hasError ? ['95 %'] : []),
      ...(zoomed === 0 ? [] : ['% of zoomed']),
    ],
    line('total', tree.total[node]!, tree.totalSamples[node]!),
    line('self', tree.self[node]!, tree.selfSamples[node]!),
  ];
  const grown = growthOf(tree, node);
  if (grown === undefined) return lines;
  if (tree.before !== undefined) lines.push(['before', unit.text(tree.before[node]!)]);
  lines.push(['growth', `${grown > 0 ? '+' : ''}${unit.text(grown)}`]);
  return lines;
}

/** The node's share of all, with what is known of its error. */
export function shareText(
  { tree, unit }: Pick<Profile, 'tree' | 'unit'>,
  node: number,
  of: 'total' | 'self',
): string {
  const weight = tree[of][node]!;
  const all = weightOf(tree);
  if (!unit.inBursts || node === 0) return percent(weight, all);
  const share = 100 * part(weight, all);
  const off = tree.errors?.[of][node];
  return burstShare(share, share, off === undefined ? null : 100 * off);
}

/** The difference of what came and what went; undefined: nothing is compared. */
export function growthOf(tree: Tree, node: number): number | undefined {
  return tree.net?.[node] ?? (tree.before && tree.total[node]! - tree.before[node]!);
}

function part(weight: number, all: number): number {
  return all > 0 ? weight / all : 0;
}
