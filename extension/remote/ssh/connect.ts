import { join } from 'node:path';
import { resolveConfig } from '../config/resolve';
import { formatDestination, type SshDestination } from '../destination';
import { HostKeys } from '../host-keys';
import type { ConnectOptions } from '../connect-options';
import type { Prompter } from '../prompter';
import type { Transport } from '../transport';
import { offerOf } from './algorithms';
import { cancelled } from './errors';
import { handshake } from './handshake';
import { openRoute } from './open-route';
import { GOODBYE_MS } from './route';
import type { SignedIn } from './signed-in';
import { SshTransport } from './ssh-transport';

interface Journey {
  readonly prompter: Prompter;
  readonly options: ConnectOptions;
  /** Connections that stand on this one. */
  readonly hops: number;
  /** The jump hosts before this one, where the connection that stands on it names them. */
  readonly jumps?: string;
}

/** See connect() of the room's index. */
export async function connectSsh(
  destination: SshDestination,
  prompter: Prompter,
  options: ConnectOptions,
): Promise<Transport> {
  const signedIn = await reach(destination, { prompter, options, hops: 0 });
  return new SshTransport(formatDestination(destination), signedIn, options);
}

/** Signs in to a host, over others where the configuration says so. */
async function reach(destination: SshDestination, journey: Journey): Promise<SignedIn> {
  const { prompter, options, hops, jumps } = journey;
  const { signal, log, onProgress = () => undefined } = options;
  if (signal.aborted) throw cancelled();
  const label = `${formatDestination(destination)}${hops === 0 ? '' : ', a host on the way'}`;
  onProgress(hops === 0 ? 'Connecting' : `Connecting to ${label}`);
  const own = await resolveConfig(destination, options);
  const config = jumps === undefined ? own : { ...own, proxyJump: jumps, proxyCommand: undefined };
  const target = `${config.user}@${config.hostname}`;
  log.info(`Connecting to ${label}: ${target} port ${config.port}`);

  const offer = offerOf(config, log);
  const ownFile = join(options.stateDir, 'known_hosts');
  const hostKeys = await HostKeys.load(config, ownFile, { log, signal });
  const route = await openRoute(destination, config, {
    signal,
    log,
    hops,
    reach: (hop, before) =>
      reach(hop, {
        prompter,
        options,
        hops: hops + 1,
        ...(before === undefined ? {} : { jumps: before }),
      }),
  });
  // The title of the progress names the host itself.
  onProgress(hops === 0 ? 'Signing in' : `Signing in to ${label}`);
  const { stream, isLoopback = false, destroy } = route;
  const to = { stream, config, offer, hostKeys, isLoopback };
  try {
    const client = await handshake({ ...to, prompter, target, signal, log });
    log.info(`Signed in to ${target}`);
    return { client, user: config.user, destroy };
  } catch (error) {
    // A host on the way may be dead as well, and would never confirm the end.
    setTimeout(destroy, GOODBYE_MS).unref();
    throw (await route.explain?.(error)) ?? error;
  }
}
