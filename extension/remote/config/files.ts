/** The text of ssh configuration files with what they include in its place. */
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { matchesWildcard } from '../wildcard';
import { splitArguments, splitKeyword } from './arguments';

/** As OpenSSH has it. */
const MAX_DEPTH = 16;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

export const userConfigFile = (): string => join(homedir(), '.ssh', 'config');
export const systemConfigFile = '/etc/ssh/ssh_config';

/** Empty where there is no such file. Relative includes are looked for beside the file. */
export async function readConfig(file: string, depth = 0): Promise<string> {
  if (depth > MAX_DEPTH) return '';
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return '';
  }
  if (text.length > MAX_FILE_BYTES) return '';
  const lines = text.split(/\r?\n/).map(async (line) => {
    const { keyword, rest = '' } = splitKeyword(line) ?? {};
    const patterns = splitArguments(rest, { comments: true });
    if (keyword !== 'include' || !patterns) return line;
    const files = await Promise.all(
      patterns.map((pattern) => expand(absolute(pattern, dirname(file)))),
    );
    return (await Promise.all(files.flat().map((path) => readConfig(path, depth + 1)))).join('\n');
  });
  return (await Promise.all(lines)).join('\n');
}

function absolute(path: string, folder: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return isAbsolute(path) ? path : join(folder, path);
}

/** The files that a path with wildcards stands for, in the order of their names. */
async function expand(pattern: string): Promise<string[]> {
  if (!/[*?]/.test(pattern)) return [pattern];
  let found = ['/'];
  for (const part of pattern.split('/').filter(Boolean)) {
    const next = await Promise.all(
      found.map(async (folder) => {
        if (!/[*?]/.test(part)) return [join(folder, part)];
        const names = await readdir(folder).catch(() => []);
        // Hidden files are matched only by a pattern that starts with a dot, as in a shell.
        const visible = names.filter((name) => part.startsWith('.') || !name.startsWith('.'));
        return visible
          .filter((name) => matchesWildcard(part, name))
          .sort()
          .map((name) => join(folder, name));
      }),
    );
    found = next.flat();
  }
  return found;
}
