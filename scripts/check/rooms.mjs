// Holds the floors of the probe's rooms: an include goes down, never up.
//
//   node scripts/check/rooms.mjs [FOLDER]     FOLDER: native/probe unless given
//
// Prints each violation as file:line and ends with 1 if there is one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From the ground floor up. A room may include itself and the rooms before it. */
const ROOMS = [
  'host',
  'confine',
  'walk',
  'native',
  'unwind',
  'luajit',
  'nginx',
  'model',
  'naming',
  'instruments',
  'trace',
  'wire',
  'heap',
  'commands',
  '.',
  // For tests and benches: nothing includes it.
  'record',
];
/** Rooms whose folders are rooms of their own: they may include the room's files, not each other. */
const WITH_SUB_ROOMS = ['instruments'];
/** The files of such a room that know its folders. */
const TABLES = ['table.c', 'walker.bpf.c'];
/** Headers that the build generates. */
const GENERATED = /^(acupoint\.pb|[a-z_]+\.skel)\.h$/;
const SKIPPED = ['build'];

const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../../native/probe');
const violations = sources(root).flatMap((file) => violationsOf(file));
for (const each of violations) console.error(each);
if (violations.length > 0) process.exitCode = 1;

function sources(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => /\.[ch]$/.test(file) && !SKIPPED.some((skipped) => file.startsWith(`${skipped}/`)),
    )
    .sort();
}

function violationsOf(file) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const included = /^\s*#\s*include\s+"([^"]+)"/.exec(line)?.[1];
    if (included === undefined || GENERATED.test(included)) return [];
    const wrong = judge(file, resolve(file, included));
    return wrong ? [`${join(relative('.', root), file)}:${index + 1}: ${wrong}`] : [];
  });
}

/** As the compiler does: beside the file first, then from the probe's folder. */
function resolve(file, included) {
  const beside = join(dirname(file), included);
  return existsSync(join(root, beside)) ? beside : included;
}

/** Says what is wrong with an include, if anything. */
function judge(file, included) {
  const from = roomOf(file);
  const to = roomOf(included);
  for (const { name } of [from, to]) {
    if (!ROOMS.includes(name)) return `room ${name}/ has no floor in scripts/check/rooms.mjs`;
  }
  if (ROOMS.indexOf(to.name) > ROOMS.indexOf(from.name)) {
    return `${from.name}/ includes ${included}, which is on a floor above it`;
  }
  if (to.name !== from.name || to.sub === undefined || to.sub === from.sub) return undefined;
  if (from.sub !== undefined) {
    return `${from.name}/${from.sub}/ includes ${included}, which is its neighbour's`;
  }
  if (TABLES.includes(basename(file))) return undefined;
  return `${file} includes ${included}; of ${from.name}/ only ${TABLES.join(', ')} knows its folders`;
}

/** The room of a file and, where the room is divided, the folder in it. */
function roomOf(file) {
  const [name = '.', ...rest] = dirname(file).split('/');
  return { name, sub: WITH_SUB_ROOMS.includes(name) ? rest[0] : undefined };
}
