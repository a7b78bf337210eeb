/** One line that says what is captured, how well, and what it costs. */
import { estimateText, estimateTitle, LOST, lostText, seenText, seenTitle } from './watched';
import { element, setText } from '../common/dom';
import { count, oneDecimal, percent, whole } from '../common/format';
import type { CaptureState, StatusMessage, WatchedFacts } from '../../extension/page/messages';
import { endedEarly, endedEarlyText } from '../../extension/profile/walk-ends';

const STATES: Record<CaptureState, string> = {
  idle: 'Not attached',
  connecting: 'Connecting',
  choosing: 'Connected',
  attaching: 'Attaching',
  running: 'Live',
  paused: 'Paused',
  stopped: 'Stopped',
  failed: 'Failed',
};

const PARTS = ['target', 'sampler', 'rate', 'samples', 'estimate', 'lost', 'cost'];

export class StatusLine {
  readonly root = element('div', {
    class: 'status',
    attributes: { role: 'group', 'aria-label': 'State of the capture' },
  });
  private readonly state = element('span', { class: 'state', attributes: { role: 'status' } });
  private readonly parts = new Map<string, HTMLElement>();
  private readonly complete = element('summary');
  private readonly sums = element('div');
  /** One figure, and on request the sums that it comes from. */
  private readonly quality = element('details', { class: 'quality' }, this.complete, this.sums);
  private readonly notes = element('span', { class: 'notes', attributes: { role: 'status' } });
  private readonly message = element('span', {
    class: 'message',
    attributes: { role: 'status' },
  });

  constructor() {
    this.root.append(this.state);
    for (const key of PARTS) {
      const part = element('span', { class: `part ${key}` });
      this.parts.set(key, part);
      this.root.append(part);
    }
    this.root.append(this.notes, this.quality, this.message);
  }

  set(status: StatusMessage): void {
    const { recorded, state } = status;
    // A trace that nobody is left for is not live.
    const deserted = state === 'running' && status.pids.length === 0;
    const words = deserted ? 'No worker is alive' : STATES[state];
    setText(this.state, recorded === undefined ? words : `Recording of ${recorded}`);
    this.state.dataset['state'] = deserted ? 'stopped' : state;
    this.set1('target', [status.host, status.target].filter((text) => text !== '').join(' · '));
    const running = status.state === 'running';
    this.set1('sampler', samplerText(status), status.samplerNote);
    this.parts.get('sampler')!.classList.toggle('badge', status.samplerNote !== '');
    this.set1('rate', rateText(status), RATE_TITLES[status.rateLimit]);
    this.warn('rate', status.rateLimit === 'budget');
    if (status.watched === null) this.setSamples(status, running);
    else this.setWatched(status.watched);
    this.set1('cost', costText(status), costDetail(status));
    const notes = notesOf(status);
    setText(this.notes, notes);
    this.notes.hidden = notes === '';
    setText(this.complete, `Complete stacks ${completeText(status)}`);
    this.complete.title = luaDetail(status);
    this.complete.classList.toggle('warning', completeStacks(status) < LEAST_COMPLETE);
    setText(this.sums, qualityText(status));
    this.sums.title = qualityDetail(status);
    this.quality.hidden = status.samples === 0 || status.watched !== null;
    setText(this.message, status.message);
    this.message.hidden = status.message === '';
  }

  private setSamples(status: StatusMessage, running: boolean): void {
    this.set1('samples', sampleText(status, running));
    this.set1(
      'lost',
      lossText(status),
      'Samples that the sampler dropped; Lua stacks with more frames than are kept',
    );
    this.warn('lost', status.lost > 0);
    this.set1('estimate', '');
  }

  private setWatched(facts: WatchedFacts): void {
    this.set1('samples', seenText(facts), seenTitle(facts));
    this.set1('estimate', estimateText(facts), estimateTitle(facts));
    this.set1('lost', lostText(facts), LOST);
    this.warn('lost', facts.lostValue > 0);
  }

  private warn(key: string, isWarning: boolean): void {
    this.parts.get(key)!.classList.toggle('warning', isWarning);
  }

  /** Hides the message while the middle of the page says it. */
  hideMessage(): void {
    this.message.hidden = true;
  }

  private set1(key: string, text: string, title = ''): void {
    const part = this.parts.get(key)!;
    setText(part, text);
    part.hidden = text === '';
    if (part.title !== title) part.title = title;
  }
}

function sampleText(status: StatusMessage, running: boolean): string {
  if (status.samples === 0 && !running) return '';
  const rate = running ? ` · ${whole(status.samplesPerSecond)}/s` : '';
  return count(status.samples, 'sample') + rate;
}

function lossText(status: StatusMessage): string {
  if (status.samples === 0 && status.lost === 0) return '';
  return `lost ${whole(status.lost)} · too deep ${whole(status.truncated)}`;
}

/** Below it the reader should know. */
const LEAST_COMPLETE = 0.97;

/** Part of the samples whose stack is whole, native and Lua; at least so many, 0 to 1. */
function completeStacks({ samples, lua, native }: StatusMessage): number {
  const without = lua.unknown + (native.samples - native.complete);
  return samples > 0 ? Math.max(0, 1 - without / samples) : 1;
}

function completeText(status: StatusMessage): string {
  // Rounded down: 100.0 % is said only of all.
  return `${oneDecimal(Math.floor(completeStacks(status) * 1000) / 10)} %`;
}

function luaDetail({ lua }: StatusMessage): string {
  if (lua.samples === 0) return '';
  const line = (label: string, samples: number): string =>
    `${label}: ${whole(samples)} (${percent(samples, lua.samples)})`;
  return [
    `Of ${count(lua.samples, 'sample')} in which Lua was running`,
    line('exact', lua.exact),
    line('line unknown', lua.functionOnly),
    line('only the JIT trace is known', lua.traceRoot),
    line('unknown', lua.unknown),
  ].join('\n');
}

