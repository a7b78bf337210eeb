import { takeHeapSnapshot } from '../../capture/heap-snapshot';
import { newRecorder, type CaptureRecorder, type ProbeSession } from '../../probe';
import { series, tellMissingAllocations } from '../allocation-text';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { choice, flag, text, type Values } from '../command-line/option';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { UsageError } from '../exit';
import { explain } from '../far-end';
import { encode, formatOfPath, formats, type Format } from '../formats';
import { heapOptions } from '../heap-options';
import { printBytes, printJson } from '../output';
import { queryOf, summarise, tellSummary } from '../recorded-summary';
import { withSamples, type Samples } from '../samples';
import { checkWritable, writeWhole } from '../write-file';

type Request = Source & {
  /** The file shows allocated bytes in place of CPU time. */
  readonly allocations: boolean;
  /** undefined: only the summary is wanted; '-': stdout. */
  readonly out: { readonly path: string; readonly format: Format } | undefined;
  /** Heap snapshots of the workers go into the recording as well. */
  readonly heap: boolean;
};

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
  allocations: flag({
    flag: 'allocations',
    help: 'bytes that Lua code allocates instead of CPU time; see acupoint allocations',
  }),
  json: json(
    'one JSON object on stdout when done, with or without --out',
    '{"file","format","host","target","sampler","rateHz","seconds","samples","lost","truncated",' +
      '"interrupted","lua":{"samples","exact","functionOnly","traceRoot","unknown"},"native":' +
      '{"samples","complete","truncated"},"probeCpuPercent","budgetPercent","functions":[{"name",' +
      '"file","line","kinds":[],"self","total","hottestLine"}]}',
    'self and total are fractions of all samples; functions are the 50 with the most self. With ' +
      '--allocations they are fractions of all bytes, and "allocated":{"bytes",' +
      '"bytesPerRequest","bytesPerSecond"} is there too.',
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
    allocations: values.allocations,
    out: outOf(values),
    heap: values.heap,
  }),
  run,
});

function outOf({ out, json, heap, from, ...values }: Values<typeof options>): Request['out'] {
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
  if (from !== undefined && format === 'recording')
    throw new UsageError(`${from} is a recording already: copy the file.`);
  return out !== undefined && format ? { path: out, format } : undefined;
}

/** Writes what was sampled, whatever ended it. */
async function run(request: Request, terminal: Terminal): Promise<void> {
  const { messages } = terminal;
  const { out, allocations } = request;
  if (out && out.path !== '-') await checkWritable(out.path);
  const recorder = out?.format === 'recording' ? newRecorder() : undefined;
  if (recorder) recorder.onLeftOut = (text) => messages.say(text);
  const begin = (session: ProbeSession) => {
    if (recorder) session.record(recorder);
  };
  const instruments = allocations ? [series.instrument] : [];
  await withSamples(request, terminal, { instruments, begin }, async (samples) => {
    if (out) {
      if (recorder && request.heap) await addHeaps(samples, recorder, terminal);
      const content = await contentOf(samples, request, out.format, recorder);
      if (out.path === '-') printBytes(content);
      else await writeWhole(out.path, content);
    }
    tellSummary(samples, request, terminal);
    if (request.json) printJson(await summarise(samples, request, terminal), 2);
    if (allocations) tellMissingAllocations(samples.sampling, messages);
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
    const what = request.allocations ? ', allocations' : '';
    const snapshot = await sampling.store.snapshot(queryOf(request));
    return encode(format, snapshot, `${target} on ${host}${what}`);
  }
  const ending = sampling.failure?.message ?? '';
  return recorder!.write({ host: local ? '' : host, target }, ending);
}

/** A snapshot of each worker that was sampled last. What cannot be had is said. */
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
      messages.say(`Heap of worker ${pid} recorded; it stood ${pauseMs.toFixed(1)} ms.`);
    } catch (error) {
      messages.say(`No heap of worker ${pid}: ${explain(error).text}`);
    }
  }
}
