import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { HostConfig } from './config/host-config';
import { authorityRemark, refusals, type Refusals } from './host-key-refusals';
import {
  authorityIn,
  formatKnownHost,
  knownHostName,
  knownTypes,
  linesFor,
  parseKnownHosts,
  placeOf,
  revokedAuthority,
  standingOf,
  type HostLines,
  type HostName,
  type KnownHost,
} from './known-hosts';
import { runKnownHostsCommand } from './known-hosts-command';
import type { Log } from '../common/log';
import type { HostKeyNotice, HostKeyQuestion } from './prompter';
import { fingerprintOf, parsePublicKey, type PublicKey } from './public-key';
import { readCapped } from './read-capped';
import { loadRevokedKeys, type RevokedKeys } from './revoked-keys';
import { RemoteError } from './transport';

const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** The part of the ssh configuration that decides whether a key is accepted. */
export type HostKeyPolicy = Pick<
  HostConfig,
  | 'hostname'
  | 'port'
  | 'hostKeyAlias'
  | 'knownHostsFiles'
  | 'newHosts'
  | 'knownHostsCommand'
  | 'strictHostKeyChecking'
  | 'revokedHostKeys'
  | 'verifyHostKeyDns'
  | 'trustsLoopback'
  | 'requiredRsaBits'
>;

/** The appearance of a server, besides its key. */
export interface Appearance {
  /** It would show a certificate to whoever understands it, and the configuration allows that. */
  readonly offersCertificate: boolean;
  /** It was reached directly, at a loopback address. */
  readonly isLoopback: boolean;
}

/** The user, as far as a host key is concerned. */
export interface Witness {
  readonly ask: (question: UnknownKey) => Promise<boolean>;
  readonly tell: (notice: HostKeyNotice) => void;
}

export type UnknownKey = Omit<HostKeyQuestion, 'target' | 'signal'>;

/** A key that was accepted without a question. */
interface Accepted extends Pick<HostKeyNotice, 'kind' | 'remarks'> {
  readonly key: PublicKey;
  readonly known: KnownHost | undefined;
}

interface Surroundings {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Judges the host key of one connection: once, since the server shows it again each time keys are
 * renewed. StrictHostKeyChecking means what it means to ssh, but that a revoked key is refused by each
 * of its values.
 */
export class HostKeys {
  private accepted: Buffer | undefined;
  private unsaved: string | undefined;
  private changed = false;

  private constructor(
    private readonly policy: HostKeyPolicy,
    /** The extension's own file, in the same format: accepted keys go there. */
    private readonly ownFile: string,
    private readonly host: HostName,
    private readonly known: HostLines,
    /** With the answer of the KnownHostsCommand to the question which types to ask for. */
    private readonly expected: HostLines,
    private readonly revoked: RevokedKeys,
    private readonly around: Surroundings,
  ) {}

  /** Throws RemoteError 'config' where files that say who is revoked, or the command, fail. */
  static async load(
    policy: HostKeyPolicy,
    ownFile: string,
    around: Surroundings,
  ): Promise<HostKeys> {
    const host = knownHostName(policy.hostname, policy.port, policy.hostKeyAlias);
    const files = await Promise.all([...policy.knownHostsFiles, ownFile].map(readEntries));
    const known = linesFor(files.flat(), host);
    const expected = await withCommand(known, policy, host, undefined, around);
    const revoked = await loadRevokedKeys(policy.revokedHostKeys);
    return new HostKeys(policy, ownFile, host, known, expected, revoked, around);
  }

  /** Types of key that are known for this host, in the order of the files. */
  get knownTypes(): string[] {
    return knownTypes(this.expected);
  }

  /**
   * False where the key has changed and the configuration lets the connection be made all the same: a
   * secret that can be passed on must not be sent then.
   */
  get isTrusted(): boolean {
    return this.accepted !== undefined && !this.changed;
  }

  /** Whether this very key was accepted on this connection. */
  isAccepted(key: Buffer): boolean {
    return this.accepted?.equals(key) === true;
  }

  /** Resolves when the key may be used; throws RemoteError 'host-key-...' or 'config'. */
  async check(bytes: Buffer, appearance: Appearance, witness: Witness): Promise<void> {
    if (this.isAccepted(bytes)) return;
    const say = refusals(this.host.name);
    if (this.accepted) throw say.another();
    const key = parsePublicKey(bytes);
    if (!key) throw say.noKey();
    this.checkSafety(key, appearance, say);
    if (this.isExempt(appearance)) {
      this.around.log.info('NoHostAuthenticationForLocalhost: any host key is right');
    } else {
      await this.judge(key, appearance, witness, say);
    }
    this.accepted = bytes;
  }

  /** Keeps a key that was accepted; to be called once the host has proved that it holds it. */
  async save(): Promise<void> {
    const line = this.unsaved;
    if (line === undefined) return;
    this.unsaved = undefined;
    await mkdir(dirname(this.ownFile), { recursive: true, mode: 0o700 });
    await appendFile(this.ownFile, line, { mode: 0o600 });
    this.around.log.info(`Kept the host key of ${this.host.name} in ${this.ownFile}`);
  }

