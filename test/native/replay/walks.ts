/** The program that records walks and makes them again, and what it prints. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../fixtures/root';
import { BURNERS } from '../../truth/burners';

const run = promisify(execFile);

export const replayFolder = join(repositoryRoot, 'test/native/replay');
export const recordingsFolder = join(replayFolder, 'recordings');
export const hostMachine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';

/** Builds it for recordings of one kind of machine. Its path. */
export async function buildWalks(machine: string): Promise<string> {
  await run('make', ['-s', '-j2', '-C', replayFolder, `READ=${machine}`]);
  const build = join(repositoryRoot, 'native/probe/build/test/replay');
  return join(build, `${machine}-on-${hostMachine}`, 'walks');
}

export async function replay(walks: string, recording: string): Promise<string> {
  return (await run(walks, ['replay', recording])).stdout;
}

/** Kinds of machines that there are recordings of. */
export function machines(): string[] {
  return readdirSync(recordingsFolder);
}

/** Names of a machine's recordings, without their endings. */
export function recordingsOf(machine: string): string[] {
  return readdirSync(join(recordingsFolder, machine))
    .filter((name) => name.endsWith('.gz'))
    .map((name) => name.slice(0, -'.gz'.length));
}

const OWN: ReadonlySet<string> = new Set([
  ...['load.lua', 'serve.lua', 'drive.lua'],
  ...Object.keys(BURNERS).map((name) => `${name}.lua`),
]);
const FRAME = /^ {2}(\S+) +(.*?)(?: \(([^)]*):\d+\))?(?: line (\d+))?((?: [a-z-]+)*)$/;

/**
 * For each sample the Lua functions in files of test/truth, pcall and xpcall down to the last of
 * those, from the root to the leaf, as burners.ts writes them. Where the load's driver itself was
 * at work: only what leads to it.
 */
export function chainsOf(text: string): string[][] {
  return text
    .split(/^(?=\d+: )/m)
    .filter(Boolean)
    .map((sample) => {
      const frames = sample.split('\n').flatMap((line) => {
        const [, kind, name = '', file = '', , flags = ''] = FRAME.exec(line) ?? [];
        const own = (kind === 'lua' || kind === 'jit') && OWN.has(file);
        const guarded = kind === 'builtin' && (name === 'pcall' || name === 'xpcall');
        const label = flags.includes('spawned') ? `+${name}` : name;
        return own || guarded ? [{ label, file, own }] : [];
      });
      const last = frames.findLastIndex(({ own }) => own);
      const driving = frames[last]?.file === 'drive.lua';
      return frames.slice(0, driving ? last : last + 1).map(({ label }) => label);
    });
}
