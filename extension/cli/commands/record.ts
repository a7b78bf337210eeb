import { takeHeapSnapshot } from '../../capture/heap-snapshot';
import { newRecorder, type CaptureRecorder, type ProbeSession } from '../../probe';
import { type StackSeries, stackSeries } from '../../profile/series';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { choice, choices, flag, type Option, text, type Values } from '../command-line/option';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { UsageError } from '../exit';
import { explain } from '../far-end';
import { encode, formatOfPath, formats, type Format } from '../formats';
import { heapOptions } from '../heap-options';
import { tellMissingRows } from '../instrument-text';
import { printBytes, printJson } from '../output';
import { queryOf, summarise, tellSummary } from '../recorded-summary';
import { withSamples, type Samples } from '../samples';
import { checkWritable, writeWhole } from '../write-file';

type Request = Source & {
  /** The series of the weights in the file. */
  readonly series: StackSeries;
  /** Instruments whose series go into the recording as well. */
  readonly watch: readonly string[];
  /** undefined: only the summary is wanted; '-': stdout. */
  readonly out: { readonly path: string; readonly format: Format } | undefined;
  /** Heap snapshots of the workers go into the recording as well. */
  readonly heap: boolean;
};

const watched = Object.values(stackSeries).filter(({ always }) => !always);
/** Each series that is watched on demand can be written in place of CPU time. */
const seriesFlags: Readonly<Record<string, Option<boolean>>> = Object.fromEntries(
  watched.map(({ instrument, words }) => [
    instrument,
    flag({
      flag: instrument,
      help: `${words.whole} instead of CPU time; see acupoint ${instrument}`,
    }),
  ]),
);
const instruments = [...watched.map(({ instrument }) => instrument), 'requests', 'jit'];

const options = {
  ...sourceOptions,
  out: text({
    flag: 'out',
    short: 'o',
    value: 'FILE',
    help: [
      'the format follows from the name; - is stdout and needs --format',
      '  x.acupoint          a recording: all there was, for --from, or VS Code',
      '  x.folded            folded stacks: a line a stack, with its samples',
      '  x.speedscope.json   https://www.speedscope.app',
      '  x.pb.gz             pprof',
    ].join('\n'),
  }),
  format: choice({
    flag: 'format',
    value: 'F',
    of: formats,
    default: undefined,
    noun: 'a format',
    help: 'the format, whatever the name',
  }),
  heap: flag({
    flag: 'heap',
    help: 'put a heap snapshot of each worker into the recording, at its end',
  }),
  ...seriesFlags,
  watch: choices({
    flag: 'watch',
    value: 'NAME',
    of: instruments,
    noun: 'an instrument',
    live: true,
    help: 'put what an instrument sees into the recording as well',
    more: 'may be given again',
  }),
  json: json(
    'one JSON object on stdout when done, with or without --out',
    '{"file","format","host","target","sampler","rateHz","sampleWeight","usedCpuSeconds",' +
      '"sampledCpuSeconds","seconds","samples","lost","truncated","interrupted",' +
      '"gaps":[{"fromS","toS"}],' +
      '"lua":{"samples","exact","functionOnly","traceRoot","unknown"},"native":' +
      '{"samples","complete","truncated"},"probeCpuPercent","budgetPercent","kinds":[{"kind",' +
      '"share"}],"functions":[{"name","file","line","kinds":[],"self","total","selfInterval":[],' +
      '"totalInterval":[],"tied","hottestLine"}]}',
    'self and total are fractions of all samples, and an interval holds the true one in 95 of 100 ' +
      'cases (null: of bytes it is not known); tied: the samples do not tell a function from the ' +
      'one above it; functions are the 50 with the most self. The shares of kinds sum to 1. With ' +
      '--allocations they are fractions of all bytes, and "allocated":{"bytes",' +
      '"bytesPerRequest","bytesPerSecond"} is there too; with --offcpu of the blocked time, and ' +
      '"offcpu":{"seconds"}; with --errors "exceptions":{"count","perRequest","perSecond"}.',
  ),
} as const;

