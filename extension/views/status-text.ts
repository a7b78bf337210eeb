/** The status bar item as a function of a capture's health. */
import type { CaptureState } from '../capture/state';
import type { WorkerMemory } from '../profile/memory';
import { plain, plainText, type Plain } from '../common/plain';

export interface StatusFacts {
  readonly state: CaptureState;
  /** When what is shown was recorded; '': it is no recording. */
  readonly recorded: string;
  readonly host: string;
  readonly target: string;
  readonly workers: number;
  readonly samplesPerSecond: number;
  readonly samples: number;
  readonly lost: number;
  /** Cost of the trace, of one core: in user space, in the kernel, and as time stood still. */
  readonly userPercent: number;
  readonly kernelPercent: number;
  readonly stoppedPercent: number;
  /** The bursts in which allocations are watched. */
  readonly burstsPercent: number;
  /** Most that it may cost, of one core for each worker; 0: no limit. */
  readonly budgetPercent: number;
  readonly rateHz: number;
  readonly askedHz: number;
  readonly sampler: string;
  /** Of the workers, where it is known. */
  readonly memory: readonly WorkerMemory[];
  /** Says what that costs and does not see, where it is not the best there is. */
  readonly samplerNote: string;
  readonly message: string;
}

export interface StatusItem {
  /** Name of one of VS Code's icons. */
  readonly icon: string;
  readonly text: Plain;
  /** Lines. */
  readonly tooltip: readonly Plain[];
  readonly warning: boolean;
}

/** undefined: nothing to say, no item. */
export function statusItem(facts: StatusFacts | undefined): StatusItem | undefined {
  if (facts === undefined || facts.state === 'idle') return undefined;
  const warning = facts.state === 'failed';
  return { icon: icon(facts), text: text(facts), tooltip: tooltip(facts), warning };
}

function icon({ state, recorded, workers }: StatusFacts): string {
  if (state === 'stopped') return recorded === '' ? 'debug-stop' : 'archive';
  if (state === 'failed') return 'error';
  if (state === 'choosing') return 'list-selection';
  if (state === 'running' && workers === 0) return 'warning';
  if (state === 'running') return 'flame';
  return state === 'paused' ? 'debug-pause' : 'loading~spin';
}

function text(facts: StatusFacts): Plain {
  const host = plainText(facts.host, 40);
  switch (facts.state) {
    case 'idle':
      return plain``;
    case 'connecting':
      return plain`${host} · connecting`;
    case 'choosing':
      return plain`${host} · choose a process`;
    case 'attaching':
      return plain`${host} · attaching`;
    case 'running':
    case 'paused': {
      if (facts.workers === 0) return plain`${host} · no worker is alive`;
      const rate = `${Math.round(facts.samplesPerSecond)} samples/s`;
      const lowered = facts.rateHz < facts.askedHz ? ` · ${hertz(facts)}` : '';
      return plain`${host} · ${workers(facts.workers)} · ${rate}${lowered} · ${cost(facts)}`;
    }
    case 'stopped':
      if (facts.recorded !== '') {
        return plain`${host} · recording of ${facts.recorded} · ${count(facts.samples)} samples`;
      }
      return plain`${host} · ${count(facts.samples)} samples`;
    case 'failed':
      return plain`${host} · tracer ended`;
  }
}

function tooltip(facts: StatusFacts): Plain[] {
  const shown = facts.recorded === '' ? 'Acupoint on' : `Recording of ${facts.recorded}, on`;
  const lines = [plain`${shown} ${plainText(facts.host, 200)}`, plainText(facts.target, 200)];
  if (facts.state === 'running' || facts.state === 'paused') {
    lines.push(
      plain`${count(facts.samples)} samples, ${count(facts.lost)} lost`,
      plain`Sampler: ${facts.sampler}, ${hertz(facts)}.`,
      plain`Cost: ${cost(facts)} of one core; ${budget(facts)}.`,
      plainText(facts.samplerNote, 600),
      ...memoryLines(facts.memory),
    );
  }
  if (facts.state === 'paused') lines.push(plain`The view is paused; the recording goes on.`);
  lines.push(plainText(facts.message, 400));
  return lines.filter((line) => line !== '');
}

const phases: Readonly<Record<WorkerMemory['gcPhase'], string>> = {
  pause: 'resting',
  propagate: 'marking',
  atomic: 'marking',
  'sweep strings': 'sweeping',
  sweep: 'sweeping',
  finalize: 'finalizing',
  unknown: 'at work',
};

const WORKERS_SHOWN = 8;

function memoryLines(memory: readonly WorkerMemory[]): Plain[] {
  const withLua = memory.filter(({ vms }) => vms > 0);
  const lines = withLua.slice(0, WORKERS_SHOWN).map((worker) => {
    const threshold = worker.gcThreshold === 0 ? '' : `, next at ${megabytes(worker.gcThreshold)}`;
    const lua = `Lua ${megabytes(worker.gcTotal)}${threshold}, collector ${phases[worker.gcPhase]}`;
    return plain`Worker ${worker.pid}: ${lua}; RSS ${megabytes(worker.rssBytes)}`;
  });
  const left = withLua.length - lines.length;
  return left > 0 ? [...lines, plain`and ${workers(left)} more`] : lines;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function workers(number: number): string {
  return `${number} worker${number === 1 ? '' : 's'}`;
}

/** "probe 0.21 + kernel 0.10 % CPU" */
function cost(facts: StatusFacts): string {
  const { userPercent, kernelPercent, stoppedPercent, burstsPercent, sampler } = facts;
  // BPF programs measure themselves; what the kernel does for other samplers nobody tells.
  const kernel = sampler === 'BPF' ? ` + kernel ${kernelPercent.toFixed(2)}` : '';
  const stopped = stoppedPercent > 0 ? ` + stops ${stoppedPercent.toFixed(2)}` : '';
  const bursts = burstsPercent > 0 ? ` + bursts ${burstsPercent.toFixed(2)}` : '';
  return `probe ${userPercent.toFixed(2)}${kernel}${stopped}${bursts} % CPU`;
}

/** "41 of 99 Hz" where the rate in force is not the one asked for. */
function hertz({ rateHz, askedHz }: StatusFacts): string {
  return rateHz < askedHz ? `${rateHz} of ${askedHz} Hz` : `${rateHz} Hz`;
}

function budget({ budgetPercent, workers: number }: StatusFacts): string {
  if (budgetPercent === 0) return 'no limit is set';
  return `limit ${budgetPercent} % for each of ${workers(number)}`;
}

/** 12 345 with a narrow no-break space between the groups, in every language alike. */
function count(number: number): string {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}
