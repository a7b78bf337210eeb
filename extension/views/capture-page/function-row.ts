/** A function as the page gets it: names are hostile until they have come through here. */
import { handlerName } from '../../analysis/handler-name';
import { visible, type AllVisible, type Visible } from '../../common/outside';
import { fileText, markName } from '../../profile/names';
import { FrameKind, type FunctionInfo } from '../../profile/frames';
import type { FunctionRow } from '../../page/messages';
import type { FlameGraphSource } from './source';

const LONGEST = 1024;

export function functionRow(source: FlameGraphSource, id: number): AllVisible<FunctionRow> {
  const info = source.functionInfo(id);
  const hasSource = source.hasSource(id);
  return {
    name: visible(hasSource ? handlerName(info) : markName(info), LONGEST),
    ...symbolOf(info),
    file: visible(fileOf(info, hasSource), LONGEST),
    line: info.line,
    lastLine: info.lastLine,
    hasSource,
  };
}

/** Only a Lua chunk has a source: its name is shown as Lua's own messages show it. */
function fileOf(info: FunctionInfo, isLua: boolean): string {
  return fileText(info.file, isLua ? FrameKind.Lua : FrameKind.Native);
}

/** Its name by its compiler: its symbol, or the pieces that it made of it. */
function symbolOf({ symbol, parts = [] }: FunctionInfo): { symbol?: Visible } {
  const texts = [...(symbol === undefined ? [] : [symbol]), ...parts];
  return texts.length === 0 ? {} : { symbol: visible(texts.join(', '), LONGEST) };
}
