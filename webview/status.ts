/** One line that says what is captured, how well, and what it costs. */
import { element, setText } from './dom';
import { count, oneDecimal, percent, whole } from './format';
import type { CaptureState, StatusMessage } from './messages';

const STATES: Record<CaptureState, string> = {
  idle: 'Not attached',
  connecting: 'Connecting',
  attaching: 'Attaching',
  running: 'Live',
  paused: 'Paused',
  stopped: 'Stopped',
  failed: 'Failed',
};

export class StatusLine {
  readonly root = element('div', {
    class: 'status',
    attributes: { role: 'group', 'aria-label': 'State of the capture' },
  });
  private readonly state = element('span', { class: 'state', attributes: { role: 'status' } });
  private readonly parts = new Map<string, HTMLElement>();
  private readonly message = element('span', {
    class: 'message',
    attributes: { role: 'status' },
  });

  constructor() {
    this.root.append(this.state);
    for (const key of ['target', 'rate', 'samples', 'lost', 'lua', 'cost']) {
      const part = element('span', { class: `part ${key}` });
      this.parts.set(key, part);
      this.root.append(part);
    }
    this.root.append(this.message);
  }

  set(status: StatusMessage): void {
    setText(this.state, STATES[status.state]);
    this.state.dataset['state'] = status.state;
    this.set1('target', [status.host, status.target].filter((text) => text !== '').join(' · '));
    const running = status.state === 'running';
    this.set1('rate', status.rateHz > 0 ? `${whole(status.rateHz)} Hz` : '');
    this.set1('samples', sampleText(status, running));
    this.set1(
      'lost',
      lossText(status),
      'Samples that the sampler dropped; stacks cut at the limit',
    );
    this.set1('lua', luaText(status), luaDetail(status));
    this.parts.get('lua')!.classList.toggle('warning', luaRecovered(status) < 0.99);
    this.parts.get('lost')!.classList.toggle('warning', status.lost > 0);
    this.set1('cost', costText(status), 'Of one core of the host');
    setText(this.message, status.message);
    this.message.hidden = status.message === '';
  }

  /** What is said in the middle of the page is not said here as well. */
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
  return `lost ${whole(status.lost)} · truncated ${whole(status.truncated)}`;
}

/** Part of the samples in which Lua was running whose Lua stack is known, 0 to 1. */
function luaRecovered({ lua }: StatusMessage): number {
  return lua.samples > 0 ? 1 - lua.unknown / lua.samples : 1;
}

function luaText(status: StatusMessage): string {
  if (status.lua.samples === 0) return '';
  // Rounded down: 100.0 % is said only of all.
  const recovered = Math.floor(luaRecovered(status) * 1000) / 10;
  return `Lua stacks recovered ${oneDecimal(recovered)} %`;
}

function luaDetail({ lua }: StatusMessage): string {
  if (lua.samples === 0) return '';
  const line = (label: string, samples: number): string =>
    `${label}: ${whole(samples)} (${percent(samples, lua.samples)})`;
  return [
    `Of ${count(lua.samples, 'sample')} in which Lua was running`,
    line('exact', lua.exact),
    line('function only, the line is not known', lua.functionOnly),
    line('root of a JIT trace only', lua.traceRoot),
    line('unknown', lua.unknown),
  ].join('\n');
}

function costText(status: StatusMessage): string {
  if (status.sampler === '' || status.sampler === 'none') return '';
  const user = status.probeCpuPercent;
  const kernel = status.kernelCpuPercent;
  const format = (value: number): string => value.toFixed(value < 1 ? 2 : 1);
  return `${status.sampler} · probe ${format(user)} % + kernel ${format(kernel)} % CPU`;
}
