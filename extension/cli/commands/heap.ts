/** Owners of a worker's Lua memory, as a table or for machines. */
import { heapGrowth } from '../../analysis/heap/compare';
import { heapText } from '../../analysis/heap/text';
import { heapStacks } from '../../analysis/heap/tree';
import { takeHeapSnapshot, type HeapSnapshot } from '../../capture/heap-snapshot';
import { visible } from '../../common/outside';
import { newRecorder, type RecordedHeap } from '../../probe';
import { defineCommand, type Common, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { groupingRules, groupOption, groupsOf, type Group } from '../command-line/grouping-options';
import { integer, text } from '../command-line/option';
import { fromOption, targetOptions } from '../command-line/target-options';
import { Failed, UsageError } from '../exit';
import { withFarEnd } from '../far-end';
import { formatOfPath } from '../formats';
import { defaultMaxPauseMs, heapOptions } from '../heap-options';
import { printJson, printLines } from '../output';
import { recordedEnd } from '../samples';
import { checkWritable, writeWhole } from '../write-file';

interface Taking extends Common {
  /** Where to write it as a recording; undefined: nowhere. */
  readonly out: string | undefined;
  readonly maxPauseMs: number;
  /** Where to write the flame graph in bytes; undefined: nowhere. */
  readonly folded: string | undefined;
  /** The recording of an earlier snapshot; undefined: nothing is compared. */
  readonly compare: string | undefined;
  readonly groups: readonly Group[];
  /** Of a recording, which of its snapshots, from 1 on; undefined: the last one (of `pid`). */
  readonly snapshot: number | undefined;
}

type Request = Taking &
  (
    | { readonly from: undefined; readonly pid: number }
    /** pid undefined: any. */
    | { readonly from: string; readonly pid: number | undefined }
  );

export const heap = defineCommand({
  name: 'heap',
  summary: "the owners of a worker's Lua memory",
  usage: [
    '[user@host] --pid P [options]',
    '--from x.acupoint [--snapshot N] [options]',
    'before.acupoint after.acupoint [options]',
  ],
  pair: ['compare', 'from'],
  about: [
    "Shows what holds a worker's Lua memory: retained bytes by plugin, module and object. A worker " +
      'that sleeps for long enough is not stopped; another one stands while its memory is copied, ' +
      'at most for the limit, and is let go before the copy is read.',
    'Two snapshots are compared by owner: what is held first, garbage for itself.',
  ],
  options: {
    pid: { ...targetOptions.pid, live: false, help: 'the worker' },
    maxPauseMs: integer({
      flag: 'max-pause-ms',
      value: 'N',
      range: [1, 10_000],
      default: defaultMaxPauseMs,
      live: true,
      help: 'the limit',
      more: 'a snapshot that would take longer is refused, with an estimate',
    }),
    out: text({
      flag: 'out',
      short: 'o',
      value: 'x.acupoint',
      live: true,
      help: 'write the snapshot as a recording, whole: for --from, or VS Code',
    }),
    from: { ...fromOption.from, help: 'show a snapshot of a recording, in place of a process' },
    snapshot: integer({
      flag: 'snapshot',
      value: 'N',
      range: [1, 10_000],
      default: undefined,
      plain: true,
      otherwise: 'the last one, or the last one of --pid',
      help: 'which one, from 1 on',
    }),
    compare: text({
      flag: 'compare',
      value: 'x.acupoint',
      help: 'say what has grown since its last snapshot; of the same file as --from, the one before',
    }),
    folded: text({
      flag: 'folded',
      value: 'FILE',
      help: 'write the flame graph in bytes as folded stacks: a line a stack',
    }),
    group: groupOption,
    json: json(
      'one JSON object',
      '{"pauseMs","copiedBytes","gcTotalBytes","reachedBytes","owners":[{"name","kind",' +
        '"retainedBytes","objects"}],"since":{"pid","gcTotalBytes","reachedBytes","heldGrowth",' +
        '"uncollectedGrowth","owners":[{"name","kind","before","after","growth"}]}}',
      'kind is plugin, core or other. An object counts for the one owner that holds it alone, or ' +
        "else as shared, so the owners' bytes add up to reachedBytes: what was found of the " +
        "gcTotalBytes that the VM's collector counts. since is there with --compare: all of its " +
        'owners, those of which nothing is left too; their growths without that of garbage add up ' +
        'to heldGrowth.',
    ),
  },
  read: (values, common): Request => {
    const { pid, from, out, snapshot, maxPauseMs, folded, compare } = values;
    if (from === undefined && snapshot !== undefined)
      throw new UsageError('--snapshot chooses one of a recording: give --from.');
    if (out !== undefined && formatOfPath(out) !== 'recording')
      throw new UsageError(`A heap is written as a recording: "${out}" must end in .acupoint.`);
    const groups = groupsOf(values.group);
    groupingRules(groups);
    const taking = { ...common, out, maxPauseMs, folded, compare, groups, snapshot };
    if (from !== undefined) return { ...taking, from, pid };
    if (pid !== undefined) return { ...taking, from, pid };
    throw new UsageError('Say which worker: --pid; `acupoint list` shows them.');
  },
  run,
});

async function run(request: Request, terminal: Terminal): Promise<void> {
  const { out, folded } = request;
  if (out !== undefined) await checkWritable(out);
  const taken =
    request.from === undefined
      ? await takeNow(request, request.pid, terminal)
      : await takeFrom(request.from, request, terminal);
  const { pid, snapshot } = taken;
  const before = await takeEarlier(request, taken, terminal);
  terminal.messages.clear();
  if (before !== undefined && before.pid !== pid)
    terminal.messages.say(`These are two workers: ${before.pid}, and then ${pid}.`);
  if (folded !== undefined) await writeWhole(folded, Buffer.from(foldedText(snapshot)));
  if (request.json) printJson({ ...forMachines(snapshot), ...since(snapshot, before) }, 2);
  else printLines(heapText({ pid, ...snapshot }, snapshot.report, before?.snapshot.report));
}

/** Takes the snapshot that it is compared with; undefined: none. */
async function takeEarlier(
  request: Request,
  { recorded }: Taken,
  terminal: Terminal,
): Promise<Taken | undefined> {
  const { compare, from } = request;
  if (compare === undefined) return undefined;
  if (compare !== from || recorded === undefined)
    return takeFrom(compare, { ...request, snapshot: undefined }, terminal);
  const { heaps } = (await recordedEnd(compare)).session.recorded;
  const { pid } = heaps[recorded]!;
  const earlier = heaps.slice(0, recorded).findLastIndex((heap) => heap.pid === pid);
  if (earlier < 0) throw new Failed(`There is no earlier snapshot of worker ${pid} in ${compare}.`);
  return takeFrom(compare, { ...request, snapshot: earlier + 1 }, terminal);
}

interface Taken {
  readonly pid: number;
  /** Of a recording: which of its snapshots, from 0 on. */
  readonly recorded?: number;
  readonly snapshot: HeapSnapshot;
}

async function takeNow(request: Request, pid: number, terminal: Terminal): Promise<Taken> {
  const { messages } = terminal;
  const { out, destination } = request;
  const recorder = out === undefined ? undefined : newRecorder();
  const snapshot = await withFarEnd(request, terminal, async ({ session, transport }) => {
    if (recorder) {
      session.record(recorder);
      recorder.onLeftOut = (text) => messages.say(text);
    }
    const options = optionsOf(request, pid, terminal);
    const taken = await takeHeapSnapshot(session, options, recorder);
    if (out === undefined || recorder === undefined) return taken;
    const host = destination.kind === 'local' ? '' : transport.label;
    await writeWhole(out, recorder.write({ host, target: `worker ${pid}` }, ''));
    return taken;
  });
  return { pid, snapshot };
}

async function takeFrom(path: string, request: Request, terminal: Terminal): Promise<Taken> {
  const { session } = await recordedEnd(path);
  const { heaps } = session.recorded;
  const fits = heaps.flatMap((heap, i) => (heap.pid === (request.pid ?? heap.pid) ? [i] : []));
  const recorded = request.snapshot === undefined ? fits.at(-1) : request.snapshot - 1;
  const chosen = recorded === undefined ? undefined : heaps[recorded];
  if (recorded === undefined || chosen === undefined) throw notThere(path, heaps);
  terminal.messages.say(`Snapshot ${recorded + 1} of ${heaps.length}: ${describe(chosen)}`);
  const { pid } = chosen;
  const options = { ...optionsOf(request, pid, terminal), recorded };
  return { pid, recorded, snapshot: await takeHeapSnapshot(session, options) };
}

function optionsOf({ maxPauseMs, groups: rules }: Request, pid: number, terminal: Terminal) {
  return { ...heapOptions(terminal), pid, maxPauseMs, rules };
}

function notThere(path: string, heaps: readonly RecordedHeap[]): Failed {
  const list = heaps.map((heap, i) => `${i + 1}: ${describe(heap)}`).join('; ');
  const has = heaps.length === 0 ? 'no heap snapshot' : `these heap snapshots: ${list}`;
  return new Failed(`The recording ${path} has ${has}.`);
}

function describe({ pid, takenUnixMs }: RecordedHeap): string {
  return `worker ${pid}, taken ${new Date(takenUnixMs).toISOString()}`;
}

function forMachines({ pauseMs, copiedBytes, report }: HeapSnapshot) {
  const { gcTotalBytes, reachedBytes, owners } = report;
  return { pauseMs, copiedBytes, gcTotalBytes, reachedBytes, owners };
}

function since({ report }: HeapSnapshot, earlier: Taken | undefined) {
  if (earlier === undefined) return {};
  const { pid, snapshot } = earlier;
  const { gcTotalBytes, reachedBytes } = snapshot.report;
  const { held, uncollected, owners } = heapGrowth(snapshot.report, report);
  const sums = { heldGrowth: held, uncollectedGrowth: uncollected };
  return { since: { pid, gcTotalBytes, reachedBytes, ...sums, owners } };
}

/** Folded stacks in bytes, for flame graphs of any make. */
function foldedText({ report }: HeapSnapshot): string {
  const line = (frames: readonly string[], bytes: number) =>
    `${frames.map((frame) => visible(frame).replaceAll(';', ',')).join(';')} ${bytes}\n`;
  return heapStacks(report.tree)
    .map(({ frames, bytes }) => line(frames, bytes))
    .join('');
}
