/** The programs that the loads run on, as Debian and Ubuntu pack them. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';

export interface Program {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
}

const MODULE_FOLDERS = ['/usr/lib/nginx/modules', '/usr/lib64/nginx/modules'];

/** The first of `paths` that is there. @throws where none is, saying what to install. */
function find(paths: readonly string[], install: string): string {
  const found = paths.find(existsSync);
  if (found === undefined) throw new Error(`${paths.join(' or ')}: not there. Install ${install}.`);
  return found;
}

function versionOf(command: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const text = execFileSync('/bin/sh', ['-c', '"$0" "$@" 2>&1', command, ...args], {
    env,
    encoding: 'utf8',
  });
  return text.split('\n')[0]?.replace(/ -- .*/, '') ?? '';
}

export function nginx(): Program & { readonly modules: string } {
  const command = find(['/usr/sbin/nginx', '/usr/bin/nginx'], 'nginx libnginx-mod-http-lua');
  const modules = MODULE_FOLDERS.find((folder) =>
    existsSync(join(folder, 'ngx_http_lua_module.so')),
  );
  if (modules === undefined) throw new Error('No Lua module. Install libnginx-mod-http-lua.');
  return { command, modules, env: process.env, version: versionOf(command, ['-v'], process.env) };
}

/**
 * OpenResty's flavour, which nginx needs and so is installed; ACUPOINT_LUAJIT2 may name a build of
 * another kind, as none is packed without GC64.
 */
export function luajit2(): Program {
  const command = find([process.env['ACUPOINT_LUAJIT2'] ?? '/usr/bin/luajit'], 'luajit2');
  return { command, env: process.env, version: versionOf(command, ['-v'], process.env) };
}

/** The flavour of upstream. It cannot be installed beside the other: it is unpacked instead. */
export function luajit(): Program {
  const folder = join(repositoryRoot, '.cache/truth/luajit');
  if (!existsSync(folder)) unpack(['luajit', 'libluajit-5.1-2', 'libluajit-5.1-common'], folder);
  const libraries = readdirSync(join(folder, 'usr/lib')).map((name) =>
    join(folder, 'usr/lib', name),
  );
  const modules = readdirSync(join(folder, 'usr/share'))
    .filter((name) => name.startsWith('luajit-'))
    .map((name) => join(folder, 'usr/share', name, '?.lua'));
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: libraries.join(':'),
    LUA_PATH: `${modules.join(';')};;`,
  };
  const command = join(folder, 'usr/bin/luajit');
  return { command, env, version: versionOf(command, ['-v'], env) };
}

function unpack(names: readonly string[], folder: string): void {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  execFileSync('apt-get', ['download', ...names], { cwd: partial, stdio: ['ignore', 'pipe', 2] });
  for (const file of readdirSync(partial).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg', ['-x', join(partial, file), partial]);
    rmSync(join(partial, file));
  }
  renameSync(partial, folder);
}
