/** From what a machine printed to figures, all shares in percent. */
import type { RecordedFrame, Recording } from '../truth/record';
import type { Transcript } from './machine';

export interface Leftovers {
  /** BPF programs and maps that the kernel held while the probe ran; undefined: not looked at. */
  readonly held: number | undefined;
  /** Names what was there afterwards and must not be. */
  readonly left: readonly string[];
}

export interface Findings {
  readonly release: string;
  readonly sampler: string;
  readonly samples: number;
  /** Of those, what no stack of the recording stands for. */
  readonly uncounted: number;
  readonly lost: number;
  /** The interpreted loop's part of both loops: by the gateway's own ledger, and by the probe. */
  readonly expected: number;
  readonly measured: number;
  readonly ofLoops: number;
  /** Samples of a loop whose innermost Lua frame stands on the loop's line. */
  readonly interpretedLine: number;
  readonly compiledLine: number;
  /** Samples under Lua; and of those, the ones without a Lua function. */
  readonly lua: number;
  readonly unattributed: number;
  /** Samples whose native frames reach main. */
  readonly complete: number;
  /** Samples of the second recording, folded. */
  readonly folded: number;
  /** Microseconds of BPF a sample. Emulated: good for comparing rows only. */
  readonly bpfUs: number;
  /** Events that each instrument saw, by its id; lost ones left out. */
  readonly watched: Readonly<Record<string, number>>;
  /** It is a worker of nginx's, which has requests. */
  readonly gateway: boolean;
  readonly exited: Leftovers;
  readonly unwatched: Leftovers;
  readonly killed: Leftovers;
}

interface Ledger {
  readonly pid: number;
  /** It is a worker of nginx's, which the probe lists. */
  readonly listed: boolean;
  readonly interpreted: number;
  readonly compiled: number;
}

interface FullRecording extends Recording {
  readonly meta: { readonly sampler: string; readonly seconds: number };
  readonly health: Recording['health'] & { readonly kernelCpuPercent: number };
}

interface Seen {
  readonly count: number;
  readonly quality: string;
  readonly frames: readonly RecordedFrame[];
  readonly leaf: RecordedFrame | undefined;
}

/** Sections that must have ended well for a row to be read at all. */
const COMMANDS = ['kernel', 'start', 'up', 'list', 'before', 'record', 'after', 'json'];
const MORE_COMMANDS = ['left', 'record-folded', 'folded', 'watch', 'killed'];

/** @throws in words where a command failed, or printed what it must not. */
export function readFindings(
  transcript: Transcript,
  hotLines: ReadonlyMap<string, number>,
): Findings {
  const text = (name: string) => transcript.sections.get(name)?.text ?? '';
  for (const name of [...COMMANDS, ...MORE_COMMANDS]) {
    const section = transcript.sections.get(name);
    if (!section) throw new Error(`It ended before "${name}": ${transcript.broken ?? ''}`);
    if (section.status) throw new Error(`"${name}" ended with ${section.status}: ${section.text}`);
  }
  const recording = JSON.parse(text('json')) as FullRecording;
  const before = JSON.parse(text('before')) as Ledger;
  const after = JSON.parse(text('after')) as Ledger;
  if (isListed(text('list'), before.pid) !== before.listed) {
    throw new Error(`Listed must be the worker, if there is one: ${text('list')}`);
  }
  const { health, meta } = recording;
  const seen = stacksOf(recording);
  const loop = (name: string) =>
    seen.filter(({ frames }) => frames.some((frame) => isLua(frame) && frame.name === name));
  const onLine = (name: string) => (one: Seen) =>
    one.leaf?.name === name && one.leaf.line === hotLines.get(name);
  const interpreted = loop('interpreted');
  const compiled = loop('compiled');
  const inLua = seen.filter(({ quality }) => quality !== 'noLua');
  const spent = after.interpreted - before.interpreted;
  return {
    release: text('kernel').trim(),
    sampler: meta.sampler,
    samples: health.samples,
    uncounted: health.samples - countOf(seen),
    lost: health.lost,
    expected: (100 * spent) / (spent + after.compiled - before.compiled),
    measured: part([...interpreted, ...compiled], (one) => interpreted.includes(one)),
    ofLoops: countOf([...interpreted, ...compiled]),
    interpretedLine: part(interpreted, onLine('interpreted')),
    compiledLine: part(compiled, onLine('compiled')),
    lua: part(seen, (one) => inLua.includes(one)),
    unattributed: part(inLua, ({ frames }) => !frames.some(isLua)),
    complete: part(seen, ({ frames }) => frames.some(isMain)),
    folded: foldedSamples(text('folded')),
    bpfUs: ((health.kernelCpuPercent / 100) * meta.seconds * 1e6) / health.samples,
    watched: Object.fromEntries(
      [...text('watch').matchAll(/^watched (\w+): (\d+) events/gm)].map(([, id, count]) => [
        id!,
        Number(count),
      ]),
    ),
    gateway: before.listed,
    exited: readLeftovers(text('left')),
    unwatched: readLeftovers(text('watch')),
    killed: readLeftovers(text('killed')),
  };
}

const isLua = ({ kind }: RecordedFrame) => kind === 'lua' || kind === 'luaJit';
const isMain = ({ kind, name }: RecordedFrame) => kind === 'native' && name === 'main';
const countOf = (seen: readonly Seen[]) => seen.reduce((sum, { count }) => sum + count, 0);

/** Of nothing: not a number, which no bar lets pass. */
function part(seen: readonly Seen[], holds: (one: Seen) => boolean): number {
  return (100 * countOf(seen.filter(holds))) / countOf(seen);
}

function stacksOf(recording: Recording): Seen[] {
  return recording.stacks.map(({ count, quality, frames: indices }) => {
    const frames = indices.flatMap((index) => recording.frames[index] ?? []);
    return { count, quality, frames, leaf: frames.findLast(isLua) };
  });
}

function isListed(json: string, worker: number): boolean {
  const { masters } = JSON.parse(json) as {
    masters: { lua: boolean; workers: { pid: number }[] }[];
  };
  return masters.some(({ lua, workers }) => lua && workers.some(({ pid }) => pid === worker));
}

/** Of lines in which the two loops are named; a stack's count is its last word. */
function foldedSamples(text: string): number {
  const lines = text.split('\n').filter(Boolean);
  for (const name of ['interpreted', 'compiled']) {
    if (!lines.some((line) => line.includes(`;${name} (`))) {
      throw new Error(`No ${name} loop in the folded stacks: ${text.slice(0, 500)}`);
    }
  }
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

const NOTHING = { processes: '0', bpf: '0', files: '0', tracer: '0', uprobes: '0', alive: '1' };

function readLeftovers(text: string): Leftovers {
  const found = new Map(
    text.split('\n').map((line) => {
      const [name = '', value = ''] = line.split(' ');
      return [name, value];
    }),
  );
  const held = found.get('held');
  return {
    held: held === undefined ? undefined : Number(held),
    left: Object.entries(NOTHING)
      .filter(([name, value]) => found.get(name) !== value)
      .map(([name]) => `${name} ${found.get(name) ?? 'not known'}`),
  };
}
