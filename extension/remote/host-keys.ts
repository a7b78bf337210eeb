import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  formatKnownHost,
  knownHostName,
  knownTypes,
  parseKnownHosts,
  standingOf,
  typeOfKey,
  type KnownHost,
} from './known-hosts';
import type { Log } from './log';
import { RemoteError } from './transport';

export interface HostKeyPolicy {
  /** Resolved name or address, and port. */
  readonly host: string;
  readonly port: number;
  /** HostKeyAlias: the name to look for instead, without a port. */
  readonly alias: string | undefined;
  /** The user's and the system's known_hosts; only read. */
  readonly files: readonly string[];
  /** The extension's own file, in the same format: accepted keys go there. */
  readonly ownFile: string;
  /** StrictHostKeyChecking yes: what is not known is refused without asking. */
  readonly strict: boolean;
}

/** Whether the user accepts an unknown key. */
export type AskHostKey = (question: UnknownKey) => Promise<boolean>;

export interface UnknownKey {
  readonly host: string;
  readonly keyType: string;
  readonly fingerprint: string;
  readonly otherKnownTypes: readonly string[];
}

/** "SHA256:..." as `ssh-keygen -lf` prints it: base64 without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/**
 * Judges the host key of one connection: once, since the server shows it again each time keys are
 * renewed.
 */
export class HostKeys {
  private accepted: Buffer | undefined;
  private unsaved: string | undefined;

  private constructor(
    private readonly policy: HostKeyPolicy,
    private readonly entries: readonly KnownHost[],
    private readonly log: Log,
  ) {}

  static async load(policy: HostKeyPolicy, log: Log): Promise<HostKeys> {
    const entries = await Promise.all([...policy.files, policy.ownFile].map(readEntries));
    return new HostKeys(policy, entries.flat(), log);
  }

  /** Types of key that are known for this host, in the order of the files. */
  get knownTypes(): string[] {
    return knownTypes(this.entries, this.name);
  }

  /** Whether this very key was accepted on this connection. */
  isAccepted(key: Buffer): boolean {
    return this.accepted?.equals(key) === true;
  }

  /** Resolves when the key may be used; throws RemoteError 'host-key-...'. */
  async check(key: Buffer, ask: AskHostKey): Promise<void> {
    if (this.isAccepted(key)) return;
    if (this.accepted) {
      throw refused(
        'host-key-changed',
        this.name,
        'it showed another key during the connection',
        '',
      );
    }
    const keyType = typeOfKey(key) ?? 'unknown';
    const fingerprint = fingerprintOf(key);
    const standing = standingOf(this.entries, this.name, keyType, key);
    switch (standing.kind) {
      case 'known':
        this.log.info(`Host key ${keyType} ${fingerprint} is known from ${placeOf(standing.at)}`);
        break;
      case 'revoked':
        throw refused(
          'host-key-revoked',
          this.name,
          `its key ${fingerprint} is marked as revoked in ${placeOf(standing.at)}`,
          'Whoever holds this key is not to be trusted. Ask the administrator of the host.',
        );
      case 'changed':
        throw this.changed(fingerprint, standing.at);
      case 'unknown':
        await this.decide(key, ask, { keyType, fingerprint, otherKnownTypes: standing.otherTypes });
    }
    this.accepted = key;
  }

  /** Keeps a key that the user accepted; to be called once the host has proved that it holds it. */
  async save(): Promise<void> {
    const line = this.unsaved;
    if (line === undefined) return;
    this.unsaved = undefined;
    const { ownFile } = this.policy;
    await mkdir(dirname(ownFile), { recursive: true, mode: 0o700 });
    await appendFile(ownFile, line, { mode: 0o600 });
    this.log.info(`Kept the host key of ${this.name} in ${ownFile}`);
  }

  private get name(): string {
    const { alias, host, port } = this.policy;
    return alias === undefined ? knownHostName(host, port) : alias.toLowerCase();
  }

  private async decide(
    key: Buffer,
    ask: AskHostKey,
    shown: Omit<UnknownKey, 'host'>,
  ): Promise<void> {
    const host = this.name;
    const { keyType, fingerprint } = shown;
    if (this.policy.strict) {
      throw refused(
        'host-key-rejected',
        host,
        `its key ${fingerprint} is not known, and your ssh config has StrictHostKeyChecking yes`,
        `Connect once with ssh, or add the key to ${this.policy.files[0] ?? 'known_hosts'}.`,
      );
    }
    if (!(await ask({ host, ...shown }))) {
      throw refused('host-key-rejected', host, `its key ${fingerprint} was not accepted`, '');
    }
    this.unsaved = formatKnownHost(host, keyType, key);
  }

  private changed(fingerprint: string, at: KnownHost): RemoteError {
    return refused(
      'host-key-changed',
      this.name,
      `its ${at.keyType} key is now ${fingerprint}, but ${placeOf(at)} knows ` +
        `${fingerprintOf(at.key)}`,
      'Someone may be between you and the host, or the host was set up anew. If you know that ' +
        'it was: ' +
        `ssh-keygen -R '${this.name}' -f '${at.file}', then connect again.`,
    );
  }
}

function placeOf({ file, line }: KnownHost): string {
  return `${file}:${line}`;
}

function refused(
  kind: 'host-key-changed' | 'host-key-rejected' | 'host-key-revoked',
  host: string,
  why: string,
  next: string,
): RemoteError {
  return new RemoteError(kind, `The connection to ${host} was refused: ${why}. ${next}`.trim());
}

/** A file that is not there, or may not be read, knows nothing. */
async function readEntries(file: string): Promise<KnownHost[]> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'), file);
  } catch {
    return [];
  }
}
