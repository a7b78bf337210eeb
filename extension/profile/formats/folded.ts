import { FrameKind, type FunctionInfo } from '../frames';
import { visible } from '../../common/outside';
import { stackSeries } from '../series';
import { displayName, fileText, isLua } from '../names';
import { mergeByFunction, pathTo } from './function-stacks';
import type { ProfileSnapshot } from './snapshot';

/** Long enough for any path, and short enough for a line of a hundred frames. */
const longestFrame = 1024;

/**
 * Folded stacks: a line for each stack, frames from the root joined by semicolons, a space, the
 * number of samples at the highest rate there was, or of bytes; in order of text. A Lua frame is
 * "name (file:line)" with the line where the function is defined, a kernel frame "name_[k]" as other
 * tools write it.
 */
export function* foldedLines(snapshot: ProfileSnapshot): Generator<string> {
  const { nodes, weights, counts } = mergeByFunction(snapshot);
  const texts = new Map<number, string>();
  const textOf = (node: number): string => {
    const kind = nodes.kinds.data[node]! as FrameKind;
    const key = nodes.functions.data[node]! * 32 + kind;
    let text = texts.get(key);
    if (text === undefined) {
      text = frameText(snapshot.functions[nodes.functions.data[node]! - 1]!, kind);
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

function frameText(info: FunctionInfo, kind: FrameKind): string {
  const name = displayName(info, kind);
  const file = fileText(info.file, kind);
  let text: string = name;
  if (kind === FrameKind.Kernel) text = `${name}_[k]`;
  else if (isLua(kind) && file !== '') text = `${name} (${file}:${info.line})`;
  // The format has no way to quote its separator; readers split lines at the last space.
  return visible(text, longestFrame).replaceAll(';', '\\x3b');
}
