/** Writes the script by which an administrator lets a user sample, as `acupoint install` does. */
import * as vscode from 'vscode';
import { joined, plain, plainText } from '../common/plain';
import type { FarEnd } from '../capture/far-end';
import { formatDestination, listHosts } from '../remote';
import { askText, askWhereToSave } from '../ui/questions';
import { readArguments } from './attach/arguments';
import { pickHost } from './attach/hosts';
import type { RecentHosts } from './attach/recent';
import { givenUri } from './export';
import type { Notifier } from './notify';
import { overConnection, type ConnectionDependencies } from './over-connection';
import { sshConfigFile } from './settings';

export interface InstallationDependencies extends ConnectionDependencies {
  readonly recent: RecentHosts;
  readonly notifier: Notifier;
  readonly farEnd: () => FarEnd;
  readonly probesDir: string;
}

/** @param raw `{ host?, user?, uri? }`: what is given is not asked. */
export async function saveInstallation(raw: unknown, use: InstallationDependencies): Promise<void> {
  const given = (raw ?? {}) as { user?: unknown };
  const destination =
    readArguments(raw).destination ??
    (await pickHost({
      title: plain`Installation script: host`,
      local: process.platform === 'linux',
      recent: use.recent.names,
      configured: listHosts(sshConfigFile()).catch(() => []),
    }));
  if (destination === undefined) return;
  const user = typeof given.user === 'string' ? given.user : await askUser();
  if (user === undefined) return;
  const host = formatDestination(destination);
  const title = plain`Looking at ${plainText(host, 100)}`;
  const plan = await overConnection(destination, title, use, (transport) =>
    use
      .farEnd()
      .planInstallation(transport, use.probesDir, 'capabilities', granteeOf(user, use.farEnd())),
  );
  if (plan === undefined) return;
  const save = plain`Save Installation Script`;
  const file = givenUri(raw) ?? (await askWhereToSave(save, plain`Save`, 'acupoint-install.sh'));
  if (file === undefined) return;
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(plan.script));
  use.notifier.info(
    joined(
      [
        plain`An administrator reads the script and runs it once, as root on ${host}: sudo sh FILE.`,
        plain`The probe in it has the SHA-256 ${plan.sha256}.`,
      ],
      ' ',
    ),
  );
}

function askUser(): Promise<string | undefined> {
  return askText(new AbortController().signal, {
    title: plain`Installation script: who may sample`,
    prompt: plain`The name of a user of the host. Leave it empty for whoever signs in.`,
    secret: false,
  });
}

/** Throws where it is no name that a user can have. */
function granteeOf(user: string, { isAccountName }: FarEnd): { readonly user: string } | undefined {
  if (user === '') return undefined;
  if (isAccountName(user)) return { user };
  throw new Error(`"${user}" is no name that a user of Linux can have. Give another one.`);
}
