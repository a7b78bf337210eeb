import { FrameKind, type FunctionInfo } from '../frames';
import { visible } from '../../common/outside';
import { stackSeries } from '../series';
import { displayName, fileText, isLua } from '../names';
import { mergeByFunction, pathTo } from './function-stacks';
import { DistinctNames, type OwnName } from './distinct-names';
import type { ProfileSnapshot } from './snapshot';

/** Long enough for any path, and short enough for a line of a hundred frames. */
const longestFrame = 1024;

/**
 * Folded stacks: a line for each stack, frames from the root joined by semicolons, a space, the
 * number of samples at the highest rate there was, or of bytes; in order of text. A Lua frame is
 * "name (file:line)" with the line where the function is defined, a kernel frame "name_[k]" as other
 * tools write it.
 */
export function* foldedLines(
  snapshot: ProfileSnapshot,
  ownName: OwnName = ({ name }) => name,
): Generator<string> {
  const { nodes, weights, counts } = mergeByFunction(snapshot);
  const names = new DistinctNames(snapshot.functions, snapshot.frames, ownName);
  const texts = new Map<number, string>();
  const functionOfText = new Map<string, number>();
  const textOf = (node: number): string => {
    const kind = nodes.kinds.data[node]! as FrameKind;
    const fn = nodes.functions.data[node]!;
    const key = fn * 32 + kind;
    let text = texts.get(key);
    if (text === undefined) {
      text = frameText(snapshot.functions[fn - 1]!, kind, ownName, names.of(fn, kind));
      // Of the same name and place, and another function all the same: two versions of one file.
      if ((functionOfText.get(text) ?? fn) !== fn) text = escaped(names.of(fn, kind));
      functionOfText.set(text, fn);
      texts.set(key, text);
    }
    return text;
  };

  const byText = new Map<string, number>();
  for (let node = 0; node < nodes.length; node++) {
    if (counts[node] === 0 && weights[node] === 0) continue;
    const number = numberOf(snapshot, weights[node]!, counts[node]!);
    const text = node === 0 ? '[unknown]' : pathTo(nodes, node).map(textOf).join(';');
    byText.set(text, (byText.get(text) ?? 0) + number);
  }
  for (const text of [...byText.keys()].sort()) yield `${text} ${byText.get(text)}\n`;
}

function numberOf({ measure, period }: ProfileSnapshot, weight: number, count: number): number {
  if (stackSeries[measure].exported.folded === 'weights') return weight;
  // Where the rate was lowered a sample stands for as many as there would have been.
  return period > 0 ? Math.round(weight / period) : count;
}

function frameText(
  info: FunctionInfo,
  kind: FrameKind,
  ownName: OwnName,
  distinct: string,
): string {
  if (kind === FrameKind.Kernel) return escaped(`${displayName(info, kind)}_[k]`);
  const file = fileText(info.file, kind);
  if (!isLua(kind) || file === '') return escaped(distinct);
  return escaped(`${ownName(info) || displayName(info, kind)} (${file}:${info.line})`);
}

/** The format has no way to quote its separator; readers split lines at the last space. */
function escaped(text: string): string {
  return visible(text, longestFrame).replaceAll(';', '\\x3b');
}