export const record = defineCommand({
  name: 'record',
  summary: 'samples for some seconds and writes a profile, or all there is, to a file',
  usage: [
    '[user@host] --pid P|--master P --out FILE [options]',
    '--from x.acupoint --out FILE [options]',
  ],
  about: [
    'Samples for some seconds and writes a file. Ctrl-C ends it early and writes what there is. ' +
      'With --from it writes the contents of a recording in another format.',
  ],
  options,
  notes: [
    'In all formats a Lua function has its name, the file as the worker knows it, and the line ' +
      'where it is defined; pprof has the line that was executing besides.',
  ],
  read: (values, common): Request => ({
    ...sourceOf(values, common),
    series: seriesOf(values),
    watch: values.watch,
    out: outOf(values),
    heap: values.heap,
  }),
  run,
});

/** @throws UsageError where there are two. */
function seriesOf(values: Readonly<Record<string, unknown>>): StackSeries {
  const [series = stackSeries.cpu, other] = watched.filter(({ instrument }) => values[instrument]);
  if (other !== undefined)
    throw new UsageError(`--${series.instrument} or --${other.instrument}: a file shows one.`);
  return series;
}

function outOf({
  out,
  json,
  heap,
  from,
  watch,
  ...values
}: Values<typeof options>): Request['out'] {
  if (out === undefined && !json)
    throw new UsageError(
      'Say where to write: --out x.acupoint, .folded, .speedscope.json or .pb.gz.',
    );
  const format = values.format ?? formatOfPath(out ?? '');
  if (out !== undefined && !format)
    throw new UsageError(
      `The format does not follow from "${out}": ` +
        'end it in .acupoint, .folded, .speedscope.json or .pb.gz, or give --format.',
    );
  if (out === '-' && json) throw new UsageError('--json and --out - both want stdout.');
  if (heap && format !== 'recording')
    throw new UsageError('--heap goes into a recording: --out x.acupoint.');
  if (watch.length > 0 && format !== 'recording')
    throw new UsageError('--watch goes into a recording: --out x.acupoint.');
  if (from !== undefined && format === 'recording')
    throw new UsageError(`${from} is a recording already: copy the file.`);
  return out !== undefined && format ? { path: out, format } : undefined;
}

/** Writes what was sampled, whatever ended it. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const { messages } = terminal;
  const { out, series, watch } = request;
  if (out && out.path !== '-') await checkWritable(out.path);
  const recorder = out?.format === 'recording' ? newRecorder() : undefined;
  if (recorder) recorder.onLeftOut = (text) => messages.say(text);
  const begin = (session: ProbeSession) => {
    if (recorder) session.record(recorder);
  };
  const instruments = [...new Set([...(series.always ? [] : [series.instrument]), ...watch])];
  await withSamples(request, terminal, { instruments, begin }, async (samples) => {
    if (out) {
      if (recorder && request.heap) await addHeaps(samples, recorder, terminal);
      const content = await contentOf(samples, request, out.format, recorder);
      if (out.path === '-') printBytes(content);
      else await writeWhole(out.path, content);
    }
    tellSummary(samples, request, terminal);
    if (request.json) printJson(await summarise(samples, request, terminal), 2);
    if (!series.always) tellMissingRows(samples.sampling, series, messages);
  });
}

async function contentOf(
  { sampling, host, local }: Samples,
  request: Request,
  format: Format,
  recorder: CaptureRecorder | undefined,
): Promise<Uint8Array> {
  const target = sampling.title;
  if (format !== 'recording') {
    const { title } = request.series.exported;
    const snapshot = await sampling.store.snapshot(queryOf(request));
    return encode(format, snapshot, `${target} on ${host}${title === '' ? '' : `, ${title}`}`);
  }
  const ending = sampling.failure?.message ?? '';
  return recorder!.write({ host: local ? '' : host, target }, ending);
}

/** Adds a snapshot of each worker that was sampled last. Says which cannot be had. */
async function addHeaps(
  { sampling, session }: Samples,
  recorder: CaptureRecorder,
  terminal: Terminal,
): Promise<void> {
  const { messages, interrupt } = terminal;
  for (const pid of sampling.health?.pids ?? []) {
    if (sampling.failure || interrupt.signal.aborted) return;
    try {
      const { pauseMs } = await takeHeapSnapshot(
        session,
        { ...heapOptions(terminal), pid },
        recorder,
      );
      messages.say(`Heap of worker ${pid} recorded; paused ${pauseMs.toFixed(1)} ms.`);
    } catch (error) {
      messages.say(`No heap of worker ${pid}: ${explain(error).text}`);
    }
  }
}
