/** The first question of Attach Tracer: which machine. */
import * as vscode from 'vscode';
import {
  formatDestination,
  parseDestination,
  thisMachine,
  type Destination,
  type HostEntry,
} from '../../remote';
import { plainLabel } from '../text';
import { messageOf } from '../../remote/log';

interface HostItem extends vscode.QuickPickItem {
  readonly destination?: Destination;
}

export interface HostChoices {
  readonly title: string;
  /** Whether this machine can be traced at all: only Linux has what it takes. */
  readonly local: boolean;
  readonly recent: readonly string[];
  readonly configured: Promise<readonly HostEntry[]>;
}

/** undefined: the user left. */
export async function pickHost(choices: HostChoices): Promise<Destination | undefined> {
  const pick = vscode.window.createQuickPick<HostItem>();
  pick.title = choices.title;
  pick.placeholder = 'Choose a host, or type user@host';
  pick.matchOnDescription = true;
  pick.busy = true;
  let entries: readonly HostEntry[] = [];
  const show = (): void => {
    pick.items = hostItems(choices, entries, pick.value);
  };
  show();
  const shown = new Promise<Destination | undefined>((resolve) => {
    pick.onDidChangeValue(show);
    pick.onDidAccept(() => {
      const destination = pick.selectedItems[0]?.destination;
      if (destination === undefined) {
        // "user@host…" itself: what is wanted is that a name be typed.
        pick.placeholder = 'Type user@host, host or user@host:port, then press Enter';
        return;
      }
      resolve(destination);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
  });
  pick.show();
  void choices.configured.then((found) => {
    entries = found;
    pick.busy = false;
    show();
  });
  return shown;
}

function hostItems(
  choices: HostChoices,
  configured: readonly HostEntry[],
  typed: string,
): HostItem[] {
  const items: HostItem[] = [];
  if (choices.local) {
    items.push({
      label: '$(vm) This machine',
      description: 'nginx, OpenResty and Kong that run here',
      destination: thisMachine,
    });
  }
  const recent = choices.recent.flatMap((name) => item(name, '$(history)', ''));
  if (recent.length > 0) items.push(separator('Recent'), ...recent);
  const known = new Set(choices.recent);
  const hosts = configured
    .filter((entry) => !known.has(entry.alias))
    .flatMap((entry) => item(entry.alias, '$(remote)', entry.description));
  if (hosts.length > 0) items.push(separator('From your SSH config'), ...hosts);
  items.push(separator('Another host'), typedItem(typed));
  return items;
}

function typedItem(typed: string): HostItem {
  const label = '$(add) user@host…';
  if (typed.trim() === '') {
    return { label, description: 'Type a name or an address above', alwaysShow: true };
  }
  try {
    const destination = parseDestination(typed);
    return {
      label: `$(add) ${plainLabel(formatDestination(destination), 200)}`,
      description: 'Connect over SSH',
      alwaysShow: true,
      destination,
    };
  } catch (error) {
    const why = messageOf(error);
    return { label, description: plainLabel(why, 200), alwaysShow: true };
  }
}

function item(name: string, icon: string, description: string): HostItem[] {
  try {
    const label = `${icon} ${plainLabel(name, 200)}`;
    return [
      { label, description: plainLabel(description, 200), destination: parseDestination(name) },
    ];
  } catch {
    // A name that ssh itself would refuse; it cannot be offered.
    return [];
  }
}

function separator(label: string): HostItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
