import type { Log } from '../common/log';
import type { Account } from './account';
import type { Patience } from '../remote/patience';
import { RemoteError, type Transport } from '../remote/transport';
import { loadOf } from './load';
import { ProbeClient } from './client';
import type { Landed } from './deploy';
import { ProbeError, type Hello, type Missing } from './session';

export interface StartingOptions extends Pick<
  Patience,
  'onProgress' | 'onWaiting' | 'keepWaiting'
> {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** This sampler and no other; undefined: the best that works. */
  readonly sampler?: SamplerName | undefined;
  /**
   * Whether a probe without privilege is of use where no nginx that is there could be traced by it.
   */
  readonly anyProcess?: boolean | undefined;
  /** Of the session that this one goes on for; undefined: it is the first. */
  readonly account?: Account | undefined;
}

/** As the probe's command line calls its samplers. */
const SAMPLERS = ['bpf', 'perf', 'ptrace'] as const;
export type SamplerName = (typeof SAMPLERS)[number];

function commandOf(path: string, sampler?: SamplerName): string[] {
  return [path, 'serve', ...(sampler === undefined ? [] : ['--sampler', sampler])];
}

/** All command lines by which {@link startProbe} starts a probe: no more need be allowed. */
export function commandsOf(path: string): string[][] {
  return [commandOf(path), ...SAMPLERS.map((sampler) => commandOf(path, sampler))];
}

/**
 * Starts a probe with what privilege there is: as root or with capabilities of its own directly,
 * else by `sudo -n`, which may be limited to {@link commandsOf}, else without: then it traces the
 * processes of the user who signed in, by what needs no privilege, and `restriction` says why.
 * Throws ProbeError 'privilege' naming what is missing and what grants it where that would be of no
 * use. A password for sudo would be one more way.
 */
export async function startProbe(
  transport: Transport,
  landed: Landed,
  options: StartingOptions,
): Promise<ProbeClient> {
  const { log, signal, sampler, account } = options;
  const { path, uid } = landed;
  const argv = commandOf(path, sampler);
  const open = async (command: readonly string[], restriction = ''): Promise<ProbeClient> =>
    ProbeClient.open(await transport.spawn([...command]), log, signal, restriction, account, {
      ...options,
      why: () => loadOf(transport),
    });
  const direct = await open(argv);
  const missing = missingPrivileges(direct.hello);
  if (uid === 0 || missing.length === 0) return direct;
  log.info(`The probe runs without ${namesOf(missing)}; trying sudo -n`);
  await direct.close();
  try {
    return await open(['sudo', '-n', '--', ...argv]);
  } catch (error) {
    if (signal.aborted || !isRefusal(error)) throw error;
    const refused = privilege(transport.label, missing, landed, error);
    if (direct.hello.sampler === 'none') throw refused;
    log.info('sudo was refused; going on with what this user may do');
    const restricted = await open(argv, refused.message);
    if (options.anyProcess === true || (await mayTraceAny(restricted))) return restricted;
    await restricted.close();
    throw refused;
  }
}

async function mayTraceAny(client: ProbeClient): Promise<boolean> {
  const masters = await client.list();
  return masters.some(({ workers }) => workers.some(({ refused }) => !refused));
}

/** Only names of capabilities count: what a kernel does not have no privilege can give. */
function missingPrivileges(hello: Hello): Missing[] {
  return hello.missing.filter(({ what }) => /^CAP_(?!SYSLOG)/.test(what));
}

/** Whether sudo itself ended, or is not there, before any probe spoke. */
function isRefusal(error: unknown): error is ProbeError | RemoteError {
  if (error instanceof ProbeError) return error.kind === 'probe-died';
  return error instanceof RemoteError && ['not-found', 'no-exec'].includes(error.kind);
}

/**
 * A command that grants something is never taken from the host's words: an administrator might run
 * it. Nor does one name a file of the user who signed in, who could put another in its place.
 */
function privilege(
  label: string,
  missing: readonly Missing[],
  { path, installed, unfit }: Landed,
  cause: Error,
): ProbeError {
  const fault = installed
    ? `${path} is installed, but has no capabilities that work for this user, and sudo has no ` +
      'rule that lets this user run it'
    : unfit;
  const remedy =
    fault === ''
      ? 'have an administrator install the probe: `acupoint install` in a terminal, followed by ' +
        'the name of this host, or "Save Installation Script for an Administrator" in VS Code, ' +
        'writes what is to be run'
      : `have an administrator install the probe again, by \`acupoint install\`: ${fault}`;
  return new ProbeError(
    'privilege',
    `On ${label} the user who signed in may not trace processes of others (${namesOf(missing)} ` +
      'missing), and sudo asks for a password or refuses. Sign in as root, let this user run ' +
      `sudo without a password, or ${remedy}.`,
    cause instanceof ProbeError || cause instanceof RemoteError ? cause.detail : cause.message,
  );
}

function namesOf(missing: readonly Missing[]): string {
  return missing.map(({ what }) => what).join(', ');
}
