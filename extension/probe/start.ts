import type { Log } from '../remote/log';
import { RemoteError, type Transport } from '../remote/transport';
import { ProbeClient } from './client';
import type { Landed } from './deploy';
import { ProbeError, type Hello, type Missing } from './session';

/**
 * Starts a landed probe with what privilege there is: as root or with capabilities of its own
 * directly, else by `sudo -n`. A password for sudo would be one more way, between sudo and giving
 * up. Throws ProbeError 'privilege' naming what is missing and the command that grants it.
 */
export async function startProbe(
  transport: Transport,
  { path, uid }: Landed,
  log: Log,
  signal: AbortSignal,
): Promise<ProbeClient> {
  const direct = await ProbeClient.open(await transport.spawn([path, 'serve']), log, signal);
  if (uid === 0 || missingPrivileges(direct.hello).length === 0) return direct;
  log.info(`The probe runs without ${namesOf(missingPrivileges(direct.hello))}; trying sudo -n`);
  await direct.close();
  try {
    const argv = ['sudo', '-n', '--', path, 'serve'];
    return await ProbeClient.open(await transport.spawn(argv), log, signal);
  } catch (error) {
    if (signal.aborted || !isRefusal(error)) throw error;
    throw privilege(transport.label, missingPrivileges(direct.hello), error);
  }
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

function privilege(label: string, missing: readonly Missing[], cause: Error): ProbeError {
  const remedies = [...new Set(missing.map(({ remedy }) => remedy).filter(Boolean))];
  return new ProbeError(
    'privilege',
    `On ${label} the user who signed in may not trace other processes (${namesOf(missing)} ` +
      'missing), ' +
      'and sudo asks for a password or refuses. Sign in as root, let this user run sudo ' +
      'without a ' +
      `password, or grant the probe what it needs: ${remedies.join('; ')}`,
    cause instanceof ProbeError || cause instanceof RemoteError ? cause.detail : cause.message,
  );
}

function namesOf(missing: readonly Missing[]): string {
  return missing.map(({ what }) => what).join(', ');
}