/** The sampler that is the best there is goes without saying. */
function samplerText({ sampler, samplerNote }: StatusMessage): string {
  if (sampler === '' || sampler === 'none') return '';
  return samplerNote === '' ? sampler : `${SAMPLERS[sampler] ?? sampler}, not BPF`;
}

const SAMPLERS: Readonly<Record<string, string>> = { 'perf ring': 'perf events' };

const RATE_TITLES: Readonly<Record<StatusMessage['rateLimit'], string>> = {
  none: 'Samples a second of CPU time and thread',
  sampler: 'Samples a second of CPU time and thread; the sampler takes no more',
  budget: 'Samples a second of CPU time and thread; more would cost more than it may',
};

function rateText({ rateHz, askedHz, sampleWeight }: StatusMessage): string {
  if (rateHz <= 0) return '';
  const weight = sampleWeight === 1 ? '' : ` × ${sampleWeight.toFixed(2)}`;
  const rate =
    rateHz < askedHz ? `${whole(rateHz)} of ${whole(askedHz)} Hz` : `${whole(rateHz)} Hz`;
  return rate + weight;
}

/** Returns what the reader must know before he trusts the figures. */
function notesOf(status: StatusMessage): string {
  const { samplerNote, rateLimit, rateHz, askedHz, budgetPercent, sampleWeight } = status;
  const lowered =
    `At ${whole(askedHz)} Hz the trace would cost more than ${budgetPercent} % of a core for each ` +
    `worker, so it samples at ${whole(rateHz)} Hz. Samples count for more then: shares stay right.`;
  const weighed =
    `Each sample stands for ${sampleWeight.toFixed(2)} times its period, since samples and the ` +
    'CPU time that the kernel counts for the workers differ. Times and shares stay right.';
  return [samplerNote, rateLimit === 'budget' ? lowered : '', sampleWeight === 1 ? '' : weighed]
    .filter((text) => text !== '')
    .join(' ');
}

/** Sums whose parts are all there, so that whoever doubts a figure can add it up. */
function qualityText({ samples, lua, native }: StatusMessage): string {
  const early = native.samples - native.complete - native.truncated;
  return [
    `${whole(samples)} samples = ${whole(samples - lua.samples)} without Lua + ${whole(lua.exact)} ` +
      `exact + ${whole(lua.functionOnly)} line unknown + ${whole(lua.traceRoot)} only the ` +
      `JIT trace known + ${whole(lua.unknown)} unknown`,
    `${whole(native.samples)} native stacks = ${whole(native.complete)} whole to the root + ` +
      `${whole(native.truncated)} too deep + ${endedEarlyText(early, native.ends, whole)}`,
  ].join(' · ');
}

/** Why native stacks ended early: each reason explained once. */
function qualityDetail({ native }: StatusMessage): string {
  return endedEarly(native.ends)
    .map(({ count, short, why }) => `${whole(count)} ${short}. ${why}`)
    .join('\n');
}

function costText(status: StatusMessage): string {
  if (status.sampler === '' || status.sampler === 'none') return '';
  const format = (value: number): string => value.toFixed(value < 1 ? 2 : 1);
  const { probeCpuPercent, instrumentsPercent, kernelCpuPercent, stoppedPercent } = status;
  const kernel = isMeasured(status) ? kernelCpuPercent : 0;
  const all = probeCpuPercent + kernel + stoppedPercent + instrumentsPercent;
  const most = status.budgetPercent * Math.max(1, status.pids.length);
  const budget = most > 0 ? ` · limit ${Number(most.toFixed(2))} %` : '';
  const unknown = isMeasured(status) ? '' : ' · kernel not measured';
  return `overhead ${format(all)} % of a core${unknown}${budget}`;
}

/** Returns the parts of the overhead, in words. */
function costParts(status: StatusMessage): string {
  const { instrumentsPercent } = status;
  const format = (value: number): string => value.toFixed(2);
  const parts = [
    `probe ${format(status.probeCpuPercent)} %`,
    ...(isMeasured(status) ? [`kernel ${format(status.kernelCpuPercent)} %`] : []),
    ...(status.stoppedPercent > 0 ? [`stops ${format(status.stoppedPercent)} %`] : []),
    ...(instrumentsPercent > 0 ? [`instruments ${format(instrumentsPercent)} %`] : []),
  ];
  return parts.join(' + ');
}

/** BPF programs measure themselves; what the kernel does for other samplers nobody tells. */
function isMeasured({ sampler }: StatusMessage): boolean {
  return sampler === 'BPF';
}

function costDetail(status: StatusMessage): string {
  const { budgetPercent, pids, stoppedPercent } = status;
  return [
    costParts(status),
    isMeasured(status)
      ? 'Of one core of the host: what the probe uses, and what its programs use in the kernel'
      : 'Of one core of the host: what the probe uses. What the kernel does for it is not measured',
    'The interrupt in which a sample is taken is the kernel’s own and not counted',
    status.instrumentsPercent > 0
      ? 'Instruments: what is watched while it is looked at, with what it costs the workers to be ' +
        'interrupted for it'
      : '',
    stoppedPercent > 0 ? 'Stops: the workers stood still for their samples' : '',
    budgetPercent > 0
      ? `The budget is ${budgetPercent} % for each of ${count(pids.length, 'worker')}: where it ` +
        'would be more, the rate goes down'
      : 'There is no budget',
  ]
    .filter((text) => text !== '')
    .join('\n');
}
