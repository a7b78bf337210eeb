// Fuzzes the readers of what targets, hosts and files say: those in C under AddressSanitizer and UBSan by libFuzzer,
// those of the extension by test/fuzz, which `node scripts/build.mjs --tests` builds.
//
//   node scripts/test/fuzz.mjs [--seconds N] [TARGET...]      N in all, divided among the targets; 60
//   node scripts/test/fuzz.mjs --deep [--scale S] [TARGET...] as many inputs as DEEP says, times S; an hour in all
//   --seed N, --first N: other inputs of the extension's readers, or from one on; what was stopped can go on
//   --processes N: at one time in a deep run; 2
//
// Inputs to start from: test/native/fuzz/corpus/TARGET, and those of fuzz-seeds.mjs. An input found
// once stays in that corpus. A finding is left in native/probe/build/test/fuzz/found; exit code 1.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import * as seeds from './fuzz-seeds.mjs';

const SOURCES = 'test/native/fuzz';
const BUILD = 'native/probe/build/test/fuzz';
const FOUND = join(BUILD, 'found');
/**
 * The longest input, in bytes. Short ones are read many times as fast, and hold all that a reader can meet but for its
 * limits, for which a deep run spends its last inputs on long ones.
 */
const TARGETS = {
  elf: {
    longest: 8192,
    seeds: seeds.programs,
    long: { longest: 65536, seeds: seeds.realPrograms },
  },
  frames: {
    longest: 8192,
    seeds: seeds.unwinding,
    long: { longest: 65536, seeds: seeds.realPrograms },
  },
  inbox: { longest: 4096, seeds: seeds.commands },
  texts: { longest: 2048 },
  vm: { longest: 300_000 },
  walk: { longest: 65536, seeds: seeds.recordedWalks },
};
const LONG_SHARE = 0.01;
/** The exit code of libFuzzer when a signal asks it to end. */
const INTERRUPTED = 72;
const OUTCOMES = { 0: ', 0 findings', [INTERRUPTED]: ', ended by a signal before it was done' };
/** Of the extension; see test/fuzz/targets.ts. */
const EXTENSION = ['wire', 'recordings', 'known-hosts', 'config'];
/** Inputs of a deep run. `frames` reads unwind tables; `inbox` is the wire towards the probe. */
const MILLION = 1_000_000;
const DEEP = { wire: 10 * MILLION, recordings: 10 * MILLION, inbox: 10 * MILLION };
const DEEP_OTHERS = MILLION;
const CAP_MB = 1024;
const SECONDS_AN_INPUT = 5;

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    deep: { type: 'boolean', default: false },
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    processes: { type: 'string', default: '2' },
  },
  allowPositionals: true,
});
const all = [...Object.keys(TARGETS), ...EXTENSION];
const wanted = positionals.length ? positionals : all;
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0 || ![values.seconds, values.scale, values.processes].every(isAmount)) {
  console.error(`Usage: fuzz.mjs [--seconds N | --deep [--scale S]] [${all.join(' ')}]`);
  process.exit(2);
}
let failed = 0;
for (const name of wanted) {
  const bound = values.deep
    ? { runs: Math.ceil((DEEP[name] ?? DEEP_OTHERS) * Number(values.scale)) }
    : { seconds: Number(values.seconds) / wanted.length };
  const whole = EXTENSION.includes(name) ? fuzzExtension(name, bound) : await fuzz(name, bound);
  if (!whole) failed++;
}
process.exitCode = failed > 0 ? 1 : 0;

function isAmount(text) {
  return Number(text) > 0;
}

/**
 * @param {string} name
 * @param {{ runs?: number, seconds?: number }} bound
 */
function fuzzExtension(name, { runs, seconds }) {
  const bound = runs === undefined ? ['--seconds', `${seconds}`] : ['--runs', `${runs}`];
  const chosen = ['--seed', values.seed, '--first', values.first];
  const { status } = spawnSync(process.execPath, ['out/fuzz/main.js', name, ...bound, ...chosen], {
    stdio: 'inherit',
  });
  if (status === 0) return true;
  console.log('Mend the reader, then keep the input as a test of it.');
  return false;
}

