import { intervalText } from '../profile/interval';
import type { HotFunction } from './hot-functions';

/** A heading and a line for each function, none wider than `width`. */
export function tableLines(rows: readonly HotFunction[], width: number): string[] {
  const kindWidth = Math.max(4, ...rows.map((row) => kindOf(row).length));
  const hasError = rows.some(({ selfInterval }) => selfInterval !== null);
  const columns = hasError ? ' self %       95 %  total %' : ' self %  total %';
  const heading = `${columns}  ${'kind'.padEnd(kindWidth)}  function`;
  const texts = rows.map((row) => rowText(row, kindWidth, hasError));
  return [heading, ...texts].map((line) => fit(line, width));
}

function rowText(row: HotFunction, kindWidth: number, hasError: boolean): string {
  const mark = row.tied ? '≈' : '';
  const self = `${mark}${(row.self * 100).toFixed(1)}`.padStart(7);
  const text = row.selfInterval === null ? '' : intervalText(row.selfInterval);
  const error = hasError ? ` ${text.padStart(10)}` : '';
  const total = (row.total * 100).toFixed(1).padStart(8);
  const hottest = row.hottestLine > 0 ? `, most at line ${row.hottestLine}` : '';
  const place = row.place === '' || row.place === row.name ? '' : `  ${row.place}`;
  return `${self}${error} ${total}  ${kindOf(row).padEnd(kindWidth)}  ${row.name}${place}${hottest}`;
}

/** Both ways of running Lua in one word. */
function kindOf({ kinds }: HotFunction): string {
  return kinds.join('+').replace('Lua (interpreted)+Lua (JIT)', 'Lua (both)');
}

/** Cut to a number of columns, where one character takes one; a wide one may take two. */
export function fit(line: string, width: number): string {
  const characters = [...line];
  let used = 0;
  for (let i = 0; i < characters.length; i++) {
    used += columnsOf(characters[i]!);
    if (used > width) {
      let kept = characters.slice(0, i);
      while (kept.length > 0 && columnsOfText(kept) + 1 > width) kept = kept.slice(0, -1);
      return `${kept.join('')}…`;
    }
  }
  return line;
}

function columnsOfText(characters: string[]): number {
  return characters.reduce((sum, character) => sum + columnsOf(character), 0);
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

/** East Asian wide characters and emoji take two columns, combining marks none. */
function columnsOf(character: string): number {
  if (/\p{Mark}/u.test(character)) return 0;
  return wide.test(character) || /\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
}
