/**
 * Does the same probe work on every kernel? Boots Debian's kernels under emulation with nginx and
 * Lua inside, records the worker there and holds the profile to what the gateway knows of itself.
 * Prints a table and, last, one line of JSON; exit code 1 where a bar is missed. `--short`: two
 * kernels, and one of arm64 where the probe for it is built. `--only WORDS`: those whose name ("6.1 x86_64") has the words. `--probe FILE`: another
 * binary, with FILE-record beside it, on the kernels of its architecture. `--keep FOLDER`: what each machine printed.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../fixtures/root';
import { fileSystem, kernelImage } from './boot';
import { type Findings, readFindings } from './findings';
import { judge } from './judge';
import { type Architecture, type Kernel, KERNELS, titleOf } from './kernels';
import { runMachine } from './machine';
import { tableHead, tableRow } from './table';

interface Options {
  readonly probe: string | undefined;
  readonly keep: string | undefined;
}

interface Row {
  readonly kernel: string;
  readonly found: Findings | undefined;
  readonly seconds: number;
  readonly misses: readonly string[];
}

const TOOLS = ['cpio', 'apt-get', 'dpkg-deb'];

async function prove(kernel: Kernel, options: Options): Promise<Row> {
  const began = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'acupoint-kernel-'));
  const name = titleOf(kernel);
  let found: Findings | undefined;
  let misses: readonly string[];
  try {
    const image = kernelImage(kernel);
    const probe = options.probe ?? builtProbe(kernel.architecture);
    const initramfs = fileSystem(kernel, probe, folder);
    const boot = () => runMachine(kernel.architecture, image, initramfs, folder);
    let transcript = await boot();
    if (transcript.sections.size === 0) {
      console.log(`${name}: the emulated machine fell before its first process. Once more.`);
      transcript = await boot();
    }
    if (options.keep !== undefined) {
      mkdirSync(options.keep, { recursive: true });
      copyFileSync(join(folder, 'serial'), join(options.keep, name.replaceAll(' ', '-')));
    }
    found = readFindings(transcript, hotLines());
    misses = judge(found);
  } catch (error) {
    misses = [error instanceof Error ? error.message : String(error)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const seconds = (performance.now() - began) / 1000;
  console.log(tableRow(kernel, found, seconds, misses));
  return { kernel: name, found, seconds, misses };
}

const probeOf = (architecture: Architecture) =>
  join(repositoryRoot, 'native/probe/build', architecture, 'acupoint-probe');

function builtProbe(architecture: Architecture): string {
  const path = probeOf(architecture);
  if (existsSync(path)) return path;
  throw new Error(`${path} is not there: run make -C native/probe ARCH=${architecture}.`);
}

/** The lines of the gateway's loops, by the loop's name. */
function hotLines(): Map<string, number> {
  const path = join(repositoryRoot, 'test/kernels/guest/gateway.lua');
  const lines = readFileSync(path, 'utf8').split('\n');
  return new Map(
    lines.flatMap((line, index) => {
      const name = /-- hot: (\w+)$/.exec(line)?.[1];
      return name === undefined ? [] : [[name, index + 1] as const];
    }),
  );
}

const MACHINES: Readonly<Record<number, Architecture>> = { 0x3e: 'x86_64', 0xb7: 'aarch64' };

/** @throws where the file is no program for an architecture of the matrix. */
function architectureOf(path: string): Architecture {
  const architecture = MACHINES[readFileSync(path).readUInt16LE(18)];
  if (architecture === undefined) throw new Error(`${path} is not for x86-64 or arm64.`);
  return architecture;
}

function requireTools(kernels: readonly Kernel[]): void {
  const emulators = kernels.map(({ architecture }) => `qemu-system-${architecture}`);
  const missing = [...new Set([...emulators, ...TOOLS])].filter((tool) => {
    try {
      execFileSync('/bin/sh', ['-c', 'command -v "$0"', tool], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length > 0) {
    throw new Error(`Not installed: ${missing.join(', ')}. Run scripts/setup.sh --for kernels.`);
  }
}

/** The short form goes without an architecture for which there is no cross compiler. */
function isBuilt(kernel: Kernel): boolean {
  const built = existsSync(probeOf(kernel.architecture));
  if (!built) console.log(`${titleOf(kernel)}: left out, no probe was built for it.`);
  return built;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      probe: { type: 'string' },
      keep: { type: 'string' },
    },
  });
  const probe = values.probe ?? process.env['ACUPOINT_PROBE'];
  const wanted = KERNELS.filter(
    (kernel) =>
      (kernel.short || !values.short) &&
      titleOf(kernel).includes(values.only) &&
      (probe === undefined || kernel.architecture === architectureOf(probe)) &&
      (!values.short || probe !== undefined || isBuilt(kernel)),
  );
  requireTools(wanted);
  const began = performance.now();
  const rows: Row[] = [];
  console.log(tableHead());
  for (const kernel of wanted) rows.push(await prove(kernel, { probe, keep: values.keep }));
  const misses = rows.flatMap((row) => row.misses.map((miss) => `${row.kernel}: ${miss}`));
  const pass = rows.length > 0 && misses.length === 0;
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ kernels: rows, misses, seconds, pass }, rounded));
  process.exitCode = pass ? 0 : 1;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
