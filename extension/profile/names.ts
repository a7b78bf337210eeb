/**
 * How functions and frames are named to people, in the editor, the terminal and exports. Names come
 * from the target: they may hold anything, and are as long as it likes.
 */
import { visible, type Visible } from '../common/outside';
import { FrameKind, type FunctionInfo } from './frames';
import { textHash } from './text-hash';

const kindTexts: Record<FrameKind, string> = {
  [FrameKind.Unknown]: 'unknown',
  [FrameKind.Kernel]: 'kernel',
  [FrameKind.Native]: 'native',
  [FrameKind.Lua]: 'Lua (interpreted)',
  [FrameKind.LuaJit]: 'Lua (JIT)',
  [FrameKind.LuaBuiltin]: 'Lua built-in',
  [FrameKind.LuaC]: 'C called from Lua',
  [FrameKind.GarbageCollector]: 'garbage collector',
  [FrameKind.JitCompiler]: 'JIT compiler',
  [FrameKind.VmExit]: 'JIT exit',
  [FrameKind.Truncated]: 'too deep',
  [FrameKind.Incomplete]: 'incomplete',
  [FrameKind.Wait]: 'what is waited for',
};

export function kindText(kind: FrameKind): string {
  return kindTexts[kind] ?? `kind ${String(kind)}`;
}

/** A Lua function, whose file is a chunk name. */
export function isLua(kind: FrameKind): boolean {
  return kind === FrameKind.Lua || kind === FrameKind.LuaJit;
}

/**
 * The file as the worker knows it: the path of "@path", the tag of "=tag", and as in Lua's own
 * messages `[string "first line..."]` for code that was loaded from a string; other files as they
 * are.
 */
export function fileText(file: string, kind: FrameKind): string {
  if (!isLua(kind)) return file;
  if (file.startsWith('@') || file.startsWith('=')) return file.slice(1);
  // A dump that was loaded without a name has its bytes for one.
  if (file.startsWith('\x1bLJ')) return `bytecode #${textHash(file)}`;
  return file === '' ? '' : `[string ${firstLine(file)}]`;
}

/** Of a text that goes on, with what tells it from others that begin alike. */
function firstLine(source: string): string {
  const end = source.search(/[\r\n]/);
  const line = end < 0 ? source : source.slice(0, end);
  if (line.length <= 60 && end < 0) return `"${line}"`;
  return `"${line.slice(0, 60)}..." #${textHash(source)}`;
}

/** "handler.lua:42", "access_by_lua(nginx.conf:12)", "libc.so.6", or '' where nothing is known. */
export function placeText(info: FunctionInfo, kind: FrameKind, line = info.line): Visible {
  const file = fileText(info.file, kind);
  if (file === '') return visible('');
  const isPath = !isLua(kind) || info.file.startsWith('@');
  const short = isPath ? file.slice(file.lastIndexOf('/') + 1) : file;
  return visible(isLua(kind) && line > 0 ? `${short}:${line}` : short);
}

const TOO_DEEP = '[too deep]';

/** A name without its frame: what stands for frames that are not kept has the words of its kind. */
export function markName({ name, file }: FunctionInfo): string {
  return name === '[truncated]' && file === '' ? TOO_DEEP : name;
}

/** Returns the name of the frame: never empty. */
export function displayName(info: FunctionInfo, kind: FrameKind): Visible {
  if (kind === FrameKind.Truncated) return visible(TOO_DEEP);
  if (info.name !== '') return visible(info.name);
  return placeText(info, kind) || visible(`[${kindText(kind)}]`);
}
