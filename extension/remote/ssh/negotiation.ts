/** Says what a server offered, and why nothing of it was taken. */
import type { AlgorithmKind, HostConfig } from '../config/host-config';
import { RemoteError } from '../transport';
import type { Offer } from './algorithms';

/** How ssh2 names the lists: in its trace, and in its error. */
const NAMES: readonly (readonly [keyof Offer, RegExp, RegExp])[] = [
  ['kex', /KEX method/, /key exchange algorithm/],
  ['hostKey', /Host key format/, /host key format/],
  ['cipher', /[CS]->[CS] cipher/, /[CS]->[CS] cipher/],
  ['mac', /[CS]->[CS] MAC/, /[CS]->[CS] MAC/],
];
const MOST_NAMES = 30;
const KINDS: Readonly<Record<Exclude<AlgorithmKind, 'userKey'>, string>> = {
  kex: 'key exchange',
  hostKey: 'type of host key',
  cipher: 'cipher',
  mac: 'MAC',
};

/** Collects the server's lists from what ssh2 says while it compares them. */
export class ServerOffer {
  private readonly lists = new Map<keyof Offer, readonly string[]>();

  /** A line of ssh2's trace. */
  hear(line: string): void {
    const [, title, list] = /^Handshake: \(remote\) ([^:]+): (.*)$/s.exec(line) ?? [];
    if (title === undefined || list === undefined) return;
    const kind = NAMES.find(([, trace]) => trace.test(title))?.[0];
    if (kind) this.lists.set(kind, namesIn(list));
  }

  get hostKeys(): readonly string[] {
    return this.lists.get('hostKey') ?? [];
  }

  /** Undefined for an error that is of another kind. */
  explain(message: string, ours: Offer, config: HostConfig): RemoteError | undefined {
    const kind = NAMES.find(([, , error]) => error.test(message))?.[0];
    if (kind === undefined || !/no matching/i.test(message)) return undefined;
    const { option, isChosen } = config.algorithms[kind];
    const theirs = this.lists.get(kind) ?? [];
    const next = isChosen
      ? `${option} of your ssh config decides what is offered here: add what the host takes there, ` +
        'if it is built in and you trust it.'
      : 'The server is either very old, or allows only newer algorithms than are built in here. ' +
        `If you trust what it takes and it is built in, add it by ${option} in your ssh config.`;
    return new RemoteError(
      'config',
      `${config.hostname} and this extension have no ${KINDS[kind]} in common. The host takes: ` +
        `${theirs.join(', ') || 'it did not say'}. Offered was: ${ours[kind].join(', ')}. ${next}`,
      message,
    );
  }
}

/**
 * A server may say anything: only what can be the name of an algorithm is kept, and not what stands in
 * the list to say what else it can (RFC 8308, and OpenSSH's PROTOCOL).
 */
function namesIn(list: string): string[] {
  return list
    .split(',', MOST_NAMES)
    .filter((name) => /^[A-Za-z0-9][A-Za-z0-9@._+-]{0,63}$/.test(name))
    .filter((name) => !/^(?:ext-info|kex-strict)-/.test(name));
}
