import { costPercent } from '../../probe';
import { sinceStart } from '../../profile/store';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { decimal, integer } from '../command-line/option';
import {
  samplingOptions,
  targetOptions,
  traceRequest,
  type TraceRequest,
} from '../command-line/target-options';
import { withFarEnd } from '../far-end';
import { forMachines, hotFunctions } from '../hot-functions';
import { printJson, printLines } from '../output';
import { costText } from '../quality';
import { Sampling } from '../sampling';
import { Screen } from '../screen';
import { fit, tableLines } from '../table';

const refreshMs = 1000;

interface Request extends TraceRequest {
  /** Infinity: until it is ended. */
  readonly seconds: number;
  /** Infinity: all since the start. */
  readonly windowSeconds: number;
  readonly rows: number;
}

export const top = defineCommand({
  name: 'top',
  summary: 'hot functions, live in the terminal',
  usage: ['[user@host] --pid P|--master P [options]'],
  about: [
    'Shows the hot functions, live. Keys: s sorts by self or total, q or Ctrl-C ends. Where stdout ' +
      'is no terminal it prints a table each second.',
  ],
  options: {
    ...targetOptions,
    window: decimal({
      flag: 'window',
      value: 'S',
      range: [0, 86_400],
      default: 10,
      help: 'the table shows the last S seconds',
      more: '0 is all since the start',
    }),
    seconds: decimal({
      flag: 'seconds',
      value: 'S',
      range: [0.1, 31_536_000],
      default: Infinity,
      otherwise: 'runs until it is ended',
      help: 'ends after S seconds',
    }),
    ...samplingOptions,
    rows: integer({
      flag: 'rows',
      value: 'N',
      range: [1, 10_000],
      default: 20,
      help: 'functions in a printed table or JSON object',
    }),
    json: json(
      'one JSON object a line each second',
      '{"timeMs","samples","lost","samplesPerSecond","probeCpuPercent","functions":[{"name","file",' +
        '"line","kinds":[],"self","total","hottestLine"}]}',
      'self and total are fractions of the samples of the window.',
    ),
  },
  read: (values, common): Request => ({
    ...traceRequest(values, common),
    seconds: values.seconds,
    windowSeconds: values.window === 0 ? Infinity : values.window,
    rows: values.rows,
  }),
  run,
});

/** Ends at the wish of the user or after the time asked for; an end of the session is a failure. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const { messages, interrupt } = terminal;
  await withFarEnd(request, terminal, async (farEnd) => {
    const { signal } = interrupt;
    const sampling = await Sampling.start(farEnd, request, { messages, signal });
    const title = `${sampling.title} on ${farEnd.transport.label}`;
    const view = { request, sampling, title };
    if (request.json) await eachSecond(view, interrupt.signal, () => printMachine(view));
    else if (process.stdout.isTTY && process.env['TERM'] !== 'dumb')
      await showScreen(view, terminal);
    else await eachSecond(view, interrupt.signal, () => printTable(view));
    await sampling.stop();
    if (sampling.failure) throw sampling.failure;
  });
}

interface View {
  readonly request: Request;
  readonly sampling: Sampling;
  readonly title: string;
}

/** Calls `show` once a second, also for the last part of one. */
async function eachSecond(view: View, signal: AbortSignal, show: () => Promise<void>) {
  const { sampling, request } = view;
  for (let next = 1; ; next++) {
    const due = Math.min((next * refreshMs) / 1000, request.seconds);
    await sampling.until(due, signal);
    if (sampling.failure || signal.aborted) return;
    await show();
    if (due >= request.seconds) return;
    // Where showing took longer than a second, the seconds that were missed are left out.
    next = Math.max(next, Math.floor((sampling.elapsedSeconds * 1000) / refreshMs));
  }
}

async function hot(view: View, rows: number, by: 'self' | 'total' = 'self') {
  const { store } = view.sampling;
  const { windowSeconds } = view.request;
  const query = windowSeconds === Infinity ? sinceStart : store.lastSeconds(windowSeconds);
  const result = await hotFunctions(store, query, rows, by);
  const seconds = Math.min(windowSeconds, Math.max(store.timeUs / 1e6, 0.25));
  return { ...result, samplesPerSecond: result.samples / seconds };
}

async function printMachine(view: View): Promise<void> {
  const { health } = view.sampling;
  const { rows, samples, samplesPerSecond } = await hot(view, view.request.rows);
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
  const result = await hot(view, view.request.rows);
  const lines = [...heading(view, result), ...tableLines(result.rows, 200)];
  printLines([...lines, '']);
}

async function showScreen(view: View, { messages, interrupt }: Terminal): Promise<void> {
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
  const { sampling, request, title } = view;
  const { health, started, store } = sampling;
  const span =
    request.windowSeconds === Infinity ? 'since the start' : `last ${request.windowSeconds} s`;
  const rate = health?.rateHz ?? request.rateHz;
  const asked = rate < request.rateHz ? ` of ${request.rateHz}` : '';
  const most = request.budgetPercent * Math.max(1, health?.pids.length ?? 1);
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
