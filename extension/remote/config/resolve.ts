import { rawText } from '../../common/outside';
import { execFile } from 'node:child_process';
import type { SshDestination } from '../destination';
import { messageOf } from '../../common/errors';
import type { Log } from '../../common/log';
import { RemoteError } from '../transport';
import { evaluate, writtenLines } from './evaluate';
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
 * Reads the ssh configuration for a host; user and port of the destination override those of the
 * configuration. Throws RemoteError 'config' when the configuration cannot be read.
 */
export async function resolveConfig(
  destination: SshDestination,
  options: ResolveOptions,
): Promise<HostConfig> {
  const { configFile, log } = options;
  const files = configFile === undefined ? [userConfigFile(), systemConfigFile] : [configFile];
  const text = (await Promise.all(files.map((file) => readConfig(file)))).join('\nMatch all\n');
  const around = surroundings();
  const settings =
    (await evaluateBySsh(destination, options)) ??
    evaluateHere(text, destination, around.localUser, log);
  return interpret(settings, destination.host, around, writtenLines(text));
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

/** Reads the output of `ssh -G`: a keyword and its value on each line. */
export function parseSettings(text: string): Settings {
  const settings = new Map<string, string[]>();
  for (const line of text.split(/\r?\n/)) {
    const [, keyword, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (keyword === undefined || value === undefined) continue;
    const key = keyword.toLowerCase();
    settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

function evaluateHere(
  text: string,
  { host, user, port }: SshDestination,
  localUser: string,
  log: Log,
): Settings {
  try {
    const { settings, unjudged } = evaluate(text, { host, user, port, localUser });
    for (const name of unjudged) {
      log.warn(`"Match ${name}" of the ssh configuration was left out: only ssh can judge it`);
    }
    return settings;
  } catch (error) {
    throw unreadable(rawText(messageOf(error)));
  }
}

function unreadable(detail: string): RemoteError {
  // ssh says what is wrong, then where, and then that it ends.
  const said = detail.split(/[\r\n]+/).filter((line) => line !== '' && !/: terminating/.test(line));
  return new RemoteError(
    'config',
    `Your ssh configuration could not be read: ${said.slice(0, 2).join('; ').replace(/\.$/, '')}. ` +
      'Correct it so that `ssh` itself accepts it, then connect again.',
    detail,
  );
}
