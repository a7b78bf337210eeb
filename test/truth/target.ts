/** A load that runs: on LuaJIT alone, or in the access phase of a private nginx. */
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Leashed, startLeashed } from '../fixtures/leash';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import type { Load } from './loads';
import { luajit, luajit2, nginx, type Program } from './packages';

export const luaFolder = join(repositoryRoot, 'test/truth/lua');

/** CPU seconds of the process, and of them what each burner has had. */
export interface Ledger {
  readonly pid: number;
  readonly cpu: number;
  readonly spent: Readonly<Record<string, number>>;
}

export interface Target {
  readonly version: string;
  /** A folder of its own, which goes with it. */
  readonly folder: string;
  /** @throws once the load has ended. */
  ledger(): Promise<Ledger>;
  /** Resolves with what LuaJIT's own profiler has counted until now, if it was asked for. */
  profile(): Promise<string>;
  stop(): Promise<void>;
}

/** Resolves once it is warm. `profile`: with LuaJIT's own profiler in it. `lua`: luaFolder or a copy. */
export async function startTarget(load: Load, profile: boolean, lua = luaFolder): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'acupoint-truth-'));
  await chmod(folder, 0o777);
  const files = { ledger: join(folder, 'ledger'), profile: join(folder, 'profile') };
  const shares = Object.entries(load.weights).map(([name, weight]) => `${name}=${weight}`);
  const [program, server] =
    load.target === 'nginx'
      ? await startNginx(folder, {
          folder: lua,
          ledger: files.ledger,
          mode: load.mode,
          shares: shares.join(','),
          ...(profile ? { profile: files.profile } : {}),
        })
      : startAlone(load.target === 'luajit' ? luajit() : luajit2(), [
          lua,
          ...[files.ledger, load.mode],
          ...(profile ? ['profile', files.profile] : []),
          ...shares,
        ]);
  const ledger = async () => {
    if (!server.running()) throw new Error(`The load ended. ${server.output()}`);
    return JSON.parse(await readFile(files.ledger, 'utf8')) as Ledger;
  };
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitFor('the load to be warm', () => existsSync(files.ledger) && ledger(), {
      timeoutMs: 60_000,
      describe: () => server.output(),
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const counted = () => readFile(files.profile, 'utf8').catch(() => '');
  return { version: program.version, folder, ledger, profile: counted, stop };
}

function startAlone(program: Program, args: readonly [string, ...string[]]): [Program, Leashed] {
  const { command, env } = program;
  return [program, startLeashed(command, [join(args[0], 'load.lua'), ...args], { env })];
}

async function startNginx(
  folder: string,
  query: Record<string, string> & { folder: string },
): Promise<[Program, Leashed]> {
  const program = nginx();
  const template = await readFile(join(repositoryRoot, 'test/truth/nginx.conf'), 'utf8');
  const conf = template
    .replaceAll('@MODULES@', program.modules)
    .replaceAll('@PREFIX@', folder)
    .replaceAll('@LUA@', query.folder)
    .replaceAll('@USER@', process.getuid?.() === 0 ? 'user root;' : '');
  await writeFile(join(folder, 'nginx.conf'), conf);
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
  const server = startLeashed(program.command, args, { env: program.env });
  const socketPath = join(folder, 'sock');
  await waitFor('nginx', () => existsSync(socketPath), { describe: () => server.output() });
  const path = `/?${new URLSearchParams(query).toString()}`;
  // Never answered: it ends with nginx. The socket is there a moment before nginx listens.
  const send = () =>
    request({ socketPath, path })
      .on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED' && server.running()) setTimeout(send, 25);
      })
      .end();
  send();
  return [program, server];
}
