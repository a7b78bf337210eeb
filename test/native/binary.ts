/** The probe that was built for this machine. */
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';

const ARCHITECTURES: Partial<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

export function probePath(): string {
  const path =
    process.env['ACUPOINT_PROBE'] ??
    join(
      repositoryRoot,
      'native/probe/build',
      ARCHITECTURES[process.arch] ?? process.arch,
      'acupoint-probe',
    );
  if (!existsSync(path)) throw new Error(`${path} is not there: run make -C native/probe.`);
  return path;
}

/** The same probe, which writes what it recorded: what the shipped one says on the wire alone. */
export function recorderPath(): string {
  return `${probePath()}-record`;
}

let forAnyone: string | undefined;

/** A copy that every user may run: the repository may lie in a folder that is closed to others. */
export function probeForAnyone(): string {
  if (forAnyone === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'acupoint-anyone-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    chmodSync(folder, 0o755);
    forAnyone = join(folder, 'acupoint-probe');
    for (const [from, to] of [
      [probePath(), forAnyone],
      [recorderPath(), `${forAnyone}-record`],
    ] as const) {
      copyFileSync(from, to);
      chmodSync(to, 0o755);
    }
  }
  return forAnyone;
}

export const recorderForAnyone = () => `${probeForAnyone()}-record`;

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface HowToRun {
  /** By that user id, without any capability. */
  readonly as?: number;
  readonly timeoutMs?: number;
}

/** Runs the probe to its end. */
export function runProbe(args: readonly string[], options: HowToRun = {}): Promise<Run> {
  return run(options.as === undefined ? probePath() : probeForAnyone(), args, options);
}

/** Runs the recorder to its end. */
export function runRecorder(args: readonly string[], options: HowToRun = {}): Promise<Run> {
  return run(options.as === undefined ? recorderPath() : recorderForAnyone(), args, options);
}

function run(binary: string, args: readonly string[], options: HowToRun): Promise<Run> {
  const identity = options.as === undefined ? {} : { uid: options.as, gid: options.as };
  return new Promise((resolve, reject) => {
    execFile(
      binary,
      [...args],
      { maxBuffer: 64 << 20, timeout: options.timeoutMs ?? 60_000, ...identity },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(new Error(error.message));
        else resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}
