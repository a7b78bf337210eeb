import { rawText } from '../common/outside';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { parseDestination, thisMachine, type Destination } from '../remote/destination';
import type { SamplerName } from '../probe';
import type { Target } from '../probe/session';
import { dimensions, type Dimension } from '../analysis/dimensions';
import type { GroupingRules } from '../analysis/grouping';
import { UsageError } from './exit';
import { formatNamed, formatOfPath, type Format } from './formats';
import { installOptions, installRequest, type InstallRequest } from './install-options';
import { groupingRules, groupsOf, integer, number, sampler } from './values';
import { messageOf } from '../common/errors';

export interface Common {
  readonly destination: Destination;
  readonly sshConfig: string | undefined;
  readonly verbose: boolean;
  readonly json: boolean;
}

export interface ListCommand extends Common {
  readonly command: 'list';
}

interface Sampling extends Common {
  readonly target: Target;
  readonly rateHz: number;
  readonly requestLabels: boolean;
  /** Percent of a core for each worker; 0: no limit. */
  readonly budgetPercent: number;
  /** undefined: the best that works. */
  readonly sampler: SamplerName | undefined;
}

export interface FromTarget extends Sampling {
  readonly seconds: number;
}

export interface FromRecording extends Common {
  /** The file. */
  readonly from: string;
}

export type RecordCommand = (FromTarget | FromRecording) & {
  readonly command: 'record';
  /** What is wanted is what was allocated, not where CPU time went. */
  readonly allocations: boolean;
  /** undefined: only the summary is wanted; '-': stdout. */
  readonly out: { readonly path: string; readonly format: Format } | undefined;
  /** Heap snapshots of the workers go into the recording as well. */
  readonly heap: boolean;
};

export interface TopCommand extends Sampling {
  readonly command: 'top';
  /** Infinity: until it is ended. */
  readonly seconds: number;
  /** Infinity: all since the start. */
  readonly windowSeconds: number;
  readonly rows: number;
}

export type PluginsCommand = (FromTarget | FromRecording) & {
  readonly command: 'plugins';
  readonly by: Dimension;
  readonly rules: GroupingRules;
};

export const defaultMaxPauseMs = 200;

export type AllocationsCommand = (FromTarget | FromRecording) & {
  readonly command: 'allocations';
  readonly allocations: true;
  readonly by: Dimension;
  readonly rules: GroupingRules;
};

export interface HeapCommand extends Common {
  readonly command: 'heap';
  /** A recording, and which of its snapshots, from 1 on; undefined: the last one (of `pid`). */
  readonly from: string | undefined;
  readonly snapshot: number | undefined;
  /** Of a recording undefined: any. */
  readonly pid: number | undefined;
  /** Where to write it as a recording; undefined: nowhere. */
  readonly out: string | undefined;
  readonly maxPauseMs: number;
  /** Where to write the flame graph in bytes; undefined: nowhere. */
  readonly folded: string | undefined;
  readonly groups: readonly { readonly name: string; readonly pattern: string }[];
}

export interface InstallCommand extends Common, InstallRequest {
  readonly command: 'install';
}

export type MemoryCommand = (
  FromRecording | (Common & { readonly target: Target; readonly seconds: number })
) & { readonly command: 'memory' };

export type Command =
  | AllocationsCommand
  | HeapCommand
  | InstallCommand
  | ListCommand
  | MemoryCommand
  | PluginsCommand
  | RecordCommand
  | TopCommand
  | { readonly command: 'help'; readonly topic: Topic }
  | { readonly command: 'version' };

const topics = [
  'list',
  'record',
  'top',
  'plugins',
  'allocations',
  'heap',
  'memory',
  'install',
] as const;
type Topic = 'overview' | (typeof topics)[number];

const commonOptions = {
  help: { type: 'boolean', short: 'h' },
  verbose: { type: 'boolean', short: 'v' },
  json: { type: 'boolean' },
  'ssh-config': { type: 'string', short: 'F' },
} as const;

const samplingOptions = {
  ...commonOptions,
  pid: { type: 'string' },
  master: { type: 'string' },
  rate: { type: 'string' },
  budget: { type: 'string' },
  sampler: { type: 'string' },
  seconds: { type: 'string' },
  'no-request-labels': { type: 'boolean' },
} as const;

const recordOptions = {
  ...samplingOptions,
  from: { type: 'string' },
  heap: { type: 'boolean' },
  allocations: { type: 'boolean' },
  out: { type: 'string', short: 'o' },
  format: { type: 'string' },
} as const;

const topOptions = {
  ...samplingOptions,
  window: { type: 'string' },
  rows: { type: 'string' },
} as const;

const pluginsOptions = {
  ...samplingOptions,
  from: { type: 'string' },
  by: { type: 'string' },
  group: { type: 'string', multiple: true },
} as const;

const heapOptions = {
  ...commonOptions,
  from: { type: 'string' },
  snapshot: { type: 'string' },
  out: { type: 'string', short: 'o' },
  pid: { type: 'string' },
  'max-pause-ms': { type: 'string' },
  folded: { type: 'string' },
  group: { type: 'string', multiple: true },
} as const;

