/** Marks in the Lua files of the loads: the CPU goes to lines with `-- hot`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { luaFolder } from './target';

export interface HotLines {
  /** Each hot line, with the percentage of the burner's time that it has, where known. */
  readonly lines: ReadonlyMap<number, number | undefined>;
}

export function hotLinesOf(burner: string): HotLines {
  const text = readFileSync(join(luaFolder, 'burners', `${burner}.lua`), 'utf8');
  const lines = new Map<number, number | undefined>();
  text.split('\n').forEach((line, index) => {
    const mark = /-- hot ?(\d*)$/.exec(line);
    if (mark) lines.set(index + 1, mark[1] ? Number(mark[1]) : undefined);
  });
  return { lines };
}

/** The burner that a chunk belongs to, if any. */
export function burnerOf(file: string): string | undefined {
  return /\/truth\/lua\/burners\/(\w+)\.lua/.exec(file)?.[1];
}

/** Is it one of the files here? */
export function isOurs(file: string): boolean {
  return file.includes('/truth/lua/');
}
