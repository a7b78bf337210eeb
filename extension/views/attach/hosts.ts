/** The first question of Attach Tracer: which machine. */
import { plain, type Plain } from '../../common/plain';
import { Picker } from '../../ui/questions';
import type { Destination, HostEntry } from '../../remote';
import { hostItems, meantHost, meantItem, type KnownHosts } from './host-items';

export interface HostChoices extends KnownHosts {
  readonly title: Plain;
  readonly configured: Promise<readonly HostEntry[]>;
}

/** undefined: the user left. */
export async function pickHost(choices: HostChoices): Promise<Destination | undefined> {
  const pick = new Picker<Destination>(choices.title, plain`Choose a host, or type user@host`);
  pick.busy = true;
  let entries: readonly HostEntry[] = [];
  const show = (): void => {
    const items = hostItems(choices, entries, pick.typed);
    pick.offer(items, meantItem(items, pick.typed));
  };
  show();
  const shown = new Promise<Destination | undefined>((resolve) => {
    pick.onDidChangeValue(show);
    pick.onDidAccept((taken) => {
      const items = hostItems(choices, entries, pick.typed);
      const destination = meantHost(items, taken, pick.typed);
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
