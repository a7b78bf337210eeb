/** What `acupoint install` takes. */
import { isAccountName, type Grant } from '../probe';
import { UsageError } from './exit';

export const installOptions = {
  help: { type: 'boolean', short: 'h' },
  verbose: { type: 'boolean', short: 'v' },
  'ssh-config': { type: 'string', short: 'F' },
  for: { type: 'string' },
  group: { type: 'string' },
  by: { type: 'string' },
  out: { type: 'string', short: 'o' },
  now: { type: 'boolean' },
  remove: { type: 'boolean' },
} as const;

export interface InstallRequest {
  readonly remove: boolean;
  readonly by: Grant['by'];
  /** undefined: who signs in. */
  readonly to: Grant['to'] | undefined;
  /** Run it at once. */
  readonly now: boolean;
  /** undefined: stdout. */
  readonly out: string | undefined;
}

interface Values {
  for?: string | undefined;
  group?: string | undefined;
  by?: string | undefined;
  out?: string | undefined;
  now?: boolean | undefined;
  remove?: boolean | undefined;
}

/** @throws UsageError with what is wrong. */
export function installRequest(values: Values): InstallRequest {
  const { for: user, group, by = 'capabilities', out, now = false, remove = false } = values;
  const wrong = (text: string): never => {
    throw new UsageError(text, 'install');
  };
  if (by !== 'capabilities' && by !== 'sudo')
    return wrong(`"${by}" is no way to grant it; capabilities and sudo are.`);
  if (user !== undefined && group !== undefined) wrong('Give --for or --group, not both.');
  if (remove && (values.by ?? user ?? group) !== undefined)
    wrong('--remove takes all away: it goes with none of --for, --group and --by.');
  if (now && out !== undefined) wrong('--now runs the script: there is nothing to write to --out.');
  return { remove, by, to: grantee(user, group), now, out };
}

function grantee(user: string | undefined, group: string | undefined): Grant['to'] | undefined {
  const name = user ?? group;
  if (name === undefined) return undefined;
  if (!isAccountName(name))
    throw new UsageError(`"${name}" cannot be the name of a user or group.`, 'install');
  return user === undefined ? { group: name } : { user: name };
}
