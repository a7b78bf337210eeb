/** KnownHostsCommand of the ssh configuration: a program of the user's own that knows hosts. */
import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { splitArguments } from './config/arguments';
import { fillIn, type Tokens } from './config/tokens';
import { parseKnownHosts, type KnownHost } from './known-hosts';
import type { Log } from '../common/log';
import { fingerprintOf, type PublicKey } from './public-key';
import { RemoteError } from './transport';

const TIME_MS = 15_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** Stands where a file's name stands for other lines. */
export const BY_COMMAND = 'KnownHostsCommand';

export interface KnownHostsCommand {
  /** As the configuration has it, tokens not filled in. */
  readonly command: string;
  readonly tokens: Tokens;
}

/**
 * Asks the command for the keys of a host: before its key is there, to ask for the right type, and then for
 * that key. As ssh does it, there is no shell, tokens stand in arguments alone, and a command that
 * cannot be started knows nothing. Throws RemoteError 'config' when the command fails: ssh connects to
 * nobody then.
 */
export async function runKnownHostsCommand(
  { command, tokens }: KnownHostsCommand,
  host: string,
  key: PublicKey | undefined,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Log },
): Promise<KnownHost[]> {
  const [program, ...templates] = splitArguments(command) ?? [];
  if (program === undefined || !isAbsolute(program)) {
    log.warn(`${BY_COMMAND} was left out: it does not begin with an absolute path: ${command}`);
    return [];
  }
  const all = { ...tokens, ...tokensOf(host, key) };
  const args = templates.map((template) => fillIn(template, all, process.env));
  const stdout = await run(program, args, command, signal, log);
  return parseKnownHosts(stdout, BY_COMMAND);
}

function run(
  program: string,
  args: readonly string[],
  command: string,
  signal: AbortSignal,
  log: Log,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: TIME_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_BYTES,
      signal,
      windowsHide: true,
    } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (stderr.trim() !== '') log.info(`${BY_COMMAND}: ${stderr.trim()}`);
      if (!error) return resolve(stdout);
      if (signal.aborted) {
        return reject(new RemoteError('cancelled', 'Connecting was cancelled.'));
      }
      if (error.code === 'ENOENT' || error.code === 'EACCES') {
        log.warn(`${BY_COMMAND} was left out: ${program} could not be started (${error.code})`);
        return resolve('');
      }
      reject(failed(command, reasonOf(error), stderr));
    });
    // A command that does not read breaks the pipe.
    child.stdin?.on('error', () => undefined).end();
  });
}

function reasonOf(error: Error & { code?: unknown; killed?: boolean; signal?: unknown }): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return `it printed more than ${MAX_BYTES >> 20} MB`;
  }
  if (error.killed === true) return `it did not end within ${TIME_MS / 1000} s`;
  if (typeof error.code === 'number') return `it ended with code ${error.code}`;
  return typeof error.signal === 'string' ? `it ended by ${error.signal}` : error.message;
}

/** The tokens that only this command has, by ssh_config(5). */
function tokensOf(host: string, key: PublicKey | undefined): Tokens {
  return {
    H: host,
    I: key ? 'HOSTNAME' : 'ORDER',
    t: key?.type ?? 'NONE',
    f: key ? fingerprintOf(key.plain) : 'NONE',
    K: key?.plain.toString('base64') ?? 'NONE',
  };
}

function failed(command: string, why: string, detail = ''): RemoteError {
  return new RemoteError(
    'config',
    `The KnownHostsCommand of your ssh config failed: ${why}. Without it the host's key cannot be ` +
      `judged, so ssh would not connect either. Try it in a terminal: ${command}`,
    detail,
  );
}