const memoryOptions = {
  ...commonOptions,
  from: { type: 'string' },
  pid: { type: 'string' },
  master: { type: 'string' },
  seconds: { type: 'string' },
} as const;

/** @throws UsageError with what is wrong. */
export function parseCommand(argv: readonly string[]): Command {
  const [command, ...rest] = argv;
  switch (command) {
    case 'list':
      return parseList(rest);
    case 'heap':
      return parseHeap(rest);
    case 'memory':
      return parseMemory(rest);
    case 'install':
      return parseInstall(rest);
    case 'record':
      return parseRecord(rest);
    case 'top':
      return parseTop(rest);
    case 'plugins':
      return parsePlugins(rest);
    case 'allocations':
      return parseAllocations(rest);
    case '--version':
    case '-V':
      return { command: 'version' };
    case '--help':
    case '-h':
      return { command: 'help', topic: 'overview' };
    case 'help':
      return { command: 'help', topic: topicOf(rest[0]) };
    case undefined:
      throw new UsageError('A command is missing.');
    default:
      throw new UsageError(`"${command}" is not a command.`);
  }
}

function parseList(args: string[]): Command {
  const { values, positionals } = parse('list', args, commonOptions);
  if (values.help) return { command: 'help', topic: 'list' };
  return { command: 'list', ...common('list', values, positionals) };
}

function parseRecord(args: string[]): Command {
  const { values, positionals } = parse('record', args, recordOptions);
  if (values.help) return { command: 'help', topic: 'record' };
  if (values.out === undefined && !values.json)
    throw new UsageError(
      'Say where to write: --out x.acupoint, .folded, .speedscope.json or .pb.gz.',
      'record',
    );
  const format =
    values.format === undefined ? formatOfPath(values.out ?? '') : formatNamed(values.format);
  if (values.format !== undefined && !format)
    throw new UsageError(
      `"${values.format}" is not a format; recording, folded, speedscope, pprof are.`,
      'record',
    );
  if (values.out !== undefined && !format)
    throw new UsageError(
      `The format does not follow from "${values.out}": ` +
        'end it in .acupoint, .folded, .speedscope.json or .pb.gz, or give --format.',
      'record',
    );
  if (values.out === '-' && values.json)
    throw new UsageError('--json and --out - both want stdout.', 'record');
  if (values.heap && format !== 'recording')
    throw new UsageError('--heap goes into a recording: --out x.acupoint.', 'record');
  if (values.from !== undefined && format === 'recording')
    throw new UsageError(`${values.from} is a recording already: copy the file.`, 'record');
  return {
    command: 'record',
    ...samples('record', values, positionals),
    allocations: values.allocations ?? false,
    out: values.out !== undefined && format ? { path: values.out, format } : undefined,
    heap: values.heap ?? false,
  };
}

function parseTop(args: string[]): Command {
  const { values, positionals } = parse('top', args, topOptions);
  if (values.help) return { command: 'help', topic: 'top' };
  const window = number('top', 'window', values.window ?? '10', 0, 86_400);
  return {
    command: 'top',
    ...common('top', values, positionals),
    ...sampling('top', values),
    seconds:
      values.seconds === undefined
        ? Infinity
        : number('top', 'seconds', values.seconds, 0.1, 31_536_000),
    windowSeconds: window === 0 ? Infinity : window,
    rows: integer('top', 'rows', values.rows ?? '20', 1, 10_000),
  };
}

function parsePlugins(args: string[]): Command {
  const { values, positionals } = parse('plugins', args, pluginsOptions);
  if (values.help) return { command: 'help', topic: 'plugins' };
  return {
    command: 'plugins',
    ...samples('plugins', values, positionals),
    by: dimension('plugins', values.by),
    rules: groupingRules(groupsOf(values.group ?? []), 'plugins'),
  };
}

function parseAllocations(args: string[]): Command {
  const { values, positionals } = parse('allocations', args, pluginsOptions);
  if (values.help) return { command: 'help', topic: 'allocations' };
  return {
    command: 'allocations',
    allocations: true,
    ...samples('allocations', values, positionals),
    by: dimension('allocations', values.by),
    rules: groupingRules(groupsOf(values.group ?? []), 'allocations'),
  };
}

function dimension(command: string, given = 'owner'): Dimension {
  const by = dimensions.find((each) => each === given);
  if (by === undefined)
    throw new UsageError(`--by takes one of ${dimensions.join(', ')}.`, command);
  return by;
}

