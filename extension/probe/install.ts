/** The install that an administrator does once for a machine, planned from here. */
import type { Transport } from '../remote/transport';
import { chooseProbe, readProbes } from './choose';
import {
  forReview,
  installScript,
  isAccountName,
  REMOVE_INSTALLATION,
  type Grant,
} from './install-scripts';
import { ProbeError } from './session';

export { isAccountName, type Grant };

const LOOK_MS = 30_000;
const RUN_MS = 120_000;

export interface Plan {
  /** To be run as root by a shell, on the machine that it was planned for. */
  readonly script: string;
  /** To be read: without the probe itself. */
  readonly review: string;
  /** SHA-256 of the probe; '' where none is installed. */
  readonly sha256: string;
  /** Runs it there and resolves with what it says. Throws ProbeError unless root signed in. */
  run(): Promise<string>;
}

/**
 * The name of who signed in stands for a grantee that is not given. Throws ProbeError, or the
 * transport's RemoteError.
 */
export async function planInstallation(
  transport: Transport,
  probesDir: string,
  by: Grant['by'],
  to?: Grant['to'],
): Promise<Plan> {
  const probes = await readProbes(probesDir);
  const host = await lookAt(transport);
  const probe = chooseProbe(probes, host.system, host.machine);
  if (to === undefined && host.uid === 0) {
    throw new ProbeError(
      'other',
      'Root signed in, and needs no installation. Say for whom it is: --for USER or --group NAME.',
    );
  }
  if (to === undefined && !isAccountName(host.user)) {
    throw new ProbeError(
      'other',
      'The host gives a name for who signed in that no user can have. Say for whom it is: --for ' +
        'USER or --group NAME.',
    );
  }
  const script = installScript(probe, { by, to: to ?? { user: host.user } });
  return { ...planOf(transport, script, host), sha256: probe.sha256 };
}

export async function planRemoval(transport: Transport): Promise<Plan> {
  return { ...planOf(transport, REMOVE_INSTALLATION, await lookAt(transport)), sha256: '' };
}

interface Host {
  readonly system: string;
  readonly machine: string;
  readonly uid: number;
  readonly user: string;
}

async function lookAt(transport: Transport): Promise<Host> {
  const script = 'uname -s && uname -m && id -u && id -un';
  const { code, stdout, stderr } = await transport.exec(['/bin/sh', '-c', script], {
    timeoutMs: LOOK_MS,
  });
  const [system = '', machine = '', uid = '', user = ''] = stdout.toString('utf8').split('\n');
  if (code !== 0 || user === '') {
    throw new ProbeError(
      'other',
      `${transport.label} did not say which machine it is and who signed in. A Linux host is ` +
        'needed, and a user that may run commands on it.',
      `exit code ${code}: ${stderr.trim()}`,
    );
  }
  return { system, machine, uid: Number(uid), user };
}

function planOf(transport: Transport, script: string, { uid }: Host): Omit<Plan, 'sha256'> {
  const run = async (): Promise<string> => {
    if (uid !== 0) {
      throw new ProbeError(
        'privilege',
        `Only root can do this at once, and on ${transport.label} another user signed in. Leave ` +
          'out --now, and hand the script to an administrator.',
      );
    }
    const input = Buffer.from(script);
    const result = await transport.exec(['/bin/sh', '-s'], { input, timeoutMs: RUN_MS });
    if (result.code === 0) return `${result.stdout.toString('utf8')}${result.stderr}`.trim();
    const said = result.stderr.trim() || `It ended with exit code ${result.code}.`;
    throw new ProbeError('other', `The script did not do all on ${transport.label}: ${said}`);
  };
  return { script, review: forReview(script), run };
}
