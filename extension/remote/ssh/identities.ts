import { createAgent, type ParsedKey } from 'ssh2';
import type { HostConfig } from '../config/host-config';
import { agentKeys, signByAgent } from './agent';
import { readKeyFile, whyNot, type KeyFile } from './key-files';
import { UnfitKey } from './pem-key';

const TRIES = 3;

/** A key to sign in with, wherever it is kept. */
export interface Identity {
  /** For people: the path of the file, or what the agent calls the key. */
  readonly name: string;
  readonly publicKey: ParsedKey | undefined;
  /** Asks for the passphrase as often as it is wrong, three times at most; throws then. */
  unlock(ask: AskPassphrase): Promise<ParsedKey>;
  sign(data: Buffer, hash: string | undefined, ask: AskPassphrase): Promise<Buffer>;
}

type AskPassphrase = (attempt: number) => Promise<string>;

/**
 * The keys to try, in OpenSSH's order: those of the configuration that the agent holds, the agent's
 * others (unless IdentitiesOnly), and the files. `note` hears of what cannot be used.
 */
export async function identitiesOf(
  config: HostConfig,
  note: (text: string) => void,
): Promise<Identity[]> {
  for (const file of config.certificateFiles) note(noCertificate(file));
  const files: KeyFile[] = [];
  for (const path of config.identityFiles) {
    const file = await readKeyFile(path);
    if (typeof file === 'string') note(file);
    else if (file) files.push(file);
    if (typeof file === 'object' && file.certificate !== undefined)
      note(noCertificate(file.certificate));
  }
  const held = await fromAgent(config, note);
  const isSame = (a: Identity, b: KeyFile): boolean =>
    a.publicKey !== undefined && b.publicKey !== undefined && a.publicKey.equals(b.publicKey);
  const configured = files.flatMap((file) => held.filter((identity) => isSame(identity, file)));
  const others = config.identitiesOnly ? [] : held.filter((key) => !configured.includes(key));
  const alone = files.filter((file) => !configured.some((identity) => isSame(identity, file)));
  for (const { path, hasPrivate } of alone) {
    if (!hasPrivate) note(`The private key of ${path} is not there, and no agent holds it`);
  }
  const usable = alone.filter(({ hasPrivate }) => hasPrivate);
  return [...configured, ...others, ...usable.map(fromFile)];
}

async function fromAgent(
  { agent: socket }: HostConfig,
  note: (text: string) => void,
): Promise<Identity[]> {
  if (socket === undefined) return [];
  try {
    const agent = createAgent(socket);
    const keys = await agentKeys(agent);
    return keys.flatMap((publicKey): Identity[] => {
      const name = `${publicKey.comment || publicKey.type} of the agent`;
      if (publicKey.type.includes('-cert-')) {
        note(noCertificate(name));
        return [];
      }
      const sign = signByAgent(agent, publicKey);
      return [{ name, publicKey, unlock: () => Promise.resolve(publicKey), sign }];
    });
  } catch (error) {
    note(`The agent at ${socket} does not answer (${error instanceof Error ? error.message : ''})`);
    return [];
  }
}

function noCertificate(name: string): string {
  return (
    `The certificate ${name} was left out: certificates are not supported yet, so the host must ` +
    'know the key itself (authorized_keys)'
  );
}

function fromFile(file: KeyFile): Identity {
  let unlocked: ParsedKey | undefined;
  const unlock = async (ask: AskPassphrase): Promise<ParsedKey> => {
    if (!file.encrypted) unlocked ??= file.unlock(undefined);
    for (let attempt = 1; !unlocked && attempt <= TRIES; attempt++) {
      const passphrase = await ask(attempt);
      try {
        unlocked = file.unlock(passphrase);
      } catch (error) {
        if (error instanceof UnfitKey) throw new Error(whyNot(file.path, error), { cause: error });
        // A wrong passphrase: asked again, or reported below.
      }
    }
    if (!unlocked) throw new Error(`The passphrase of ${file.path} was wrong ${TRIES} times`);
    return unlocked;
  };
  return {
    name: file.path,
    publicKey: file.publicKey,
    unlock,
    sign: async (data, hash, ask) => {
      const signature: unknown = (await unlock(ask)).sign(data, hash);
      if (Buffer.isBuffer(signature)) return signature;
      throw signature instanceof Error ? signature : new Error(`${file.path} could not sign`);
    },
  };
}
