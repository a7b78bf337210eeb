import type { Outside } from '../common/outside';

/**
 * Questions that only the user can answer while a connection is made. Every question carries a signal that
 * aborts when the answer is no longer wanted (cancelled, connection lost): close the input then.
 * `undefined` means that the user gave no answer; the connection attempt ends as cancelled.
 */
export interface Prompter {
  /** An unknown host key: true accepts it and remembers it. */
  askHostKey(question: HostKeyQuestion): Promise<boolean>;
  /** A host key was accepted without a question, since the ssh configuration says so. */
  tellHostKey(notice: HostKeyNotice): void;
  askPassphrase(question: PassphraseQuestion): Promise<string | undefined>;
  askPassword(question: PasswordQuestion): Promise<string | undefined>;
  /** One answer for each prompt, in order. */
  askInteractive(question: InteractiveQuestion): Promise<readonly string[] | undefined>;
}

interface Question {
  /** For people: "user@host". */
  readonly target: string;
  readonly signal: AbortSignal;
}

export interface HostKeyQuestion extends Question {
  /** As known_hosts names it: "host" or "[host]:port". */
  readonly host: string;
  /** "ssh-ed25519", "ecdsa-sha2-nistp256", ... */
  readonly keyType: string;
  /** "SHA256:..." exactly as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
  /** Whole sentences: by what else ssh may know the host, and why that is of no use here. */
  readonly remarks: readonly string[];
}

export interface HostKeyNotice {
  /**
   * New: no key was known. Changed: another one is; no password is sent on this connection, and the
   * key is not kept.
   */
  readonly kind: 'new' | 'changed';
  /** These three as in a question. */
  readonly host: string;
  readonly keyType: string;
  readonly fingerprint: string;
  /** The line of the ssh configuration that says so: "StrictHostKeyChecking no". */
  readonly setting: string;
  /** File and line that know another key, where it has changed. */
  readonly knownFrom: string | undefined;
  /** As in a question. */
  readonly remarks: readonly string[];
}

export interface PassphraseQuestion extends Question {
  readonly keyFile: string;
  /** 1, 2 or 3: over 1 the one before was wrong. */
  readonly attempt: number;
}

export interface PasswordQuestion extends Question {
  readonly attempt: number;
}

export interface InteractiveQuestion extends Question {
  /** The server's name for this round and its text; both may be empty. */
  readonly name: Outside;
  readonly instructions: Outside;
  readonly prompts: readonly { readonly text: Outside; readonly echo: boolean }[];
  /** Counts the rounds of this sign-in from 1. */
  readonly round: number;
}
