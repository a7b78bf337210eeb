/** The text in place of a graph that has nothing to show: why, and what to do next. */
import { defaultMeasure, stackSeries } from '../../extension/profile/series';
import { element, setText } from '../common/dom';
import type {
  ControlAction,
  StatusMessage,
  TreeView,
  WatchedFacts,
} from '../../extension/page/messages';
import { button, progressRing } from '../common/toolkit';

interface Text {
  title: string;
  why: string;
  next: string;
  busy?: boolean;
  actions: ('attach' | 'resume' | 'log')[];
}

export class Placeholder {
  readonly root = element('div', { class: 'placeholder', attributes: { role: 'status' } });
  private readonly title = element('h2');
  private readonly why = element('p');
  private readonly next = element('p');
  private readonly ring = progressRing();
  private readonly buttons: Record<'attach' | 'resume' | 'log', HTMLElement>;

  constructor(onControl: (action: ControlAction) => void) {
    const make = (label: string, action: ControlAction, primary: boolean): HTMLElement =>
      button({ label, title: label, primary, onClick: () => onControl(action) });
    this.buttons = {
      attach: make('Attach to a worker', 'attach', true),
      resume: make('Resume', 'resume', true),
      log: make('Show log', 'log', false),
    };
    const row = element('div', { class: 'group' }, ...Object.values(this.buttons));
    this.root.append(this.ring, this.title, this.why, this.next, row);
  }

  /** @returns whether there is nothing to show but this. */
  update(status: StatusMessage | undefined, isFilled: boolean, view: TreeView): boolean {
    const text = isFilled ? undefined : textFor(status, view);
    this.root.hidden = text === undefined;
    if (text === undefined) return false;
    setText(this.title, text.title);
    setText(this.why, text.why);
    setText(this.next, text.next);
    this.ring.hidden = text.busy !== true;
    for (const [action, made] of Object.entries(this.buttons)) {
      made.hidden = !(text.actions as string[]).includes(action);
    }
    return true;
  }
}

function textFor(status: StatusMessage | undefined, view: TreeView): Text {
  if (status === undefined) {
    return { title: 'Opening', why: '', next: '', busy: true, actions: [] };
  }
  if (status.focus !== null && status.samples > 0) {
    return {
      title: 'No samples of this row',
      why: 'Only the samples of one row are shown, and now there are none of it.',
      next: 'Remove the filter above, or choose a longer time.',
      actions: [],
    };
  }
  const { host, target, message, watched } = status;
  if (view.range !== undefined && status.samples > 0) {
    return {
      title: 'No samples in the chosen time',
      why: 'The worker was not seen in it.',
      next: 'Remove the filter of time above, or choose another time.',
      actions: [],
    };
  }
  if (!stackSeries[view.measure].always && watched !== null && status.samples > 0) {
    return nothingWatched(status.state, watched, view);
  }
  switch (status.state) {
    case 'idle':
      return {
        title: 'Nothing is attached',
        why: message,
        next: 'Attach to a running nginx, OpenResty or Kong worker to see where its CPU time goes.',
        actions: ['attach'],
      };
    case 'connecting':
      return { title: `Connecting to ${host}`, why: message, next: '', busy: true, actions: [] };
    case 'choosing':
      return {
        title: `Choose a process on ${host}`,
        why: 'Connected. The list of nginx processes is at the top of the window.',
        next: message,
        actions: [],
      };
    case 'attaching':
      return {
        title: `Attaching to ${target === '' ? host : target}`,
        why: message,
        next: 'The probe finds the Lua VMs and starts to sample. Nothing in the worker is changed.',
        busy: true,
        actions: [],
      };
    case 'running':
      return waiting(status, view);
    case 'paused':
      return {
        title: 'Paused before there was a sample',
        why: message,
        next: 'Resume to go on.',
        actions: ['resume'],
      };
    case 'stopped':
      if (status.recorded !== undefined) return recordedWithout(message);
      return {
        title: 'Stopped without a sample',
        why: message || 'The capture ended before the worker was seen on a CPU.',
        next: 'Attach again while the worker serves requests.',
        actions: ['attach', 'log'],
      };
    case 'failed':
      return {
        title: 'The capture failed',
        why: message || 'No reason was given.',
        next: 'The log says more. Attach again when the cause is fixed.',
        actions: ['attach', 'log'],
      };
  }
}

function recordedWithout(message: string): Text {
  return {
    title: 'There are no samples in this recording',
    why: message,
    next: 'If it has heap snapshots, the command "Acupoint: Heap Snapshot" shows them.',
    actions: [],
  };
}

function waiting(status: StatusMessage, view: TreeView): Text {
  if (view.windowSeconds > 0 && status.samples > 0) {
    return {
      title: `No samples in the last ${view.windowSeconds} s`,
      why: 'None was taken in this window of time.',
      next: 'Choose a longer one, or send the worker requests.',
      actions: [],
    };
  }
  const seconds = status.elapsedMs / 1000;
  const early = seconds < 3;
  return {
    title: 'Waiting for the first samples',
    why: early ? '' : `${usedText(status)} in ${seconds.toFixed(0)} s: ${whyNone(status)}`,
    next: early ? '' : 'Send it requests; the graph appears with the first ones.',
    busy: true,
    actions: [],
  };
}

function usedText({ targetCpuMs, pids }: StatusMessage): string {
  const who = pids.length === 1 ? 'The worker has' : `The ${pids.length} processes have`;
  return `${who} used ${targetCpuMs > 0 ? `${targetCpuMs.toFixed(1)} ms of` : 'no'} CPU`;
}

/** Samples follow the CPU time that is used, or something is wrong. */
function whyNone({ targetCpuMs, rateHz }: StatusMessage): string {
  return targetCpuMs * rateHz < 3000
    ? 'an idle worker has no samples.'
    : 'that should have given samples. Another sampler may be tried; the log says more.';
}

function nothingWatched(
  state: StatusMessage['state'],
  { missing, watchedMs, samples }: WatchedFacts,
  { measure, windowSeconds }: TreeView,
): Text {
  const { inBursts, words } = stackSeries[measure];
  if (missing !== '') {
    return {
      title: `${words.Whole} cannot be watched`,
      why: missing,
      next: `${stackSeries[defaultMeasure].words.label}, in the bar above, shows what there is of it.`,
      actions: ['log'],
    };
  }
  if (state !== 'running') {
    return {
      title: `No ${words.whole} was watched`,
      why: 'It is watched only while it is shown and the capture runs.',
      next: '',
      actions: state === 'paused' ? ['resume'] : [],
    };
  }
  if (windowSeconds > 0 && samples > 0) {
    return {
      title: `No ${words.whole} in the last ${windowSeconds} s`,
      why: 'None was seen in this window of time.',
      next: 'Choose a longer one, or send the worker requests.',
      actions: [],
    };
  }
  const how = inBursts ? 'It is watched in short bursts, a few milliseconds each.' : '';
  const watched = `The worker was watched for ${watchedMs.toFixed(0)} ms, and there was none.`;
  return {
    title: `Waiting for the first ${words.whole}`,
    why: watchedMs > 0 ? watched : how,
    next: watchedMs > 0 ? 'Send it requests; the graph appears with the first of it.' : '',
    busy: true,
    actions: [],
  };
}
