/**
 * Names for tools that know a function by its name alone, as pprof, Pyroscope and Parca do: two
 * functions never have one name. Most have the name that the page gives them; of functions that
 * would share it each gets as much of its place as it takes to tell them apart. None of what is
 * added stands in brackets of a kind that such tools take for arguments and remove.
 */
import { visible, type Visible } from '../../common/outside';
import { FrameKind, type Frame, type FunctionInfo } from '../frames';
import { displayName, fileText, isLua, kindText } from '../names';
import { textHash } from '../text-hash';

/** People's name for a function, where that is more than its name. */
export type OwnName = (info: FunctionInfo) => string;

const LONGEST_PATH = 512;
const LONGEST_START = 24;

/** Levels of {@link placeOf}: folders of the path, then what tells one chunk from another. */
const LEVELS = 6;

export class DistinctNames {
  private readonly names = new Map<number, Visible>();

  constructor(
    private readonly functions: readonly FunctionInfo[],
    frames: readonly Frame[],
    private readonly ownName: OwnName,
  ) {
    const keys = new Set(frames.map(({ function: fn, kind }) => keyOf(fn, kind)));
    this.tellApart([...keys], 0);
  }

  of(fn: number, kind: FrameKind): Visible {
    return this.names.get(keyOf(fn, kind)) ?? this.nameAt(keyOf(fn, kind), 0);
  }

  private tellApart(keys: readonly number[], level: number): void {
    const groups = new Map<Visible, number[]>();
    for (const key of keys) {
      const name = this.nameAt(key, level);
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [key]);
      else group.push(key);
    }
    for (const [name, group] of groups) {
      if (new Set(group.map(functionOf)).size === 1) {
        for (const key of group) this.names.set(key, name);
      } else if (level < LEVELS) {
        this.tellApart(group, level + 1);
      } else {
        for (const key of group) this.names.set(key, visible(`${name} (${functionOf(key)})`));
      }
    }
  }

  private nameAt(key: number, level: number): Visible {
    const info = this.functions[functionOf(key) - 1]!;
    const kind = kindOf(key);
    const name = this.plainName(info, kind);
    // Each file has one, and each chunk that was loaded from a string.
    const depth = name === 'main chunk' ? Math.max(level, 1) : level;
    if (depth === 0) return visible(name);
    const short = placeOf(info, kind, 1);
    const place = placeOf(info, kind, depth);
    // A function without a name is called after its place already.
    return visible(
      short !== '' && name.endsWith(short)
        ? name.slice(0, name.length - short.length) + place
        : `${name} (${place === '' ? kindText(kind) : place})`,
      2 * LONGEST_PATH,
    );
  }

  private plainName(info: FunctionInfo, kind: FrameKind): string {
    if (!isLua(kind)) return displayName(info, kind);
    const name = this.ownName(info);
    return name === '' ? displayName(info, kind) : withoutBrackets(name);
  }
}

/** A probe of before called what has no name "function <file.lua:12>", or "callback <...>". */
function withoutBrackets(name: string): string {
  const match = /^(.*) <([^<>]*:\d+)>$/s.exec(name);
  if (match === null) return name;
  const [, called, place] = match;
  return called === 'function' ? place! : `${called} ${place}`;
}

/** As much of where a function is as the level says; '' where nothing is known. */
function placeOf(info: FunctionInfo, kind: FrameKind, level: number): string {
  const identity = level < LEVELS - 1 ? '' : ` #${(info.identity ?? 0).toString(16)}`;
  if (info.file === '') return kind === FrameKind.Kernel ? `kernel${identity}` : identity.trim();
  if (!isLua(kind)) return lastParts(info.file, level) + identity;
  const line = info.line > 0 ? `:${info.line}` : '';
  const isText = !/^[@=]/.test(info.file);
  if (isText) return `string "${start(info.file)}" #${textHash(info.file)}${line}${identity}`;
  const file = fileText(info.file, kind);
  return (info.file.startsWith('@') ? lastParts(file, level) : file) + line + identity;
}

function start(text: string): string {
  const line = text
    .slice(0, LONGEST_START)
    .split(/[\r\n]/)[0]!
    .replace(/[<>[\]]/g, ' ');
  return line.length < text.length ? `${line}…` : line;
}

/** Level 1: the file; 2 and 3: with folders; above: all of the path. */
function lastParts(path: string, level: number): string {
  const parts = path.slice(-LONGEST_PATH).split('/');
  return level > 3 ? parts.join('/') : parts.slice(-level).join('/');
}

const KINDS = 32;

/** A Lua function is one whether it ran interpreted or compiled. */
function keyOf(fn: number, kind: FrameKind): number {
  return fn * KINDS + (kind === FrameKind.LuaJit ? FrameKind.Lua : kind);
}

const functionOf = (key: number): number => Math.floor(key / KINDS);
const kindOf = (key: number): FrameKind => key % KINDS;
