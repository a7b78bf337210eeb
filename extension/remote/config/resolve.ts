import { rawText } from '../../common/outside';
import { execFile } from 'node:child_process';
import SSHConfig from 'ssh-config';
import type { SshDestination } from '../destination';
import { messageOf, type Log } from '../log';
import { RemoteError } from '../transport';
import { readConfig, systemConfigFile, userConfigFile } from './files';
import type { HostConfig, Settings } from './host-config';
import { interpret, surroundings } from './interpret';

/** `Match exec` may run what it likes. */
const EVALUATE_MS = 10_000;

export interface ResolveOptions {
  /** Instead of the user's and the system's. */
  readonly configFile?: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  /**
   * The ssh client that evaluates the configuration; where it is not there, we do as well as we
   * can.
   */
  readonly sshProgram?: string;
}

/**
 * What the ssh configuration says of a host; user and port of the destination come before those of
 * the configuration. Throws RemoteError 'config' when the configuration cannot be read.
 */
export async function resolveConfig(
  destination: SshDestination,
  options: ResolveOptions,
): Promise<HostConfig> {
  const settings =
    (await evaluateBySsh(destination, options)) ?? (await evaluateHere(destination, options));
  return interpret(settings, destination.host, surroundings());
}

/** Undefined where there is no ssh client. */
function evaluateBySsh(
  { host, user, port }: SshDestination,
  { configFile, signal, log, sshProgram = 'ssh' }: ResolveOptions,
): Promise<Settings | undefined> {
  const args = [
    '-G',
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    '--',
    host,
  ];
  return new Promise((resolve, reject) => {
    const options = { timeout: EVALUATE_MS, maxBuffer: 4 * 1024 * 1024, signal };
    execFile(sshProgram, args, options, (error, stdout, stderr) => {
      if (!error) resolve(parseSettings(stdout));
      else if (signal.aborted) reject(new RemoteError('cancelled', 'Connecting was cancelled.'));
      else if (error.code === 'ENOENT') {
        log.info('There is no ssh client here; reading the ssh configuration without it');
        resolve(undefined);
      } else reject(unreadable(stderr.trim() || error.message));
    });
  });
}

/** What `ssh -G` prints: a keyword and its value on each line. */
export function parseSettings(text: string): Settings {
  const settings = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const [, keyword, value] = /^(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (keyword !== undefined && value !== undefined) add(settings, keyword, value);
  }
  return settings;
}

async function evaluateHere(
  { host, user, port }: SshDestination,
  { configFile }: ResolveOptions,
): Promise<Settings> {
  const files = configFile === undefined ? [userConfigFile(), systemConfigFile] : [configFile];
  const settings = new Map<string, string[]>();
  try {
    const text = (await Promise.all(files.map((file) => readConfig(file)))).join('\nHost *\n');
    // `Match exec` would run commands of the configuration through a shell, and is left out.
    const computed = SSHConfig.parse(text).compute(host, { matchExec: false, ignoreCase: true });
    for (const [keyword, value] of Object.entries(computed)) {
      for (const each of [value].flat()) add(settings, keyword, asPrinted(keyword, String(each)));
    }
  } catch (error) {
    throw unreadable(rawText(messageOf(error)));
  }
  if (user !== undefined) settings.set('user', [user]);
  if (port !== undefined) settings.set('port', [String(port)]);
  return settings;
}

function add(settings: Map<string, string[]>, keyword: string, value: string): void {
  const key = keyword.toLowerCase();
  settings.set(key, [...(settings.get(key) ?? []), value]);
}

/** Lists of files are taken apart at blanks later on: a name with blanks needs its quotes again. */
function asPrinted(keyword: string, value: string): string {
  return /knownhostsfile$/i.test(keyword) && /\s/.test(value) ? `"${value}"` : value;
}

function unreadable(detail: string): RemoteError {
  return new RemoteError(
    'config',
    `Your ssh configuration could not be read: ${detail.split('\n')[0] ?? ''}. ` +
      'Correct it so that `ssh` itself accepts it, then connect again.',
    detail,
  );
}
