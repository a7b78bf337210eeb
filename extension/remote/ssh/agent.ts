import { BaseAgent, type ParsedKey } from 'ssh2';

type Sign = (data: Buffer, hash: string | undefined) => Promise<Buffer>;

/** Tighter than ssh2's typings: without an error there is a result. */
type Callback<T> = (error?: Error | null, result?: T) => void;

/** The keys that an agent holds; throws when it does not answer. */
export function agentKeys(agent: BaseAgent): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, keys) => {
      if (error) reject(error);
      else resolve((keys ?? []) as ParsedKey[]);
    });
  });
}

export function signByAgent(agent: BaseAgent, key: ParsedKey): Sign {
  return (data, hash) =>
    new Promise((resolve, reject) => {
      const options = hash === undefined ? {} : { hash: hash as 'sha256' };
      agent.sign(key, data, options, (error, signature) => {
        if (signature) resolve(signature);
        else reject(error ?? new Error('The agent gave no signature.'));
      });
    });
}

/**
 * Offers one key, and signs only when the server has said that it would take it: so that keys are
 * tried one by one, and a passphrase is asked for only where it is of use.
 */
export function singleKeyAgent(key: ParsedKey, sign: Sign): BaseAgent {
  class SingleKeyAgent extends BaseAgent<ParsedKey> {
    override getIdentities(done: Callback<ParsedKey[]>): void {
      done(null, [key]);
    }

    override sign(
      _key: ParsedKey,
      data: Buffer,
      options: { hash?: string } | Callback<Buffer>,
      done?: Callback<Buffer>,
    ): void {
      const finish = typeof options === 'function' ? options : done;
      const hash = typeof options === 'function' ? undefined : options.hash;
      sign(data, hash).then(
        (signature) => finish?.(null, signature),
        (error: unknown) => finish?.(error instanceof Error ? error : new Error(String(error))),
      );
    }
  }
  return new SingleKeyAgent();
}
