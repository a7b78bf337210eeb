import type { Destination } from '../../remote/destination';
import type { Interrupt } from '../interrupt';
import type { Messages } from '../terminal';
import type { Options, Values } from './option';

/** Part of every request: the machine, and how to speak. */
export interface Common {
  readonly destination: Destination;
  /** undefined: the user's own. */
  readonly sshConfig: string | undefined;
  readonly verbose: boolean;
  readonly json: boolean;
}

/** A command speaks on it, and hears from it that the user wants to end. */
export interface Terminal {
  readonly messages: Messages;
  readonly interrupt: Interrupt;
}

interface About {
  readonly name: string;
  /** One line of the overview. */
  readonly summary: string;
  /** Each way to call it, behind its name. */
  readonly usage: readonly string[];
  /** Paragraphs above the options in its help. */
  readonly about: readonly string[];
  /** And below them. */
  readonly notes?: readonly string[];
  /** Flags of the options that two words without a flag are for, in place of a host. */
  readonly pair?: readonly [first: string, second: string];
}

interface Spec<O extends Options, R extends Common> extends About {
  readonly options: O;
  /** @throws UsageError where options do not go together. */
  read(values: Values<O>, common: Common): R;
  run(request: R, terminal: Terminal): Promise<void>;
}

export interface Command extends About {
  readonly options: Options;
  read(values: Values<Options>, common: Common): Common;
  run(request: Common, terminal: Terminal): Promise<void>;
}

/** A row of the table of commands: holds its own parts together, and hides their types from others. */
export function defineCommand<O extends Options, R extends Common>(spec: Spec<O, R>): Command {
  return spec;
}
