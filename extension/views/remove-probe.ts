/** Deletes what was landed on a host: the probe is kept there so that the next attach is quick. */
import { plain, plainText } from '../common/plain';
import { hostArgument } from './attach/attach';
import { readArguments } from './attach/arguments';
import { pickHost } from './attach/hosts';
import type { RecentHosts } from './attach/recent';
import type { Captures } from '../capture/captures';
import { isOver } from '../capture/state';
import type { FarEnd } from '../capture/far-end';
import { formatDestination, listHosts } from '../remote';
import type { Notifier } from './notify';
import { overConnection, type ConnectionDependencies } from './over-connection';
import { sshConfigFile } from './settings';

export interface RemoveDependencies extends ConnectionDependencies {
  readonly captures: Captures;
  readonly recent: RecentHosts;
  readonly notifier: Notifier;
  readonly farEnd: () => FarEnd;
}

export async function removeProbeFrom(raw: unknown, use: RemoveDependencies): Promise<void> {
  const destination =
    readArguments(raw).destination ??
    (await pickHost({
      title: plain`Remove Probe: host`,
      local: process.platform === 'linux',
      recent: use.recent.names,
      configured: listHosts(sshConfigFile()).catch(() => []),
    }));
  if (destination === undefined) return;
  const host = formatDestination(destination);
  const used = use.captures.all.find(
    (capture) =>
      !isOver(capture.state) && JSON.stringify(capture.destination) === JSON.stringify(destination),
  );
  if (used !== undefined) {
    use.notifier.warn(plain`The tracer on ${hostArgument(used)} still runs. Stop it first.`);
    return;
  }
  const title = plain`Remove probe from ${plainText(host, 100)}`;
  const removed = await overConnection(destination, title, use, (transport) =>
    use.farEnd().removeProbe(transport, use.log),
  );
  if (removed === undefined) return;
  for (const path of removed) use.log.info(`removed ${path} on ${host}`);
  const what =
    removed.length === 0 ? 'There was no probe' : `The probe was removed (${removed.join(', ')})`;
  use.notifier.info(plain`${what} on ${host}.`);
}
