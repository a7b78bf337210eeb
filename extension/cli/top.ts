import { costPercent } from '../probe';
import { sinceStart } from '../profile/store';
import type { TopCommand } from './arguments';
import { withFarEnd } from './far-end';
import { forMachines, hotFunctions } from './hot-functions';
import type { Interrupt } from './interrupt';
import { printJson, printLines } from './output';
import { costText } from './quality';
import { Sampling } from './sampling';
import { Screen } from './screen';
import { fit, tableLines } from './table';
import type { Messages } from './terminal';

const refreshMs = 1000;

/** Ends at the wish of the user or after the time asked for; an end of the session is a failure. */
export async function top(command: TopCommand, messages: Messages, interrupt: Interrupt) {
  await withFarEnd(command, messages, interrupt, async ({ session, transport }) => {
    const sampling = await Sampling.start(session, command, messages);
    const view = { command, sampling, title: `${sampling.title} on ${transport.label}` };
    if (command.json) await eachSecond(view, interrupt.signal, () => printMachine(view));
    else if (process.stdout.isTTY && process.env['TERM'] !== 'dumb')
      await showScreen(view, messages, interrupt);
    else await eachSecond(view, interrupt.signal, () => printTable(view));
    await sampling.stop();
    if (sampling.failure) throw sampling.failure;
  });
}

interface View {
  readonly command: TopCommand;
  readonly sampling: Sampling;
  readonly title: string;
}

/** Calls `show` once a second, also for the last part of one. */
async function eachSecond(view: View, signal: AbortSignal, show: () => Promise<void>) {
  const { sampling, command } = view;
  for (let next = 1; ; next++) {
    const due = Math.min((next * refreshMs) / 1000, command.seconds);
    await sampling.until(due, signal);
    if (sampling.failure || signal.aborted) return;
    await show();
    if (due >= command.seconds) return;
    // Where showing took longer than a second, the seconds that were missed are left out.
    next = Math.max(next, Math.floor((sampling.elapsedSeconds * 1000) / refreshMs));
  }
}

async function hot(view: View, rows: number, by: 'self' | 'total' = 'self') {
  const { store } = view.sampling;
  const { windowSeconds } = view.command;
  const query = windowSeconds === Infinity ? sinceStart : store.lastSeconds(windowSeconds);
  const result = await hotFunctions(store, query, rows, by);
  const seconds = Math.min(windowSeconds, Math.max(store.timeUs / 1e6, 0.25));
  return { ...result, samplesPerSecond: result.samples / seconds };
}

async function printMachine(view: View): Promise<void> {
  const { health } = view.sampling;
  const { rows, samples, samplesPerSecond } = await hot(view, view.command.rows);
  const line = {
    timeMs: Math.round(view.sampling.elapsedSeconds * 1000),
    samples,
    lost: health?.lost ?? 0,
    samplesPerSecond,
    probeCpuPercent: health ? costPercent(health) : null,
    functions: rows.map(forMachines),
  };
  printJson(line, 0);
}

async function printTable(view: View): Promise<void> {
  const result = await hot(view, view.command.rows);
  const lines = [...heading(view, result), ...tableLines(result.rows, 200)];
  printLines([...lines, '']);
}

async function showScreen(view: View, messages: Messages, interrupt: Interrupt): Promise<void> {
  let by: 'self' | 'total' = 'self';
  const quit = new AbortController();
  const signal = AbortSignal.any([quit.signal, interrupt.signal]);
  const draw = async () => {
    const result = await hot(view, screen.rows, by);
    const keys = `by ${by} time · s: by ${by === 'self' ? 'total' : 'self'} · q: quit`;
    const head = [...heading(view, result), keys, ''].map((line) => fit(line, screen.columns));
    screen.draw([...head, ...tableLines(result.rows, screen.columns)]);
  };
  const redraw = () => void draw().catch((error: unknown) => messages.detail(String(error)));
  const screen = new Screen(
    process.stdout,
    process.stdin,
    (key) => {
      if (key === 'q') quit.abort();
      else if (key === '\u0003') interrupt.ctrlC();
      else if (key === 's') {
        by = by === 'self' ? 'total' : 'self';
        redraw();
      }
    },
    redraw,
  );
  messages.hold();
  try {
    redraw();
    await eachSecond(view, signal, draw);
  } finally {
    screen.close();
    messages.release();
  }
}

function heading(view: View, result: { samples: number; samplesPerSecond: number }): string[] {
  const { sampling, command, title } = view;
  const { health, started, store } = sampling;
  const span =
    command.windowSeconds === Infinity ? 'since the start' : `last ${command.windowSeconds} s`;
  const rate = health?.rateHz ?? command.rateHz;
  const asked = rate < command.rateHz ? ` of ${command.rateHz}` : '';
  const most = command.budgetPercent * Math.max(1, health?.pids.length ?? 1);
  return [
    title,
    [
      `${result.samples} samples, ${span} (${result.samplesPerSecond.toFixed(0)}/s)`,
      `${store.tallies.samples} in all`,
      `${health?.lost ?? 0} lost`,
      `${started?.sampler ?? ''} ${rate}${asked} Hz`,
      ...(health ? [`${costText(health, started?.sampler)} CPU`] : []),
      ...(most > 0 ? [`at most ${Number(most.toFixed(2))} %`] : []),
    ].join(' · '),
  ];
}
