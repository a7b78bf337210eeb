// Inputs that the fuzzers of test/native/fuzz start from: made here, of what stands in the
// repository. Small inputs are read fast, and a change of one is likely to change something that
// matters.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const PROGRAM = 'test/native/fuzz/seeds/program.c';
const RECORDINGS = 'test/native/replay/recordings/x86_64';
const WALKS = 'native/probe/build/test/replay/x86_64-on-x86_64/walks';

/** No libraries, and no room between segments: 2 to 5 KB. */
const SMALL = [
  ...['-O2', '-fno-ident', '-nostdlib', '-Wl,-z,norelro', '-Wl,-z,noseparate-code'],
  '-Wl,-z,max-page-size=16',
];
const TABLES = ['-DTABLES', '-fasynchronous-unwind-tables', '-Wl,--eh-frame-hdr'];
const BARE = ['-fno-asynchronous-unwind-tables', '-fno-unwind-tables'];
const STATIC = ['-static', '-no-pie'];
const LIBRARY = ['-shared', '-fPIC'];
const WAYS = {
  tables: [...STATIC, ...TABLES, '-Wl,--build-id'],
  library: [...LIBRARY, ...TABLES],
  debug: [...STATIC, ...BARE, '-g1'],
  bare: [...STATIC, ...BARE],
  pointers: [...STATIC, ...BARE, '-fno-omit-frame-pointer'],
};
const MACHINES = { x86_64: 'x86_64-linux-gnu-', aarch64: 'aarch64-linux-gnu-' };

/** In protobuf's text form; below 128 bytes each, so that a length is one byte. */
const COMMANDS = [
  'list {}',
  'start { pid: 4000000 rate_hz: 99 budget: 200 request_labels: true }',
  'start { master: 12 rate_hz: 4999 }',
  'stop {}',
  'set_rate { rate_hz: 999 }',
  'read_file { pid: 12 path: "/etc/nginx/nginx.conf" }',
  'ping { sent_us: 1234567890123 }',
  'take_heap { pid: 12 max_pause_ms: 500 }',
  'cancel_heap {}',
  'watch { instrument: "allocations" on: true }',
];

/**
 * Meanings of the first byte of an input of `frames` that is no file; see
 * test/native/fuzz/frames.c.
 */
const KINDS = {
  x86_64: { '.eh_frame': 0, '.debug_frame': 1, '.text': 6 },
  aarch64: { '.eh_frame': 2, '.debug_frame': 3, '.text': 5 },
};
const SLJIT = 4;

/** ELF files with all that is read of one. */
export function programs(corpus) {
  for (const { path } of linked(corpus)) leaveOutSections(path);
}

/** The same, and their parts alone: what a change of them leads to is not lost behind a wrong header. */
export function unwinding(corpus) {
  for (const { path, machine } of linked(corpus)) {
    const bytes = readFileSync(path);
    for (const [section, kind] of Object.entries(KINDS[machine])) {
      const part = sectionOf(bytes, section);
      if (part.length > 0) writeFileSync(`${path}${section}`, Buffer.of(kind, ...part));
    }
    leaveOutSections(path);
  }
  writeFileSync(join(corpus, 'sljit'), Buffer.concat([Buffer.of(SLJIT), sljitBlocks()]));
}

/** Files as distributions make them: 15 to 65 KB. */
export function realPrograms(corpus) {
  for (const path of ['/usr/bin/true', '/usr/bin/env', '/usr/lib/x86_64-linux-gnu/libdl.so.2']) {
    if (existsSync(path)) copyFileSync(path, join(corpus, basename(path)));
  }
}

