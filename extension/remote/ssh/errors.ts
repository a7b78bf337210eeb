/** Texts for failed connections, in the words of the user. */
import { RemoteError } from '../transport';

export function networkError(error: Error, host: string, port: number): RemoteError {
  const { code } = error as NodeJS.ErrnoException;
  const detail = `${code ?? ''} ${error.message}`.trim();
  switch (code) {
    case 'ENOTFOUND':
      return new RemoteError(
        'unknown-host',
        `There is no host named ${host}. Check the name, and that you are on the right ` +
          'network (VPN?).',
        detail,
      );
    case 'EAI_AGAIN':
      return new RemoteError(
        'unknown-host',
        `The name ${host} could not be looked up: no name server answers. Check your network.`,
        detail,
      );
    case 'ECONNREFUSED':
      return new RemoteError(
        'unreachable',
        `${host} refuses connections on port ${port}: no SSH server listens there, or it is ` +
          'blocked by a firewall. Check the port and that sshd runs.',
        detail,
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return new RemoteError(
        'unreachable',
        `There is no way to ${host} from here. Check your network or VPN.`,
        detail,
      );
    case 'ETIMEDOUT':
      return new RemoteError(
        'timeout',
        `${host} did not answer on port ${port}. It may be down, or blocked by a ` + 'firewall.',
        detail,
      );
    default:
      return new RemoteError(
        'unreachable',
        `The connection to ${host} port ${port} failed: ${error.message}.`,
        detail,
      );
  }
}

/** An error of the ssh client before it was signed in. */
export function handshakeError(error: Error, host: string, port: number): RemoteError {
  const { code } = error as NodeJS.ErrnoException;
  const { message } = error;
  if (typeof code === 'string' && code.startsWith('E')) return cut(host, `${code} ${message}`);
  if (/before handshake|invalid identification|expected|protocol/i.test(message)) {
    return new RemoteError(
      'unreachable',
      `Port ${port} of ${host} answered, but not as an SSH server, or it ended the connection at ` +
        'once (too many connections, or your address is blocked). Check the port.',
      message,
    );
  }
  if (/too many authentication failures/i.test(message)) {
    return new RemoteError(
      'auth',
      `${host} ended the sign-in after too many attempts. If your agent holds many keys, name ` +
        'the right ' +
        'one by IdentityFile and set IdentitiesOnly yes for this host in your ssh config.',
      message,
    );
  }
  return new RemoteError('failed', `The connection to ${host} failed: ${message}.`, message);
}

export function cut(host: string, detail: string): RemoteError {
  return new RemoteError(
    'connection-lost',
    `${host} ended the connection before you were signed in. Try again; if it stays so, the ` +
      "server's " +
      'own log (journalctl -u ssh) says why.',
    detail,
  );
}

export function tooSlow(host: string, afterMs: number): RemoteError {
  return new RemoteError(
    'timeout',
    `${host} took the connection but said nothing for ${afterMs / 1000} s. It may be ` +
      'overloaded; try again.',
  );
}

export const cancelled = (): RemoteError =>
  new RemoteError('cancelled', 'Connecting was cancelled.');

/** `tried` are the methods in the order they were tried; `notes` why others were not. */
export function notSignedIn(
  target: string,
  tried: readonly string[],
  offered: readonly string[],
  notes: readonly string[],
): RemoteError {
  const list = tried.length > 0 ? tried.join(', ') : 'nothing, since there was nothing to try';
  return new RemoteError(
    'auth',
    `${target} did not let you in. Tried: ${list}. ` +
      `The server takes: ${offered.join(', ') || 'it did not say'}. ` +
      `${notes.map((note) => `${note}. `).join('')}Check the user name, and that the host ` +
      'knows your key.',
    notes.join('\n'),
  );
}
