import type { KnownHostsCommand } from '../known-hosts-command';

/** All that a connection to one host needs to know of the user's ssh configuration. */
export interface HostConfig {
  /** The name to connect to, and the user to sign in as. */
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  /** 4 or 6 where only that family is wanted. */
  readonly family: 4 | 6 | undefined;
  readonly connectTimeoutMs: number;
  /** 0: no keep-alive. */
  readonly keepAliveMs: number;
  readonly keepAliveCount: number;

  readonly hostKeyAlias: string | undefined;
  /** The user's, then the system's; only read. */
  readonly knownHostsFiles: readonly string[];
  /** As ssh does with a key that it may accept: UserKnownHostsFile may be /dev/null, or none. */
  readonly newHosts: 'kept' | 'forgotten' | 'refused';
  readonly knownHostsCommand: KnownHostsCommand | undefined;
  /**
   * An unknown key is refused, asked for, accepted, or accepted even where another is known.
   */
  readonly strictHostKeyChecking: 'yes' | 'ask' | 'accept-new' | 'no';
  /** Files of keys, or lists made by `ssh-keygen -k`. */
  readonly revokedHostKeys: readonly string[];
  readonly verifyHostKeyDns: boolean;
  /** NoHostAuthenticationForLocalhost. */
  readonly trustsLoopback: boolean;
  /** Shorter RSA keys are used neither of hosts nor of users. */
  readonly requiredRsaBits: number;

  readonly algorithms: Readonly<Record<AlgorithmKind, AlgorithmList>>;
  readonly compression: boolean;

  /** In the order in which they are to be tried; some may not exist. */
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Socket or pipe of the agent; undefined: none. */
  readonly agent: string | undefined;
  /** The ways to sign in that the user allows. */
  readonly publicKey: boolean;
  readonly password: boolean;
  readonly interactive: boolean;

  /** Both undefined where a connection is direct. Jump hosts as written, "user@host:port,...". */
  readonly proxyJump: string | undefined;
  /** For a shell; its tokens are filled in. */
  readonly proxyCommand: string | undefined;
  /** The command hands over a connected socket in place of carrying the bytes. */
  readonly proxyUseFdpass: boolean;
}

export type AlgorithmKind = 'kex' | 'hostKey' | 'cipher' | 'mac' | 'userKey';

/** A list of algorithms of the configuration. */
export interface AlgorithmList {
  /** The keyword that sets it, for people: "KexAlgorithms". */
  readonly option: string;
  /** Names and patterns behind `+`, `-`, `^` or nothing; undefined: nothing is said. */
  readonly text: string | undefined;
  /** False where `text` is only ssh's default. */
  readonly isChosen: boolean;
}

/** Values by keyword in lower case, as `ssh -G` prints them: one entry for each line. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/** The arguments of each line of the configuration's files that has a keyword, for whichever host. */
export type WrittenLines = ReadonlyMap<string, readonly (readonly string[])[]>;
