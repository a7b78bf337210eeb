import { join } from 'node:path';
import { resolveConfig } from '../config/resolve';
import { formatDestination, type Destination } from '../destination';
import { HostKeys } from '../host-keys';
import type { ConnectOptions } from '../index';
import type { Prompter } from '../prompter';
import type { Transport } from '../transport';
import { cancelled } from './errors';
import { handshake } from './handshake';
import { openRoute } from './route';
import { SshTransport } from './ssh-transport';

/** See connect() of the room's index. */
export async function connectSsh(
  destination: Extract<Destination, { kind: 'ssh' }>,
  prompter: Prompter,
  options: ConnectOptions,
): Promise<Transport> {
  const { signal, log, onProgress = () => undefined } = options;
  if (signal.aborted) throw cancelled();
  const label = formatDestination(destination);
  onProgress(`Connecting to ${label}`);
  const config = await resolveConfig(destination, options);
  const target = `${config.user}@${config.hostname}`;
  log.info(`Connecting to ${label}: ${target} port ${config.port}`);

  const hostKeys = await HostKeys.load(
    {
      host: config.hostname,
      port: config.port,
      alias: config.hostKeyAlias,
      files: config.knownHostsFiles,
      ownFile: join(options.stateDir, 'known_hosts'),
      strict: config.strictHostKeyChecking,
    },
    log,
  );
  const stream = await openRoute(config, signal);
  onProgress(`Signing in to ${label}`);
  const context = { stream, config, hostKeys, prompter, target, signal, log };
  const client = await handshake(context);
  log.info(`Signed in to ${target}`);
  return new SshTransport(label, client, log);
}
