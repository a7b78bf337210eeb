/** The samples that a command speaks of: of a process, taken now, or of a recording. */
import {
  openRecording,
  ProbeError,
  readRecordingFile,
  RecordedTransport,
  type ProbeSession,
  type StartOptions,
} from '../probe';
import type { Terminal } from './command-line/command';
import type { Source } from './command-line/target-options';
import { Failed } from './exit';
import { withFarEnd, type FarEnd } from './far-end';
import { sampleFor } from './progress';
import { Sampling } from './sampling';
import type { Messages } from './terminal';

export interface Samples {
  readonly sampling: Sampling;
  /** For people. */
  readonly host: string;
  /** How long it was sampled with all instruments on, or since when samples were forgotten. */
  readonly seconds: number;
  /** When all of it was taken, by the wall clock of the host. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly session: ProbeSession;
  /** The options asked for. */
  readonly options: StartOptions;
  readonly local: boolean;
}

export interface Watching {
  /** Instruments that are switched on for the time; of a recording, those that were. */
  readonly instruments?: readonly string[];
  /** Is called before it samples. */
  readonly begin?: (session: ProbeSession) => void;
}

/** Samples for some time, or plays a recording, and hands on what there is then, however it ended. */
export async function withSamples(
  command: Source,
  terminal: Terminal,
  { instruments = [], begin = () => undefined }: Watching,
  work: (samples: Samples) => Promise<void>,
): Promise<void> {
  const { messages } = terminal;
  if ('from' in command) {
    const { sampling, session } = await play(command.from, messages);
    const { host, options } = session.recorded;
    return work({
      sampling,
      session,
      host,
      options,
      seconds: sampling.storedSeconds,
      fromMs: sampling.storedFromMs,
      toMs: sampling.storedToMs,
      local: false,
    });
  }
  await withFarEnd(command, terminal, async (farEnd) => {
    const { signal } = terminal.interrupt;
    const sampling = await Sampling.start(farEnd, command, { messages, signal, begin });
    await sampling.watch(instruments);
    const began = Date.now();
    await sampling.untilWatching(instruments, signal);
    for (const instrument of instruments) messages.detail(`watching ${instrument}`);
    sampling.startClock();
    const ended = await sampleFor(sampling, command.seconds, terminal);
    const seconds = Math.min(sampling.elapsedSeconds, command.seconds);
    const [fromMs, toMs] = [sampling.hostMs(began), sampling.hostMs(ended)];
    const local = command.destination.kind === 'local';
    const { session, transport } = farEnd;
    const host = transport.label;
    await work({ sampling, session, host, options: command, seconds, fromMs, toMs, local });
    if (sampling.failure) throw sampling.failure;
  });
}

/** Like withFarEnd, with a recording at the far end. */
export async function recordedEnd(path: string) {
  const session = await openRecording(await read(path));
  return { session, transport: new RecordedTransport(session.recorded.host) } satisfies FarEnd;
}

async function play(path: string, messages: Messages) {
  const farEnd = await recordedEnd(path);
  const { session } = farEnd;
  const { signal } = new AbortController();
  const sampling = await Sampling.start(farEnd, session.recorded.options, { messages, signal });
  await session.play();
  return { sampling, session };
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readRecordingFile(path);
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = missing ? 'it does not exist' : String(error);
    throw new Failed(`The recording ${path} could not be read: ${why}.`);
  }
}
