/** The rows of the question which machine, and which of them Enter takes. */
import { plain, plainText, type Plain } from '../../common/plain';
import type { Choice } from '../../ui/questions';
import {
  formatDestination,
  parseDestination,
  thisMachine,
  type Destination,
  type HostEntry,
} from '../../remote';
import { messageOf } from '../../common/errors';

type HostItem = Choice<Destination>;

export interface KnownHosts {
  /** Whether this machine can be traced at all: only Linux has what it takes. */
  readonly local: boolean;
  /** Latest first. */
  readonly recent: readonly string[];
}

/**
 * The row that Enter is to take. VS Code would take the one that reads as what was typed, which is
 * another host than the known one whose name somebody has begun to type. undefined: VS Code's.
 */
export function meantItem(items: readonly HostItem[], typed: string): HostItem | undefined {
  const begun = typed.trim().toLowerCase();
  if (begun === '') return undefined;
  const known = items.filter(({ alwaysShow, value }) => alwaysShow !== true && value !== undefined);
  const isThis = ({ value }: HostItem): boolean => value?.kind === 'local';
  const named = known.filter(({ label }) => label.toLowerCase().startsWith(begun));
  return named.find((item) => !isThis(item)) ?? named[0];
}

/**
 * The row that Enter means now: the rows follow what is typed a moment later, so that the one that
 * was taken may be of a name that was not whole yet.
 */
export function meantHost(
  items: readonly HostItem[],
  taken: Destination | undefined,
  typed: string,
): Destination | undefined {
  const name = (of: Destination | undefined): string => (of ? formatDestination(of) : '');
  if (items.some(({ value }) => value !== undefined && name(value) === name(taken))) return taken;
  return (meantItem(items, typed) ?? items.at(-1))?.value;
}

export function hostItems(
  choices: KnownHosts,
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
