import type { AnyAuthMethod, KeyboardInteractiveAuthMethod, ParsedKey } from 'ssh2';
import { fromOutside, rawText } from '../../common/outside';
import type { HostConfig } from '../config/host-config';
import { messageOf } from '../../common/errors';
import type { Log } from '../../common/log';
import type { Prompter } from '../prompter';
import { parsePublicKey } from '../public-key';
import type { RemoteError } from '../transport';
import { singleKeyAgent } from './agent';
import { acceptsKey } from './algorithms';
import { cancelled, notSignedIn } from './errors';
import { identitiesOf, type Identity } from './identities';

const TRIES = 3;
/**
 * Sign-ins in several steps (a key, then a code) take as many rounds; nobody has more than this.
 */
const MAX_ROUNDS = 6;
const UNTRUSTED =
  'No password and no code was asked for, since the key of the host has changed: ' +
  'StrictHostKeyChecking no lets such a connection be made with keys alone';

/**
 * The server's answer to the last attempt; `left` undefined: it has not said yet what it takes.
 */
interface Answer {
  readonly left: readonly string[] | undefined;
  readonly partial: boolean;
}
type Attempts = AsyncGenerator<AnyAuthMethod, void, Answer>;

export interface SignInContext {
  readonly config: HostConfig;
  readonly prompter: Prompter;
  readonly log: Log;
  /** "user@host", for questions. */
  readonly target: string;
  /** Aborts what is being asked. */
  readonly signal: AbortSignal;
  /** False where a secret must not be sent: the host's key has changed. */
  readonly isTrusted: () => boolean;
  /** Keeps the time limit of the connection from running while a person is asked. */
  during<T>(question: Promise<T>): Promise<T>;
}

/**
 * The ways to sign in, one attempt after the other: none (which tells what the server takes), the
 * keys of agent and files, password, keyboard-interactive; and all again after a success that was
 * only one of several that the server wants. Nothing the user typed is sent twice.
 */
export class SignIn {
  private readonly tried: string[] = [];
  private readonly notes: string[] = [];
  private readonly accepted = new Set<Identity>();
  private identities: Identity[] | undefined;
  private offered: readonly string[] = [];
  private failure: RemoteError | undefined;
  private readonly steps: Attempts;

  constructor(private readonly context: SignInContext) {
    this.steps = this.attempts();
  }

  /**
   * The next attempt; throws RemoteError 'auth' when there is none, 'cancelled' when the user gave
   * none.
   */
  async next(left: readonly string[] | undefined, partial: boolean): Promise<AnyAuthMethod> {
    if (left) this.offered = left;
    if (this.failure) throw this.failure;
    const step = await this.steps.next({ left, partial });
    if (!step.done) return step.value;
    throw notSignedIn(this.context.target, this.tried, this.offered, this.notes);
  }

