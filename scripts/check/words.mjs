// Finds comments and pages that break the rules of wording in CONTRIBUTING.md ("House norms").
//
//   node scripts/check/words.mjs [PATH...]     PATH: files and folders; without one, all in the repository
//
// Prints each finding as file:line and the sentence, and ends with 1 if there is one.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A sentence begins at the start of a comment, or after a full stop. */
const STARTS = /(?:^|[.!?] )((?:What|Whose|Those|That)\b[^.!?]*)/g;
const SLASHES = /\.([ch]|cc|ts|[cm]?js|css|proto|md)$/;
const WORDS = /\b(anew|meanwhile|is (?:told|had))\b/gi;

const files = execFileSync('git', ['ls-files', '-z', ...process.argv.slice(2)], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => (SLASHES.test(file) || marks(file)) && file !== 'CHANGELOG.md');
let found = 0;
for (const file of files) {
  for (const { line, text } of paragraphs(file)) {
    const wrong = [...text.matchAll(STARTS), ...text.matchAll(WORDS)].map(([, words]) => words);
    for (const words of wrong) console.error(`${file}:${line}: ${String(words).slice(0, 100)}`);
    found += wrong.length;
  }
}
if (found > 0) process.exitCode = 1;

/**
 * Texts for a reader, each with the line that it begins in.
 * @param {string} file
 */
function paragraphs(file) {
  /** @type {{ line: number, text: string }[]} */
  const all = [];
  let open = false;
  let inBlock = false;
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const { text, alone, blockGoesOn } = textOf(file, line, inBlock);
    inBlock = blockGoesOn;
    const last = all.at(-1);
    if (text === '') open = false;
    else if (open && alone && last !== undefined) last.text += ` ${text}`;
    else all.push({ line: index + 1, text });
    open = text !== '' && alone;
  }
  return all;
}

/**
 * Comments of languages that begin them otherwise than C.
 * @param {string} file
 */
function marks(file) {
  if (/\.(sh|py|mk|ya?ml|options)$|(^|\/)Makefile$/.test(file)) return /^(\s*)#(.*)/;
  return file.endsWith('.lua') ? /^([^'"`]*?)--(.*)/ : undefined;
}

/**
 * The part of a line that a reader reads; `alone`: it has no code beside it.
 * @param {string} file
 * @param {string} line
 * @param {boolean} inBlock
 */
function textOf(file, line, inBlock) {
  if (file.endsWith('.md'))
    return { text: line.replace(/^[#>*|\s-]+/, ''), alone: true, blockGoesOn: false };
  if (inBlock) {
    const text = line
      .replace(/\*\/.*/, '')
      .replace(/^\s*\*? ?/, '')
      .trim();
    return { text, alone: true, blockGoesOn: !line.includes('*/') };
  }
  const comment = marks(file) ?? /^((?:[^'"`/]|\/(?![/*]))*)(?:\/\/|\/\*\*?)(.*)/;
  const [, before = '', rest] = comment.exec(line) ?? [];
  if (rest === undefined) return { text: '', alone: true, blockGoesOn: false };
  const isBlock = /^[^'"`]*\/\*/.test(line);
  return {
    text: rest.replace(/\*\/.*/, '').trim(),
    alone: before.trim() === '',
    blockGoesOn: isBlock && !line.slice(before.length).includes('*/'),
  };
}
