import type { HostConfig } from '../config/host-config';
import { parseDestination, type SshDestination } from '../destination';
import type { Log } from '../../common/log';
import { RemoteError } from '../transport';
import { dial } from './dial';
import { runProxyCommand } from './proxy-command';
import type { Route } from './route';
import { openTunnel } from './tunnel';
import type { SignedIn } from './signed-in';

/** More would be a loop: nobody has as many. */
const MOST_HOPS = 8;

export interface RouteContext {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Connections that stand on this one. */
  readonly hops: number;
  /** Signs in to a host on the way; `before`: over these, and not as its own configuration says. */
  readonly reach: (hop: SshDestination, before: string | undefined) => Promise<SignedIn>;
}

/**
 * Over jump hosts, through a command, or directly. The steps after it do not know the difference.
 */
export async function openRoute(
  destination: SshDestination,
  config: HostConfig,
  context: RouteContext,
): Promise<Route> {
  const { signal, log, hops, reach } = context;
  if (config.proxyJump !== undefined) {
    const { last, before } = lastJump(config.proxyJump);
    // `Host *` with a jump host is meant for all but the jump host itself.
    if (before !== undefined || !isSame(last, destination)) {
      if (hops >= MOST_HOPS) throw tooFar(config.proxyJump);
      const jump = await reach(last, before);
      const stream = await openTunnel(jump, last.host, config, { signal, log });
      return { stream, destroy: jump.destroy };
    }
  } else if (config.proxyCommand !== undefined) {
    if (config.proxyUseFdpass) throw noFdpass(destination.host);
    for (const name of [destination.host, config.hostname, config.user]) refuseShellText(name);
    return runProxyCommand(config.proxyCommand, log);
  }
  const stream = await dial(config, signal);
  return {
    stream,
    isLoopback: isLoopback(stream.remoteAddress ?? ''),
    destroy: () => stream.destroy(),
  };
}

/** By RFC 1122 and RFC 4291; an IPv4 address may stand in one of IPv6. */
function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

/** The jump host next to the destination, and those before it. */
function lastJump(list: string): { last: SshDestination; before: string | undefined } {
  const comma = list.lastIndexOf(',');
  const last = parseDestination(list.slice(comma + 1));
  return { last, before: comma < 0 ? undefined : list.slice(0, comma) };
}

function isSame(left: SshDestination, right: SshDestination): boolean {
  return left.host === right.host && left.user === right.user && left.port === right.port;
}

function tooFar(list: string): RemoteError {
  return new RemoteError(
    'config',
    `Your ssh config leads over more than ${MOST_HOPS} jump hosts, the last of them ${list}: ` +
      'most likely two of them are the way to each other. Correct its ProxyJump lines.',
  );
}

function noFdpass(host: string): RemoteError {
  return new RemoteError(
    'config',
    `Your ssh config has ProxyUseFdpass yes for ${host}: its ProxyCommand hands over a socket, which ` +
      'is not supported here. Give the host a ProxyCommand that carries the bytes itself, such as ' +
      '`nc %h %p` without -F, or a ProxyJump.',
  );
}

/** A shell reads the command that these stand in: they must be nothing but names to it. */
function refuseShellText(name: string): void {
  if (!/[\s'"`$\\;&<>|(){}*?!#]/.test(name) && !name.startsWith('-')) return;
  throw new RemoteError(
    'config',
    `"${name}" has characters that a shell would act upon, and your ssh config gives it to a ` +
      'ProxyCommand. Give the host a plain alias in your ssh config, and connect to that.',
  );
}