function parseHeap(args: string[]): Command {
  const { values, positionals } = parse('heap', args, heapOptions);
  if (values.help) return { command: 'help', topic: 'heap' };
  const { from, pid, out, snapshot } = values;
  if (from === undefined && pid === undefined)
    throw new UsageError('Say which worker: --pid; `acupoint list` shows them.', 'heap');
  if (from !== undefined) refuseWith('heap', { out, 'max-pause-ms': values['max-pause-ms'] });
  else if (snapshot !== undefined)
    throw new UsageError('--snapshot chooses one of a recording: give --from.', 'heap');
  if (out !== undefined && formatOfPath(out) !== 'recording')
    throw new UsageError(
      `A heap is written as a recording: "${out}" must end in .acupoint.`,
      'heap',
    );
  const groups = groupsOf(values.group ?? []);
  groupingRules(groups, 'heap');
  return {
    command: 'heap',
    ...common('heap', values, positionals, from),
    from,
    snapshot: snapshot === undefined ? undefined : integer('heap', 'snapshot', snapshot, 1, 10_000),
    pid: pid === undefined ? undefined : integer('heap', 'pid', pid, 1, 4_194_304),
    out,
    maxPauseMs: integer(
      'heap',
      'max-pause-ms',
      values['max-pause-ms'] ?? String(defaultMaxPauseMs),
      1,
      10_000,
    ),
    folded: values.folded,
    groups,
  };
}

function parseMemory(args: string[]): Command {
  const { values, positionals } = parse('memory', args, memoryOptions);
  if (values.help) return { command: 'help', topic: 'memory' };
  const { from, pid, master, seconds } = values;
  if (from !== undefined) {
    refuseWith('memory', { pid, master, seconds });
    return { command: 'memory', ...common('memory', values, positionals, from), from };
  }
  return {
    command: 'memory',
    ...common('memory', values, positionals),
    target: targetOf('memory', values),
    seconds: number('memory', 'seconds', seconds ?? '1', 0.1, 86_400),
  };
}

function parseInstall(args: string[]): Command {
  const { values, positionals } = parse('install', args, installOptions);
  if (values.help) return { command: 'help', topic: 'install' };
  return {
    command: 'install',
    ...common('install', values, positionals),
    ...installRequest(values),
  };
}

function parse<T extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  args: string[],
  options: T,
) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    // Node's sentences name the option; what follows the first one is advice for programmers.
    const text = rawText(messageOf(error));
    throw new UsageError(text.split('. ')[0]!.replace(/\.?$/, '.'), command);
  }
}

function topicOf(word: string | undefined): Topic {
  return topics.find((topic) => topic === word) ?? 'overview';
}

interface CommonValues {
  verbose?: boolean | undefined;
  json?: boolean | undefined;
  'ssh-config'?: string | undefined;
}

function common(
  command: string,
  values: CommonValues,
  positionals: string[],
  from?: string,
): Common {
  if (from !== undefined && positionals.length > 0)
    throw new UsageError('--from reads a file, and no host.', command);
  if (positionals.length > 1)
    throw new UsageError(`One host at a time: "${positionals[1]}" is one too many.`, command);
  return {
    destination: destination(command, positionals[0]),
    sshConfig: values['ssh-config'],
    verbose: values.verbose ?? false,
    json: values.json ?? false,
  };
}

function destination(command: string, text: string | undefined): Destination {
  if (text === undefined) return thisMachine;
  try {
    return parseDestination(text);
  } catch (error) {
    throw new UsageError(rawText(messageOf(error)), command);
  }
}

interface SampledValues extends CommonValues, SamplingValues {
  seconds?: string | undefined;
  from?: string | undefined;
}

/** Of a target, taken now, or of a recording. */
function samples(
  command: string,
  values: SampledValues,
  positionals: string[],
): FromTarget | FromRecording {
  const { from, pid, master, rate, budget, sampler, seconds } = values;
  if (from === undefined) {
    return {
      ...common(command, values, positionals),
      ...sampling(command, values),
      seconds: number(command, 'seconds', seconds ?? '10', 0.1, 86_400),
    };
  }
  const unlabelled = values['no-request-labels'];
  const taken = { pid, master, rate, budget, sampler, seconds, 'no-request-labels': unlabelled };
  refuseWith(command, taken);
  return { ...common(command, values, positionals, from), from };
}

/** What says how something is taken means nothing where it was recorded. */
function refuseWith(command: string, values: Record<string, unknown>): void {
  const given = Object.keys(values).find((key) => values[key] !== undefined);
  if (given !== undefined)
    throw new UsageError(`--from reads what was recorded: --${given} cannot change it.`, command);
}

interface SamplingValues {
  pid?: string | undefined;
  master?: string | undefined;
  rate?: string | undefined;
  budget?: string | undefined;
  sampler?: string | undefined;
  'no-request-labels'?: boolean | undefined;
}

function targetOf(command: string, { pid, master }: SamplingValues): Target {
  if ((pid === undefined) === (master === undefined))
    throw new UsageError(
      'Say which: --pid for one worker, or --master for all of a master; `acupoint list` shows them.',
      command,
    );
  const maxPid = 4_194_304;
  return pid !== undefined
    ? { pid: integer(command, 'pid', pid, 1, maxPid) }
    : { master: integer(command, 'master', master!, 1, maxPid) };
}

function sampling(command: string, values: SamplingValues) {
  return {
    target: targetOf(command, values),
    rateHz: integer(command, 'rate', values.rate ?? '99', 1, 4999),
    requestLabels: !values['no-request-labels'],
    budgetPercent: number(command, 'budget', values.budget ?? '1', 0, 50),
    sampler: values.sampler === undefined ? undefined : sampler(command, values.sampler),
  };
}