  private async *attempts(): Attempts {
    const { config, isTrusted } = this.context;
    let answer = yield this.none();
    const sendsSecrets = isTrusted();
    if (!sendsSecrets && (config.password || config.interactive)) this.note(UNTRUSTED);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let partial = false;
      if (config.publicKey && takes(answer, 'publickey')) {
        [answer, partial] = yield* this.keys(answer);
      }
      if (!partial && sendsSecrets && config.password && takes(answer, 'password')) {
        [answer, partial] = yield* this.passwords(answer);
      }
      if (!partial && sendsSecrets && config.interactive && takes(answer, 'keyboard-interactive')) {
        [answer, partial] = yield* this.interactive(answer);
      }
      if (!partial) return;
      this.context.log.info(`${this.context.target} wants one more proof`);
    }
  }

  private async *keys(before: Answer): AsyncGenerator<AnyAuthMethod, [Answer, boolean], Answer> {
    const { config, log } = this.context;
    let answer = before;
    this.identities ??= await identitiesOf(config, this.note);
    for (const identity of this.identities) {
      if (this.accepted.has(identity)) continue;
      const publicKey = identity.publicKey ?? (await this.unlockFirst(identity));
      if (!publicKey) continue;
      const unfit = this.whyUnfit(publicKey, undefined);
      if (unfit !== undefined) {
        this.note(`The key ${identity.name} was left out: ${unfit}`);
        continue;
      }
      log.info(`Offering ${identity.name}`);
      this.tried.push(`publickey (${identity.name})`);
      let signed = false;
      const agent = singleKeyAgent(publicKey, async (data, hash) => {
        const unfitHash = this.whyUnfit(publicKey, hash);
        if (unfitHash !== undefined) {
          this.note(`The key ${identity.name} did not sign: ${unfitHash}`);
          throw new Error(unfitHash);
        }
        const signature = await this.sign(identity, data, hash);
        signed = true;
        return signature;
      });
      answer = yield { type: 'agent', username: config.user, agent };
      if (this.failure) throw this.failure;
      if (signed) {
        // ssh2 keeps to itself what the server says after an agent's signature: ask for it again.
        // Had the key been all, there would be no next step; so it was one of several.
        this.accepted.add(identity);
        answer = yield this.none();
        return [answer, true];
      }
      if (!takes(answer, 'publickey')) break;
    }
    return [answer, false];
  }

  /** Why ssh would not use a key, or not sign by it with this hash. */
  private whyUnfit(key: ParsedKey, hash: string | undefined): string | undefined {
    const { requiredRsaBits, algorithms } = this.context.config;
    const bits = parsePublicKey(key.getPublicSSH())?.rsaBits ?? Infinity;
    if (bits < requiredRsaBits) {
      return `it has ${bits} bits, and RequiredRSASize wants ${requiredRsaBits}`;
    }
    if (acceptsKey(algorithms.userKey, key.type, hash)) return undefined;
    const how = hash === undefined ? '' : ` with ${hash.toUpperCase()}, all that the host takes`;
    return `${algorithms.userKey.option} does not accept ${key.type}${how}`;
  }

  private async *passwords(
    before: Answer,
  ): AsyncGenerator<AnyAuthMethod, [Answer, boolean], Answer> {
    const { prompter, config, target, signal } = this.context;
    let answer = before;
    for (let attempt = 1; attempt <= TRIES && takes(answer, 'password'); attempt++) {
      const password = await this.context.during(prompter.askPassword({ target, signal, attempt }));
      if (password === undefined) throw cancelled();
      this.tried.push('password');
      answer = yield { type: 'password', username: config.user, password };
      if (answer.partial) return [answer, true];
    }
    return [answer, false];
  }

  private async *interactive(
    before: Answer,
  ): AsyncGenerator<AnyAuthMethod, [Answer, boolean], Answer> {
    let answer = before;
    for (let attempt = 1; attempt <= TRIES && takes(answer, 'keyboard-interactive'); attempt++) {
      this.tried.push('keyboard-interactive');
      const asked = { any: false };
      answer = yield this.dialogue(asked);
      if (answer.partial) return [answer, true];
      // A server that refuses without a question would refuse again.
      if (!asked.any) break;
    }
    return [answer, false];
  }

  private dialogue(asked: { any: boolean }): KeyboardInteractiveAuthMethod {
    const { prompter, config, target, signal } = this.context;
    let round = 0;
    return {
      type: 'keyboard-interactive',
      username: config.user,
      prompt: (name, instructions, _language, prompts, finish) => {
        asked.any = true;
        const question = prompter.askInteractive({
          target,
          signal,
          name: fromOutside(name),
          instructions: fromOutside(instructions),
          prompts: prompts.map(({ prompt, echo }) => ({
            text: fromOutside(prompt),
            echo: echo === true,
          })),
          round: ++round,
        });
        this.context.during(question).then(
          (answers) => {
            if (answers) finish([...answers]);
            else this.giveUp(cancelled());
          },
          (error: unknown) => this.giveUp(error),
        );
      },
    };
  }

  /** Set by whoever runs the connection: ends it at once, since the server waits for an answer. */
  onGiveUp: (error: RemoteError) => void = () => undefined;

  private giveUp(error: unknown): void {
    this.failure = error instanceof Error ? (error as RemoteError) : cancelled();
    this.onGiveUp(this.failure);
  }

  private async sign(identity: Identity, data: Buffer, hash: string | undefined): Promise<Buffer> {
    try {
      const ask = (attempt: number): Promise<string> => this.askPassphrase(identity, attempt);
      // An agent may ask the user as well.
      return await this.context.during(identity.sign(data, hash, ask));
    } catch (error) {
      if (!this.failure) this.note(rawText(messageOf(error)));
      throw error;
    }
  }

  /** An old key file tells its public key only to who has the passphrase. */
  private async unlockFirst(identity: Identity): Promise<Identity['publicKey']> {
    try {
      const ask = (attempt: number): Promise<string> => this.askPassphrase(identity, attempt);
      return await identity.unlock(ask);
    } catch (error) {
      if (this.failure) throw this.failure;
      this.note(rawText(messageOf(error)));
      return undefined;
    }
  }

  private async askPassphrase(identity: Identity, attempt: number): Promise<string> {
    const { prompter, target, signal } = this.context;
    const passphrase = await this.context.during(
      prompter.askPassphrase({ target, signal, keyFile: identity.name, attempt }),
    );
    if (passphrase !== undefined) return passphrase;
    this.giveUp(cancelled());
    throw cancelled();
  }

  private none(): AnyAuthMethod {
    return { type: 'none', username: this.context.config.user };
  }

  private readonly note = (text: string): void => {
    if (!this.notes.includes(text)) this.notes.push(text);
    this.context.log.info(text);
  };
}

function takes({ left }: Answer, method: string): boolean {
  return left === undefined || left.includes(method);
}
