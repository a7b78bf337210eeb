import type { Duplex } from 'node:stream';
import type { HostConfig } from '../config/host-config';
import { RemoteError } from '../transport';
import { dial } from './dial';

/**
 * The bytes to the host's ssh server. A route over jump hosts, or through a command, is another
 * stream from here; what comes after does not know the difference.
 */
export async function openRoute(config: HostConfig, signal: AbortSignal): Promise<Duplex> {
  if (config.proxyJump !== undefined) throw unsupported('ProxyJump', config.proxyJump);
  if (config.proxyCommand !== undefined) throw unsupported('ProxyCommand', config.proxyCommand);
  return dial(config, signal);
}

function unsupported(keyword: string, value: string): RemoteError {
  return new RemoteError(
    'config',
    `Your ssh config reaches this host by ${keyword} (${value}), which is not supported yet. ` +
      'Open a tunnel with ssh -L yourself and connect to its local port, or run Acupoint in a ' +
      'window ' +
      'on a machine that reaches the host directly.',
  );
}
