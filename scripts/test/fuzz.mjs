// Fuzzes the readers of what targets and the wire write, under AddressSanitizer and UBSan.
//
//   node scripts/test/fuzz.mjs [--seconds N] [TARGET...]      N in all, divided among the targets; 60
//
// Inputs to start from: test/native/fuzz/corpus/TARGET, and what is made here of files that are there anyway. What was
// found once stays in that corpus. A finding is left in native/probe/build/test/fuzz/found; exit code 1.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const SOURCES = 'test/native/fuzz';
const BUILD = 'native/probe/build/test/fuzz';
const FOUND = join(BUILD, 'found');
const RECORDINGS = 'test/native/replay/recordings/x86_64';
/** The longest input, in bytes: what a file or a VM needs to be one. */
const TARGETS = {
  elf: { longest: 65536, more: smallPrograms },
  frames: { longest: 65536, more: smallPrograms },
  inbox: { longest: 4096 },
  texts: { longest: 2048 },
  vm: { longest: 300_000 },
  walk: { longest: 65536, more: recordedWalks },
};
const CAP_MB = 1024;
const SECONDS_AN_INPUT = 5;

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '60' } },
  allowPositionals: true,
});
const wanted = positionals.length ? positionals : Object.keys(TARGETS);
const unknown = wanted.filter((name) => !(name in TARGETS));
if (unknown.length > 0 || !(Number(values.seconds) > 0)) {
  console.error(`Usage: fuzz.mjs [--seconds N] [${Object.keys(TARGETS).join(' ')}]`);
  process.exit(2);
}
const failed = wanted.filter((name) => !fuzz(name, Number(values.seconds) / wanted.length));
process.exitCode = failed.length > 0 ? 1 : 0;

function fuzz(name, seconds) {
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
    TARGETS[name].more?.(corpus);
    return run(name, corpus, seconds);
  } finally {
    rmSync(corpus, { recursive: true, force: true });
  }
}

function run(name, corpus, seconds) {
  const options = {
    max_total_time: Math.max(1, Math.round(seconds)),
    max_len: TARGETS[name].longest,
    timeout: SECONDS_AN_INPUT,
    rss_limit_mb: CAP_MB,
    use_value_profile: 1,
    print_final_stats: 1,
    artifact_prefix: `${resolve(FOUND)}/${name}-`,
  };
  const flags = Object.entries(options).map(([key, value]) => `-${key}=${value}`);
  const { status, stderr } = spawnSync(join(BUILD, name), [...flags, corpus], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const runs = /number_of_executed_units:\s*(\d+)/.exec(stderr)?.[1] ?? '0';
  const covered = [...stderr.matchAll(/cov: (\d+)/g)].at(-1)?.[1] ?? '0';
  console.log(
    `${name}: ${runs} inputs, ${covered} edges${status === 0 ? '' : ', FOUND SOMETHING'}`,
  );
  if (status === 0) return true;
  console.log(stderr.slice(-8000));
  console.log(
    `The input is in ${FOUND}. Mend the reader, then keep the input in ${SOURCES}/corpus/${name}.`,
  );
  return false;
}

/** Real ELF files, small enough to be changed all over. */
function smallPrograms(corpus) {
  for (const path of ['/usr/bin/true', '/usr/bin/env', '/usr/lib/x86_64-linux-gnu/libdl.so.2']) {
    if (existsSync(path)) copyFileSync(path, join(corpus, basename(path)));
  }
}

/** Memory of real VMs in all the states that were recorded. */
function recordedWalks(corpus) {
  execFileSync('make', ['-s', '-j2', '-C', 'test/native/replay'], { stdio: 'inherit' });
  const walks = `native/probe/build/test/replay/x86_64-on-x86_64/walks`;
  for (const file of readdirSync(RECORDINGS).filter((name) => name.endsWith('.gz'))) {
    execFileSync(walks, ['bytes', join(RECORDINGS, file), join(corpus, file)]);
  }
}
