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
  readonly knownHostsFiles: readonly string[];
  readonly strictHostKeyChecking: boolean;

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
}

/** Values by keyword in lower case, as `ssh -G` prints them: one entry for each line. */
export type Settings = ReadonlyMap<string, readonly string[]>;
