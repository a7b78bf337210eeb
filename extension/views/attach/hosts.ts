/** The first question of Attach Tracer: which machine. */
import { plain, plainText, type Plain } from '../../common/plain';
import { Picker, type Choice } from '../../ui/questions';
import {
  formatDestination,
  parseDestination,
  thisMachine,
  type Destination,
  type HostEntry,
} from '../../remote';
import { messageOf } from '../../common/errors';

type HostItem = Choice<Destination>;

export interface HostChoices {
  readonly title: Plain;
  /** Whether this machine can be traced at all: only Linux has what it takes. */
  readonly local: boolean;
  readonly recent: readonly string[];
  readonly configured: Promise<readonly HostEntry[]>;
}

/** undefined: the user left. */
export async function pickHost(choices: HostChoices): Promise<Destination | undefined> {
  const pick = new Picker<Destination>(choices.title, plain`Choose a host, or type user@host`);
  pick.busy = true;
  let entries: readonly HostEntry[] = [];
  const show = (): void => {
    pick.choices = hostItems(choices, entries, pick.typed);
  };
  show();
  const shown = new Promise<Destination | undefined>((resolve) => {
    pick.onDidChangeValue(show);
    pick.onDidAccept((destination) => {
      if (destination === undefined) {
        // "user@host…" itself: what is wanted is that a name be typed.
        pick.hint(plain`Type user@host, host or user@host:port, then press Enter`);
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
      icon: 'vm',
      label: plain`This machine`,
      description: plain`nginx, OpenResty and Kong that run here`,
      value: thisMachine,
    });
  }
  const recent = choices.recent.flatMap((name) => item(name, 'history', ''));
  if (recent.length > 0) items.push(separator(plain`Recent`), ...recent);
  const known = new Set(choices.recent);
  const hosts = configured
    .filter((entry) => !known.has(entry.alias))
    .flatMap((entry) => item(entry.alias, 'remote', entry.description));
  if (hosts.length > 0) items.push(separator(plain`From your SSH config`), ...hosts);
  items.push(separator(plain`Another host`), typedItem(typed));
  return items;
}

function typedItem(typed: string): HostItem {
  const unknown = { icon: 'add', label: plain`user@host…`, alwaysShow: true };
  if (typed.trim() === '') {
    return { ...unknown, description: plain`Type a name or an address above` };
  }
  try {
    const destination = parseDestination(typed);
    return {
      ...unknown,
      label: plainText(formatDestination(destination), 200),
      description: plain`Connect over SSH`,
      value: destination,
    };
  } catch (error) {
    return { ...unknown, description: plainText(messageOf(error), 200) };
  }
}

function item(name: string, icon: string, description: string): HostItem[] {
  try {
    const label = plainText(name, 200);
    const value = parseDestination(name);
    return [{ icon, label, description: plainText(description, 200), value }];
  } catch {
    // A name that ssh itself would refuse; it cannot be offered.
    return [];
  }
}

function separator(label: Plain): HostItem {
  return { label, separator: true };
}
