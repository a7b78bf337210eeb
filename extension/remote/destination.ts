import { RemoteError } from './transport';

/**
 * Which machine: this one, or a name that ssh knows (an alias of the user's ssh config, a host, an
 * address).
 */
export type Destination = { readonly kind: 'local' } | SshDestination;

export interface SshDestination {
  readonly kind: 'ssh';
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

export const thisMachine: Destination = { kind: 'local' };

/**
 * Reads `host`, `user@host`, `user@host:port`, `[v6]:port`, `v6` and `ssh://user@host:port`.
 * A bare IPv6 address has no port. Throws RemoteError 'config' for what is none of these.
 */
export function parseDestination(text: string): SshDestination {
  const trimmed = text
    .trim()
    .replace(/^ssh:\/\//, '')
    .replace(/\/$/, '');
  const at = trimmed.lastIndexOf('@');
  const user = at >= 0 ? trimmed.slice(0, at) : undefined;
  const { host, port } = splitPort(trimmed.slice(at + 1), text);
  if (user === '' || !isPlausible(host) || (user !== undefined && !isPlausible(user))) {
    throw unreadable(text);
  }
  return {
    kind: 'ssh',
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
  };
}

/** The text that parseDestination reads back; "This machine" for the local one. */
export function formatDestination(destination: Destination): string {
  if (destination.kind === 'local') return 'This machine';
  const { host, user, port } = destination;
  const shown = port !== undefined && host.includes(':') ? `[${host}]` : host;
  return `${user === undefined ? '' : `${user}@`}${shown}${port === undefined ? '' : `:${port}`}`;
}

function splitPort(text: string, whole: string): { host: string; port?: number } {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(text);
  if (bracketed) return withPort(bracketed[1] ?? '', bracketed[2], whole);
  // Two colons without brackets can only be an IPv6 address.
  if ((text.match(/:/g) ?? []).length !== 1) return { host: text };
  const colon = text.indexOf(':');
  return withPort(text.slice(0, colon), text.slice(colon + 1), whole);
}

function withPort(
  host: string,
  digits: string | undefined,
  whole: string,
): { host: string; port?: number } {
  if (digits === undefined) return { host };
  const port = Number(digits);
  if (!/^\d+$/.test(digits) || port < 1 || port > 65535) throw unreadable(whole);
  return { host, port };
}

/**
 * A leading dash would be read as an option by ssh; blanks and control characters are never meant.
 */
function isPlausible(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= 255 &&
    !name.startsWith('-') &&
    !/[\s\x00-\x1f\x7f[\]]/.test(name)
  );
}

function unreadable(text: string): RemoteError {
  return new RemoteError(
    'config',
    `"${text}" does not name a host. Type a host of your ssh config, user@host or user@host:port.`,
  );
}