  /** Throws for keys that are refused whatever is known of the host. */
  private checkSafety(key: PublicKey, { offersCertificate }: Appearance, say: Refusals): void {
    const { requiredRsaBits } = this.policy;
    if (key.rsaBits !== undefined && key.rsaBits < requiredRsaBits) {
      throw say.tooShort(key.rsaBits, requiredRsaBits);
    }
    const by = this.revoked.revokedBy(key);
    if (by !== undefined) throw say.revoked(fingerprintOf(key.plain), by);
    if (!offersCertificate) return;
    // ssh would look at the certificate, and may find it revoked; we cannot.
    const authority = revokedAuthority(
      this.expected,
      (each) => this.revoked.revokedBy(each) !== undefined,
    );
    const where = this.revoked.certificatesRevokedBy ?? (authority && placeOf(authority));
    if (where !== undefined) throw say.unreadCertificate(where);
  }

  private isExempt({ isLoopback }: Appearance): boolean {
    return this.policy.trustsLoopback && isLoopback && this.policy.hostKeyAlias === undefined;
  }

  private async judge(
    key: PublicKey,
    appearance: Appearance,
    witness: Witness,
    say: Refusals,
  ): Promise<void> {
    const { log } = this.around;
    const fingerprint = fingerprintOf(key.plain);
    const known = await withCommand(this.known, this.policy, this.host, key, this.around);
    const standing = standingOf(known, key);
    const remarks = this.remarks(authorityIn(known), appearance);
    switch (standing.kind) {
      case 'known':
        log.info(`Host key ${key.type} ${fingerprint} is known from ${placeOf(standing.at)}`);
        return;
      case 'revoked':
        throw say.revoked(fingerprint, placeOf(standing.at));
      case 'changed':
        if (this.policy.strictHostKeyChecking !== 'no')
          throw say.changed(key, standing.at, remarks);
        this.changed = true;
        this.tell(witness, { kind: 'changed', key, known: standing.at, remarks });
        return;
      case 'unknown':
        return this.decide(key, remarks, witness, say);
    }
  }

  /** Says where ssh might know a host that is unknown here. */
  private remarks(authority: KnownHost | undefined, { offersCertificate }: Appearance): string[] {
    return [
      ...(authority ? [authorityRemark(placeOf(authority), offersCertificate)] : []),
      ...(this.policy.verifyHostKeyDns
        ? ['VerifyHostKeyDNS is on in your ssh config, but Acupoint does not ask the DNS for keys.']
        : []),
    ];
  }

  private async decide(
    key: PublicKey,
    remarks: readonly string[],
    witness: Witness,
    say: Refusals,
  ): Promise<void> {
    const { strictHostKeyChecking: checking, newHosts, knownHostsFiles } = this.policy;
    const fingerprint = fingerprintOf(key.plain);
    if (newHosts === 'refused' || checking === 'yes') {
      const setting = checking === 'yes' ? 'StrictHostKeyChecking yes' : 'UserKnownHostsFile none';
      throw say.unknown(fingerprint, setting, knownHostsFiles[0], remarks);
    }
    const host = this.host.name;
    if (checking === 'ask') {
      const answer = await witness.ask({ host, keyType: key.type, fingerprint, remarks });
      if (!answer) throw say.declined(fingerprint);
    } else {
      this.tell(witness, { kind: 'new', key, known: undefined, remarks });
      // A file that keeps nothing is chosen for hosts that are created again all the time.
      if (newHosts === 'forgotten') return;
    }
    this.unsaved = formatKnownHost(host, key);
  }

  private tell({ tell }: Witness, { kind, key, known, remarks }: Accepted): void {
    const { strictHostKeyChecking: checking } = this.policy;
    const notice: HostKeyNotice = {
      kind,
      host: this.host.name,
      keyType: key.type,
      fingerprint: fingerprintOf(key.plain),
      setting: `StrictHostKeyChecking ${checking}`,
      knownFrom: known && placeOf(known),
      remarks,
    };
    this.around.log.warn(
      `Accepted the ${kind} host key ${notice.keyType} ${notice.fingerprint} of ${notice.host} ` +
        `without a question: ${notice.setting}`,
    );
    tell(notice);
  }
}

/** Known lines, with those that the command of the configuration adds. */
async function withCommand(
  known: HostLines,
  { knownHostsCommand }: HostKeyPolicy,
  { name }: HostName,
  key: PublicKey | undefined,
  around: Surroundings,
): Promise<HostLines> {
  if (knownHostsCommand === undefined) return known;
  const lines = await runKnownHostsCommand(knownHostsCommand, name, key, around);
  // As from a file: lines for other hosts count for nothing.
  const { named } = linesFor(lines, { name, withoutPort: undefined });
  return { ...known, named: [...known.named, ...named] };
}

/** A file that is not there, or may not be read, knows nothing. One without an end is refused. */
async function readEntries(file: string): Promise<KnownHost[]> {
  let bytes: Buffer;
  try {
    bytes = await readCapped(file, MAX_FILE_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) return [];
    throw new RemoteError(
      'config',
      `${file}, which your ssh config names for known hosts, cannot be used: ${String(error)}. ` +
        'It may revoke keys, so no host is trusted. Correct the path or make the file shorter.',
    );
  }
  return parseKnownHosts(bytes.toString('utf8'), file);
}
