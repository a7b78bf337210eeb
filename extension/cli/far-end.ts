import { homedir } from 'node:os';
import { join } from 'node:path';
import { openProbe, ProbeError, type ProbeSession, type SamplerName } from '../probe';
import type { Log } from '../common/log';
import { connect, NoQuestions, RemoteError, type Prompter, type Transport } from '../remote';
import type { Common, Terminal } from './command-line/command';
import { TerminalPrompter } from './prompter';
import type { Messages } from './terminal';

export interface FarEnd {
  /** The latest of each. */
  readonly transport: Transport;
  readonly session: ProbeSession;
  /**
   * Starts another probe in the place of one that has ended, over a new connection where the last one
   * is not whole. Throws where that would need an answer. Absent: of a recording.
   */
  readonly reopen?: (isCut: boolean) => Promise<ProbeSession>;
}

interface Attempt {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onProgress: (text: string) => void;
  readonly onWaiting: (text: string) => void;
}

/** Holds `<arch>/acupoint-probe` for each architecture that is supported. */
export const probesDir = join(__dirname, 'probes');

/** Connects, does the work, and closes the connection, however the work ends. */
export async function withTransport<T>(
  options: Common,
  terminal: Terminal,
  work: (transport: Transport, attempt: Attempt) => Promise<T>,
): Promise<T> {
  const { messages } = terminal;
  const attempt = attemptOf(terminal);
  const transport = await reach(options, attempt, prompterOf(terminal));
  try {
    return await work(transport, attempt);
  } finally {
    messages.clear();
    transport.dispose();
  }
}

/** Connects, starts a probe, does the work, and leaves nothing behind, however the work ends. */
export async function withFarEnd<T>(
  options: Common & { readonly sampler?: SamplerName | undefined },
  terminal: Terminal,
  work: (farEnd: FarEnd) => Promise<T>,
): Promise<T> {
  const { messages } = terminal;
  const over = new AbortController();
  const usual = attemptOf(terminal);
  const attempt = { ...usual, signal: AbortSignal.any([usual.signal, over.signal]) };
  const prompter = prompterOf(terminal);
  let transport = await reach(options, attempt, prompter);
  let isCut = watched(transport);
  let session: ProbeSession | undefined;
  const open = (): Promise<ProbeSession> =>
    openProbe(transport, {
      ...attempt,
      probesDir,
      sampler: options.sampler,
      // Any process can be named here, and one that cannot be traced says so.
      anyProcess: true,
      account: session?.account,
    });
  try {
    const first = (session = await open());
    messages.clear();
    if (first.restriction !== '') messages.say(first.restriction);
    return await work({
      get transport() {
        return transport;
      },
      get session() {
        return session ?? first;
      },
      reopen: async (cut) => {
        if (cut || isCut()) {
          transport.dispose();
          transport = await reach(options, attempt, new NoQuestions(prompter));
          isCut = watched(transport);
        }
        session = await open();
        return session;
      },
    });
  } finally {
    over.abort();
    await session?.close();
    messages.clear();
    transport.dispose();
  }
}

/** Tells whether it has been closed since. */
function watched(transport: Transport): () => boolean {
  let closed = false;
  transport.onDidClose(() => (closed = true));
  return () => closed;
}

function attemptOf({ messages, interrupt }: Terminal): Attempt {
  return {
    signal: interrupt.signal,
    log: logTo(messages),
    onProgress: (text) => messages.progress(text),
    // Where nothing can be written over, only what is worth a line is one.
    onWaiting: (text) => (messages.isTerminal ? messages.progress(text) : messages.say(text)),
  };
}

function prompterOf({ messages, interrupt }: Terminal): Prompter {
  return new TerminalPrompter(messages, interrupt);
}

function reach(options: Common, attempt: Attempt, prompter: Prompter): Promise<Transport> {
  return connect(options.destination, prompter, {
    ...attempt,
    stateDir: stateDir(),
    ...(options.sshConfig && { configFile: options.sshConfig }),
  });
}

/** Returns the text of an error, and the detail for the curious. */
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
