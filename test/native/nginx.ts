/** A private nginx with Lua for the probe to look at. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startLeashed } from '../fixtures/leash';
import { freePort, waitFor } from '../fixtures/wait';

const MODULES = '/usr/lib/nginx/modules';

export interface Nginx {
  /** Of the master, or of the only process. */
  readonly pid: number;
  readonly port: number;
  readonly prefix: string;
  readonly socket: string;
  workers(): number[];
  /** Asks for a page that costs some Lua. */
  readonly load: () => Promise<void>;
  reload(): void;
  /** Starts a second master with the same configuration, as an upgrade does, and its pid. */
  upgrade(): Promise<number>;
  stop(): Promise<void>;
}

/** Children of a process, by the kernel's own list. */
export function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

interface Options {
  readonly workers?: number;
  readonly single?: boolean;
  /** Whom its workers run as, where it is started by root. */
  readonly user?: string;
  /** nginx heeds the signal to upgrade only when the process that started it is gone. */
  readonly upgradable?: boolean;
  /**
   * Files to lay into the prefix first, by path; and what to say in the http block and outside of
   * it. PREFIX stands for the prefix.
   */
  readonly files?: Readonly<Record<string, string>>;
  readonly http?: string;
  readonly main?: string;
  /** Not to wait until it serves: its workers do not yet, or not for long. */
  readonly mayNotServe?: boolean;
  /** Of each worker; 128 unless given. */
  readonly connections?: number;
  /** A command that runs it. */
  readonly through?: readonly string[];
}

function configuration(prefix: string, port: number, options: Options): string {
  const { workers = 1, single = false, http = '', main = '', user, connections = 128 } = options;
  return `
load_module ${MODULES}/ndk_http_module.so;
load_module ${MODULES}/ngx_http_lua_module.so;
daemon off;
${main}
${user === undefined ? '' : `user ${user};`}
master_process ${single ? 'off' : 'on'};
worker_processes ${workers};
pid nginx.pid;
error_log error.log;
events { worker_connections ${connections}; }
http {
  ${http.replaceAll('PREFIX', prefix)}
  access_log off;
  client_body_temp_path t/a; proxy_temp_path t/b; fastcgi_temp_path t/c;
  uwsgi_temp_path t/d; scgi_temp_path t/e;
  server {
    listen 127.0.0.1:${port};
    listen unix:${prefix}/test.sock;
    location / {
      content_by_lua_block {
        local sum = 0
        for i = 1, 200000 do sum = sum + i % 7 end
        ngx.say(sum)
      }
    }
  }
}
`;
}

/** Starts a command whose parent leaves once the pid file is there, and stays in its place. */
const ORPHAN = '("$@" & until [ -s "$0" ]; do sleep 0.05; done); exec sleep infinity';

function commandOfParent(pid: number): string {
  const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';
  return readFileSync(`/proc/${parent}/cmdline`, 'latin1');
}

/** By its full path, with which alone nginx can start itself again. */
function findNginx(path: string): string {
  const found = path.split(':').find((folder) => existsSync(join(folder, 'nginx')));
  if (found === undefined) throw new Error('nginx is not installed.');
  return join(found, 'nginx');
}

export async function startNginx(options: Options = {}): Promise<Nginx> {
  const prefix = await mkdtemp(join(tmpdir(), 'acupoint-native-'));
  await chmod(prefix, 0o755);
  await mkdir(join(prefix, 't'));
  const port = await freePort();
  await writeFile(join(prefix, 'nginx.conf'), configuration(prefix, port, options));
  for (const [path, content] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(prefix, path)), { recursive: true });
    await writeFile(join(prefix, path), content);
  }
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  const nginx = [findNginx(env.PATH), '-e', 'stderr', '-p', prefix, '-c', 'nginx.conf'];
  const command = options.upgradable
    ? ['/bin/sh', '-c', ORPHAN, join(prefix, 'nginx.pid'), ...nginx]
    : [...(options.through ?? []), ...nginx];
  const server = startLeashed(command[0] ?? '', command.slice(1), { env });
  const load = async () => {
    await (await fetch(`http://127.0.0.1:${port}/`)).text();
  };
  const stop = async () => {
    await server.stop();
    await rm(prefix, { recursive: true, force: true });
  };
  try {
    const pidFile = join(prefix, 'nginx.pid');
    const ready = options.mayNotServe
      ? () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== ''
      : () =>
          load().then(
            () => true,
            () => false,
          );
    await waitFor('nginx to serve', ready, { describe: () => server.output() });
  } catch (error) {
    await stop();
    throw error;
  }
  const pid = Number(readFileSync(join(prefix, 'nginx.pid'), 'utf8'));
  return {
    pid,
    port,
    prefix,
    socket: join(prefix, 'test.sock'),
    workers: () => (options.single ? [pid] : childrenOf(pid)),
    load,
    reload: () => void execFileSync('kill', ['-HUP', String(pid)]),
    upgrade: async () => {
      await waitFor('its parent to leave', () => !commandOfParent(pid).includes(ORPHAN));
      execFileSync('kill', ['-USR2', String(pid)]);
      return waitFor('the second master', () => {
        // The old file moves away before the new one comes.
        if (!existsSync(join(prefix, 'nginx.pid'))) return false;
        const second = Number(readFileSync(join(prefix, 'nginx.pid'), 'utf8'));
        return second !== pid && childrenOf(second).length > 0 && second;
      });
    },
    stop,
  };
}

/** Keeps it busy until `stop` is called. */
export function keepBusy(nginx: Nginx): { stop(): Promise<void> } {
  let wanted = true;
  const loop = async () => {
    // A request may be cut by a reload, which is what the test wants.
    while (wanted) await nginx.load().catch(() => undefined);
  };
  const loops = [loop(), loop()];
  return {
    stop: async () => {
      wanted = false;
      await Promise.all(loops);
    },
  };
}
