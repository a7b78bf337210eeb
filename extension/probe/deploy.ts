import type { Log } from '../common/log';
import { RemoteError, type Transport, type UploadOptions } from '../remote/transport';
import { chooseProbe, type ProbeBinary } from './choose';
import { REMOVE, SETTLE, SURVEY } from './landing-scripts';
import { ProbeError } from './session';

const SCRIPT_MS = 30_000;
/** Exit codes of a shell for what it may not, or cannot, execute. */
const NOT_EXECUTABLE = 126;

export interface Landed {
  readonly path: string;
  readonly architecture: string;
  /** Who signed in: 0 is root. */
  readonly uid: number;
  /** Whether `path` is what an administrator installed. */
  readonly installed: boolean;
  /** Why an administrator's installation that is there is not used; '' where there is none. */
  readonly unfit: string;
}

interface Survey {
  readonly system: string;
  readonly machine: string;
  readonly uid: number;
  readonly gzip: boolean;
  readonly bad: readonly string[];
  readonly unfit: string;
  readonly installed: string | undefined;
  readonly ready: string | undefined;
  readonly place: string | undefined;
}

/**
 * Finds the probe where an administrator installed it, or where it was put at an earlier time, or
 * puts it where it can be run from. Throws
 * ProbeError 'wrong-architecture' or 'nowhere-to-land', or the transport's RemoteError.
 */
export async function deploy(
  transport: Transport,
  probes: readonly ProbeBinary[],
  log: Log,
  onProgress: (text: string) => void,
): Promise<Landed> {
  const failed = new Map<string, string>();
  for (;;) {
    const survey = await surveyHost(transport, probes, [...failed.keys()]);
    const { uid, unfit } = survey;
    const probe = chooseProbe(probes, survey.system, survey.machine);
    const { architecture } = probe;
    if (survey.installed !== undefined) {
      log.info(`An administrator installed the probe on the host: ${survey.installed}`);
      return { path: survey.installed, architecture, uid, installed: true, unfit };
    }
    if (unfit !== '' && failed.size === 0) {
      log.warn(`What an administrator installed on the host is not used: ${unfit}`);
    }
    if (survey.ready !== undefined) {
      log.info(`The probe is on the host already: ${survey.ready}`);
      return { path: survey.ready, architecture, uid, installed: false, unfit };
    }
    const { place } = survey;
    if (place === undefined) throw nowhere(survey.bad, failed);
    const copying = `Copying the probe to ${transport.label}`;
    onProgress(copying);
    const problem = await land(transport, probe, place, {
      gzip: survey.gzip,
      onProgress: (bytes, of) => onProgress(`${copying}: ${shareOf(bytes, of)}`),
    });
    if (problem === undefined) {
      log.info(`Copied the probe (${probe.content.length} bytes) to ${place}`);
      return { path: place, architecture, uid, installed: false, unfit };
    }
    log.info(`${place} will not do: ${problem}`);
    failed.set(baseOf(place), problem);
  }
}

/** Deletes every probe of ours; resolves with the paths. */
export async function clearHost(transport: Transport, log: Log): Promise<string[]> {
  const result = await transport.exec(['/bin/sh', '-c', REMOVE, 'sh'], { timeoutMs: SCRIPT_MS });
  const removed = result.stdout.toString('utf8').split('\n').filter(Boolean);
  for (const path of removed) log.info(`Removed ${path}`);
  return removed;
}

async function surveyHost(
  transport: Transport,
  probes: readonly ProbeBinary[],
  skip: readonly string[],
): Promise<Survey> {
  const sums = probes.map(({ architecture, sha256 }) => `${architecture}=${sha256}`);
  const result = await transport.exec(['/bin/sh', '-c', SURVEY, 'sh', skip.join('\n'), ...sums], {
    timeoutMs: SCRIPT_MS,
  });
  const lines = result.stdout.toString('utf8').split('\n');
  const all = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const [system] = all('system');
  if (system === undefined) {
    throw new ProbeError(
      'wrong-architecture',
      `${transport.label} did not run a plain shell script, so the probe cannot be landed there. ` +
        'A Linux host is needed, and a user that may run commands on it.',
      `exit code ${result.code}: ${result.stderr.trim()}`,
    );
  }
  return {
    system,
    machine: all('machine')[0] ?? '',
    uid: Number(all('uid')[0] ?? NaN),
    gzip: all('gzip').length > 0,
    bad: all('bad'),
    unfit: all('unfit')[0] ?? '',
    installed: all('installed')[0],
    ready: all('ready')[0],
    place: all('place')[0],
  };
}

/** Undefined when the probe stands at `place` and runs; else why this place will not do. */
async function land(
  transport: Transport,
  probe: ProbeBinary,
  place: string,
  options: UploadOptions,
): Promise<string | undefined> {
  try {
    await transport.upload(probe.content, place, 0o700, options);
  } catch (error) {
    if (error instanceof RemoteError && isAboutThePlace(error)) {
      return error.kind === 'disk-full' ? 'no space is left there' : error.detail || error.message;
    }
    throw error;
  }
  const { code, stderr } = await transport.exec(['/bin/sh', '-c', SETTLE, 'sh', place], {
    timeoutMs: SCRIPT_MS,
  });
  if (code === 0) return undefined;
  if (code === NOT_EXECUTABLE) return 'nothing may be executed there (mounted noexec)';
  return `the probe does not run there: ${stderr.trim() || `exit code ${code}`}`;
}

function shareOf(bytes: number, whole: number): string {
  const [have, all] = [bytes, whole].map((count) => Math.round(count / 1024));
  return `${have} of ${all} KB`;
}

function isAboutThePlace({ kind }: RemoteError): boolean {
  return ['disk-full', 'permission', 'not-found', 'failed'].includes(kind);
}

/** The folder that holds ours, as the survey knows it. */
function baseOf(place: string): string {
  return place.split('/').slice(0, -2).join('/') || '/';
}

function nowhere(bad: readonly string[], failed: ReadonlyMap<string, string>): ProbeError {
  const reasons = [...[...failed].map(([base, why]) => `${base}: ${why}`), ...bad];
  return new ProbeError(
    'nowhere-to-land',
    'The probe found no folder on the host that it could be run from. Tried were ' +
      `${reasons.join('; ')}. Make room in one of them, or mount one without noexec.`,
  );
}
