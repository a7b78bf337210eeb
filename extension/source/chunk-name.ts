/**
 * Reads from a Lua chunk name where its code comes from. The name is text of the target, so it may be
 * anything: a name that does not fit a form below exactly has no source.
 */

export type ChunkOrigin =
  /** `@/path/x.lua`: a file, by the path as the worker opened it. */
  | { readonly kind: 'file'; readonly path: string }
  /** `=access_by_lua(nginx.conf:12)`: a block of the configuration. */
  | {
      readonly kind: 'block';
      readonly directive: string;
      /** The end of the configuration file's path: nginx cuts long names in front. */
      readonly conf: string;
      readonly confLine: number;
    }
  /** Code from a string has its text for a name; so have one-liners given to load(). */
  | { readonly kind: 'text'; readonly text: string };

const LONGEST_PATH = 4096;

/** Names that the VM gives to what has no source text of its own. */
const noSource = new Set(['=[C]', '=?', '=stdin', '=(load)', '=(command line)', '=[builtin]']);

export function readChunkName(name: string): ChunkOrigin | undefined {
  if (name === '' || noSource.has(name)) return undefined;
  if (name.startsWith('@')) return fileOrigin(name.slice(1));
  if (name.startsWith('=')) return blockOrigin(name);
  return looksLikeCode(name) ? { kind: 'text', text: name } : undefined;
}

function fileOrigin(path: string): ChunkOrigin | undefined {
  if (path === '' || path.length > LONGEST_PATH) return undefined;
  // A line break or NUL in a name is legal, and never meant.
  if (/[\u0000-\u001f\u007f]/.test(path)) return undefined;
  return { kind: 'file', path };
}

function blockOrigin(name: string): ChunkOrigin | undefined {
  if (name.length > LONGEST_PATH) return undefined;
  const parts = /^=([a-z_]{1,64}_by_lua)\(([^()]{1,255}):(\d{1,7})\)$/.exec(name);
  if (parts === null) return undefined;
  const [, directive = '', file = '', digits = ''] = parts;
  const conf = file.startsWith('...') ? file.slice(3) : file;
  const confLine = Number(digits);
  if (conf === '' || confLine < 1 || /[\u0000-\u001f\u007f/\\]/.test(conf)) return undefined;
  return { kind: 'block', directive, conf, confLine };
}

/**
 * Native frames carry paths and kernel ones module names, without a mark in front; no path has the
 * blanks, brackets or signs without which there is no Lua statement.
 */
function looksLikeCode(name: string): boolean {
  return !name.startsWith('/') && /[\s(={]/.test(name);
}
