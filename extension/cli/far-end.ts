import { homedir } from 'node:os';
import { join } from 'node:path';
import { openProbe, ProbeError, type ProbeSession, type SamplerName } from '../probe';
import type { Log } from '../common/log';
import { connect, RemoteError, type Transport } from '../remote';
import type { Common, Terminal } from './command-line/command';
import { TerminalPrompter } from './prompter';
import type { Messages } from './terminal';

export interface FarEnd {
  readonly transport: Transport;
  readonly session: ProbeSession;
}

interface Attempt {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onProgress: (text: string) => void;
}

/** Holds `<arch>/acupoint-probe` for each architecture that is supported. */
export const probesDir = join(__dirname, 'probes');

/** Connects, does the work, and closes the connection, however the work ends. */
export async function withTransport<T>(
  options: Common,
  { messages, interrupt }: Terminal,
  work: (transport: Transport, attempt: Attempt) => Promise<T>,
): Promise<T> {
  const attempt = {
    signal: interrupt.signal,
    log: logTo(messages),
    onProgress: (text: string) => messages.progress(text),
  };
  const transport = await connect(options.destination, new TerminalPrompter(messages, interrupt), {
    ...attempt,
    stateDir: stateDir(),
    ...(options.sshConfig && { configFile: options.sshConfig }),
  });
  try {
    return await work(transport, attempt);
  } finally {
    messages.clear();
    transport.dispose();
  }
}

/** Connects, starts a probe, does the work, and leaves nothing behind, however the work ends. */
export function withFarEnd<T>(
  options: Common & { readonly sampler?: SamplerName | undefined },
  terminal: Terminal,
  work: (farEnd: FarEnd) => Promise<T>,
): Promise<T> {
  const { messages } = terminal;
  return withTransport(options, terminal, async (transport, attempt) => {
    const session = await openProbe(transport, {
      ...attempt,
      probesDir,
      sampler: options.sampler,
      // Any process can be named here, and what cannot be traced says so.
      anyProcess: true,
    });
    messages.clear();
    if (session.restriction !== '') messages.say(session.restriction);
    try {
      return await work({ transport, session });
    } finally {
      await session.close();
    }
  });
}

/** What to tell of an error, and what of it is for the curious. */
export function explain(error: unknown): { text: string; detail: string } {
  if (error instanceof ProbeError || error instanceof RemoteError)
    return { text: error.message, detail: error.detail };
  if (error instanceof Error) return { text: error.message, detail: error.stack ?? '' };
  return { text: String(error), detail: '' };
}

/** Host keys that were accepted here are kept as the XDG rules have it. */
function stateDir(): string {
  const base = process.env['XDG_STATE_HOME'];
  return join(base?.startsWith('/') ? base : join(homedir(), '.local/state'), 'acupoint');
}

function logTo(messages: Messages): Log {
  return {
    trace: () => undefined,
    info: (text) => messages.detail(text),
    warn: (text) => messages.detail(text),
  };
}