/** Each command to the probe alone, and all of them in one input. */
export function commands(corpus) {
  const each = COMMANDS.map((text) => {
    const flags = ['--encode=acupoint.wire.v1.ToProbe', '-Inative/wire', 'acupoint.proto'];
    const bytes = execFileSync('protoc', flags, { input: `request: 7 ${text}` });
    return Buffer.of(bytes.length, ...bytes);
  });
  // The first byte says how much comes at once.
  const write = (name, bytes) => writeFileSync(join(corpus, name), Buffer.of(4, ...bytes));
  each.forEach((bytes, index) => write(`command-${index}`, bytes));
  write('commands', Buffer.concat(each));
}

/** Memory of real VMs in all the states that were recorded. */
export function recordedWalks(corpus) {
  execFileSync('make', ['-s', '-j2', '-C', 'test/native/replay'], { stdio: 'inherit' });
  for (const file of readdirSync(RECORDINGS).filter((name) => name.endsWith('.gz'))) {
    execFileSync(WALKS, ['bytes', join(RECORDINGS, file), join(corpus, file)]);
  }
}

/** Links the program in each way for each machine that there is a compiler for. */
function linked(corpus) {
  const programs = [];
  for (const [machine, prefix] of Object.entries(MACHINES)) {
    for (const [way, flags] of Object.entries(WAYS)) {
      const path = join(corpus, `${way}.${machine}`);
      try {
        execFileSync(`${prefix}gcc`, [...SMALL, ...flags, '-o', path, PROGRAM]);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
        console.log(`There is no ${prefix}gcc: no seeds of ${machine}.`);
        break;
      }
      if (way === 'tables') linkToDebugFile(path, prefix);
      programs.push({ path, machine });
    }
  }
  if (programs.length === 0) throw new Error('No compiler makes seeds: install gcc.');
  return programs;
}

function linkToDebugFile(path, prefix) {
  const folder = mkdtempSync(join(tmpdir(), 'acupoint-seeds-'));
  try {
    const debug = join(folder, 'program.debug');
    writeFileSync(debug, 'symbols');
    execFileSync(`${prefix}objcopy`, [`--add-gnu-debuglink=${debug}`, path]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Another file, in which segments alone lead to what there is. */
function leaveOutSections(path) {
  const bytes = readFileSync(path);
  bytes.fill(0, 0x28, 0x30);
  bytes.fill(0, 0x3c, 0x40);
  writeFileSync(`${path}.segments`, bytes);
}

/** The bytes of a section of a 64-bit little-endian ELF file; none where it is not there. */
function sectionOf(bytes, wanted) {
  const table = Number(bytes.readBigUInt64LE(0x28));
  const header = (index) => table + 64 * index;
  const offsetOf = (at) => Number(bytes.readBigUInt64LE(at + 24));
  const names = offsetOf(header(bytes.readUInt16LE(0x3e)));
  for (let index = 0; index < bytes.readUInt16LE(0x3c); index++) {
    const at = header(index);
    const name = names + bytes.readUInt32LE(at);
    if (bytes.subarray(name, bytes.indexOf(0, name)).toString() !== wanted) continue;
    return bytes.subarray(offsetOf(at), offsetOf(at) + Number(bytes.readBigUInt64LE(at + 32)));
  }
  return Buffer.alloc(0);
}

/** Memory of PCRE's compiler as its allocator leaves it: a function, a free block, another function. */
function sljitBlocks() {
  // push rbp; push rbx; push r15; sub rsp, 32; mov rax, rdi; add rsp, 32; pop r15; pop rbx; pop rbp; ret
  const code = Buffer.from(
    '5553415748 83ec20 4889f8 4883c420 415f5b5dc3'.replaceAll(' ', ''),
    'hex',
  );
  const block = (length, before, body) => {
    const bytes = Buffer.alloc(length || 64);
    bytes.writeBigUInt64LE(BigInt(length), 0);
    bytes.writeBigUInt64LE(BigInt(before), 8);
    body.copy(bytes, 16);
    return bytes;
  };
  const free = Buffer.alloc(24);
  free.writeBigUInt64LE(64n, 16);
  return Buffer.concat([block(64, 0, code), block(0, 64, free), block(48, 64, code)]);
}
