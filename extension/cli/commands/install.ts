import { isAccountName, planInstallation, planRemoval, type Grant, type Plan } from '../../probe';
import type { Transport } from '../../remote';
import { defineCommand, type Common, type Terminal } from '../command-line/command';
import { choice, flag, text } from '../command-line/option';
import { UsageError } from '../exit';
import { probesDir, withTransport } from '../far-end';
import { printBytes, printText } from '../output';
import { checkWritable, writeWhole } from '../write-file';

interface Request extends Common {
  readonly remove: boolean;
  readonly by: Grant['by'];
  /** undefined: who signs in. */
  readonly to: Grant['to'] | undefined;
  /** Run it at once. */
  readonly now: boolean;
  /** undefined: stdout. */
  readonly out: string | undefined;
}

export const install = defineCommand({
  name: 'install',
  summary: 'a script by which an administrator of a machine lets a user sample there',
  usage: [
    '[user@host] [options] [--out FILE | --now]',
    '[user@host] --remove [--out FILE | --now]',
  ],
  about: [
    'Prints a script that an administrator of the machine reads and runs as root. It installs the ' +
      "probe of this version in a folder of root's, checks its SHA-256 there, and lets one user or " +
      'group run it. From then on that probe is used where it is unchanged, and nothing is copied ' +
      'to the machine.',
  ],
  options: {
    for: text({
      flag: 'for',
      value: 'USER',
      help:
        'who may run it (who signs in): by membership of the group acupoint, which is made for ' +
        'that, or by sudo',
    }),
    group: text({
      flag: 'group',
      value: 'NAME',
      help: 'a group of the machine whose members may run it, instead',
    }),
    by: choice({
      flag: 'by',
      value: 'WAY',
      of: ['capabilities', 'sudo'],
      default: undefined,
      otherwise: 'capabilities',
      noun: 'a way to grant it',
      help: 'the way to grant it',
      more:
        'capabilities are those alone with which it samples, kept in the file; sudo is a rule by ' +
        'which sudo runs it as root, asks for no password, and takes no other arguments, for ' +
        'machines where files can hold no capabilities',
    }),
    out: text({
      flag: 'out',
      short: 'o',
      value: 'FILE',
      help: 'write the script there; on a terminal it is printed without the probe, to read',
    }),
    now: flag({ flag: 'now', help: 'run it at once, where root signs in' }),
    remove: flag({
      flag: 'remove',
      help: 'print, write or run a script that takes all of it away',
    }),
  },
  notes: [
    'For example: acupoint install web1 --out install.sh; then, on web1: sudo sh install.sh',
    'Whoever may run the probe can see what nginx workers and other processes have in memory.',
  ],
  read: (values, common): Request => {
    const { for: user, group, by, out, now, remove } = values;
    if (user !== undefined && group !== undefined)
      throw new UsageError('Give --for or --group, not both.');
    if (remove && (by ?? user ?? group) !== undefined)
      throw new UsageError(
        '--remove takes all away: it goes with none of --for, --group and --by.',
      );
    if (now && out !== undefined)
      throw new UsageError('--now runs the script: there is nothing to write to --out.');
    return { ...common, remove, by: by ?? 'capabilities', to: grantee(user, group), now, out };
  },
  run,
});

function grantee(user: string | undefined, group: string | undefined): Grant['to'] | undefined {
  const name = user ?? group;
  if (name === undefined) return undefined;
  if (!isAccountName(name))
    throw new UsageError(`"${name}" cannot be the name of a user or group.`);
  return user === undefined ? { group: name } : { user: name };
}

/** A script for the administrator of a machine, printed, written or run. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const { messages } = terminal;
  const { out, remove, by, to, now } = request;
  if (out !== undefined) await checkWritable(out);
  await withTransport(request, terminal, async (transport) => {
    const plan = remove
      ? await planRemoval(transport)
      : await planInstallation(transport, probesDir, by, to);
    messages.clear();
    if (now) messages.say(await plan.run());
    else if (out !== undefined) {
      await writeWhole(out, Buffer.from(plan.script));
      messages.say(`Written to ${out}. ${adviceOn(transport, plan)}`);
    } else if (process.stdout.isTTY) {
      printText(plan.review);
      const how = plan.sha256 === '' ? '' : ' This was to read: --out FILE writes all of it.';
      messages.say(`${adviceOn(transport, plan)}${how}`);
    } else printBytes(Buffer.from(plan.script));
  });
}

function adviceOn(transport: Transport, { sha256 }: Plan): string {
  const probe = sha256 === '' ? '' : ` The probe has the SHA-256 ${sha256}.`;
  return `An administrator runs it as root on ${transport.label}: sudo sh FILE.${probe}`;
}
