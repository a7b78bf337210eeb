/** From a file to a capture that is over. */
import type { MasterProcess, Recorded, Target, WorkerProcess } from '../probe/session';
import type { Destination } from '../remote';
import type { Capture } from './capture';
import type { Connector } from './connection';
import type { FarEnd } from './far-end';
import { findTarget, type ChosenTarget } from './target';

export type CreateCapture = (destination: Destination, connector: Connector) => Capture;

/** Of the whole: reading what the file says of itself; its samples take the rest. */
const FIRST_LOOK = 0.1;

/**
 * Throws ProbeError 'recording' where the file is none that can be read.
 * @param onProgress hears how much of it is there, 0 to 1.
 */
export async function openRecording(
  file: Uint8Array,
  farEnd: FarEnd,
  create: CreateCapture,
  onProgress: (part: number) => void = () => undefined,
): Promise<Capture> {
  const session = await farEnd.openRecording(file, (part) => onProgress(part * FIRST_LOOK));
  const { recorded } = session;
  // Whatever machine it was, it is not this one's or any that could be asked: a name.
  const capture = create({ kind: 'ssh', host: recorded.host }, async () => ({
    transport: new farEnd.RecordedTransport(recorded.host),
    session,
    reopen: async () => session,
    close: async () => undefined,
  }));
  await capture.connect({ signal: new AbortController().signal, onProgress: () => undefined });
  const { rateHz, budgetPercent, requestLabels } = recorded.options;
  await capture.attach(chosenOf(recorded), { rateHz, budgetPercent, requestLabels });
  await session.play((part) => onProgress(FIRST_LOOK + part * (1 - FIRST_LOOK)));
  return capture;
}

function chosenOf({ masters, options, heaps }: Recorded): ChosenTarget {
  const { target } = options;
  const found = findTarget(masters, target);
  if (found !== undefined) return found;
  const pids = 'pid' in target ? [target.pid] : [...new Set(heaps.map(({ pid }) => pid))];
  return unknownServer(target, pids.map(unknownWorker));
}

/** Of a process that no listing had: all that is known of it is its number. */
function unknownServer(target: Target, workers: readonly WorkerProcess[]): ChosenTarget {
  const master: MasterProcess = {
    pid: 'master' in target ? target.master : 0,
    kind: 'nginx',
    version: '',
    nginxVersion: '',
    executable: '',
    commandLine: '',
    prefix: '',
    configFile: '',
    listen: [],
    container: '',
    user: '',
    lua: false,
    workers,
  };
  const [worker] = workers;
  return 'pid' in target && worker ? { master, worker } : { master };
}

function unknownWorker(pid: number): WorkerProcess {
  return { pid, startTime: 0, cpuPercent: 0, rssBytes: 0, title: '', refused: false };
}