async function fuzz(name, bound) {
  execFileSync('make', ['-s', '-C', 'native/probe', 'build/gen/acupoint.pb.h'], {
    stdio: 'inherit',
  });
  execFileSync('make', ['-s', '-C', SOURCES, join('../../..', BUILD, name)], { stdio: 'inherit' });
  mkdirSync(FOUND, { recursive: true });
  const corpus = mkdtempSync(join(tmpdir(), 'acupoint-fuzz-'));
  try {
    const kept = join(SOURCES, 'corpus', name);
    for (const file of existsSync(kept) ? readdirSync(kept) : []) {
      const bytes = readFileSync(join(kept, file));
      writeFileSync(join(corpus, file), file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    }
    const target = TARGETS[name];
    target.seeds?.(corpus);
    let whole = await runs(name, target, corpus, bound);
    if (target.long && bound.runs !== undefined) {
      target.long.seeds(corpus);
      whole = (await runs(name, target.long, corpus, { runs: bound.runs * LONG_SHARE })) && whole;
    }
    return confined(name, corpus) && whole;
  } finally {
    rmSync(corpus, { recursive: true, force: true });
  }
}

/** The same inputs, and those that were found to go other ways, as the probe itself reads: behind its filter. */
function confined(name, corpus) {
  const program = `${name}-confined`;
  execFileSync('make', ['-s', '-C', SOURCES, join('../../..', BUILD, program)], {
    stdio: 'inherit',
  });
  const { status, signal, stdout } = spawnSync(join(BUILD, program), [corpus], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  console.log(
    `${program}: ${stdout.trim()}${status === 0 ? '' : `, ENDED BY ${signal ?? status}`}`,
  );
  return status === 0;
}

async function runs(name, target, corpus, bound) {
  const count = bound.runs === undefined ? 1 : Number(values.processes);
  const each = { ...bound, ...(bound.runs && { runs: Math.ceil(bound.runs / count) }) };
  const all = Array.from({ length: count }, () => run(name, target, corpus, each));
  return (await Promise.all(all)).every((whole) => whole);
}

async function run(name, { longest }, corpus, { runs, seconds }) {
  const began = performance.now();
  const options = {
    ...(runs === undefined ? { max_total_time: Math.max(1, Math.round(seconds)) } : { runs }),
    max_len: longest,
    timeout: SECONDS_AN_INPUT,
    rss_limit_mb: CAP_MB,
    print_final_stats: 1,
    artifact_prefix: `${resolve(FOUND)}/${name}-`,
  };
  const flags = Object.entries(options).map(([key, value]) => `-${key}=${value}`);
  const { status, stderr } = await ended(join(BUILD, name), [...flags, corpus]);
  const done = /number_of_executed_units:\s*(\d+)/.exec(stderr)?.[1] ?? '0';
  const covered = [...stderr.matchAll(/cov: (\d+)/g)].at(-1)?.[1] ?? '0';
  const rss = /peak_rss_mb:\s*(\d+)/.exec(stderr)?.[1] ?? '?';
  const rate = Math.round(Number(done) / ((performance.now() - began) / 1000));
  console.log(
    `${name}: ${done} inputs of up to ${longest} bytes, ${rate} a second, ${covered} edges, peak RSS ${rss} MB` +
      (OUTCOMES[status] ?? ', FOUND SOMETHING'),
  );
  if (status === 0) return true;
  if (status === INTERRUPTED) return false;
  console.log(stderr.slice(-8000));
  console.log(
    `The input is in ${FOUND}. Mend the reader, then keep the input in ${SOURCES}/corpus/${name}.`,
  );
  return false;
}

/** Keeps what it said last, which is enough: a deep run says much. */
function ended(program, flags) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-(1 << 20));
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stderr }));
  });
}
