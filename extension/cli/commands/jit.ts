/** The work of LuaJIT's compiler in each VM, as tables or for machines. */
import { abortsOf, blacklistedIn, vmStates } from '../../analysis/jit';
import { meaningOf } from '../../analysis/jit-reasons';
import { visible } from '../../common/outside';
import { bytesText } from '../../profile/bytes';
import { FrameKind } from '../../profile/frames';
import { fileText } from '../../profile/names';
import { sinceStart, type ProfileStore } from '../../profile/store';
import { alignColumns } from '../columns';
import { defineCommand, type Terminal } from '../command-line/command';
import { json } from '../command-line/common-options';
import { wrap } from '../command-line/wrap';
import { sourceOf, sourceOptions, type Source } from '../command-line/target-options';
import { tellMissing } from '../instrument-text';
import { printJson, printLines } from '../output';
import { withSamples } from '../samples';

const INSTRUMENT = 'jit';
/** Of the text that explains a reason. */
const LINE = 96;

export const jit = defineCommand({
  name: 'jit',
  summary: "the health of LuaJIT's compiler: what it compiles, and what it gives up",
  usage: ['[user@host] --pid P|--master P [options]', '--from x.acupoint [options]'],
  about: [
    "Shows traces and machine code of each Lua VM against its limits, aborts of LuaJIT's compiler by " +
      'reason and line with what each reason means, and the functions and loops that it will not ' +
      'compile any more. LuaJIT remembers its latest 64 places: aborts of before are among them.',
  ],
  options: {
    ...sourceOptions,
    json: json(
      'one JSON object on stdout when done',
      '{"vms":[{"pid","traces","machineCodeBytes","machineCodeLimit","flushes"}],"aborts":' +
        '[{"reason","file","line","count"}],"blacklisted":[{"file","line","kind"}]}',
      'vms are as they were at the end, flushes those that were seen. kind is function, loop, ' +
        'iterator loop, or off where the code itself switched the compiler off.',
    ),
  },
  read: (values, common) => sourceOf(values, common),
  run,
});

/** Shows what was seen, whatever ended it. */
async function run(request: Source, terminal: Terminal): Promise<void> {
  await withSamples(request, terminal, { instruments: [INSTRUMENT] }, async (samples) => {
    const { sampling, host } = samples;
    const health = healthOf(sampling.store);
    if (request.json) printJson(forMachines(health), 2);
    else printLines([visible(`${sampling.title} on ${host}`, 200), '', ...lines(health)]);
    const nothing = 'No Lua VM with a compiler was found in these workers.';
    const none = health.vms.length === 0;
    tellMissing(sampling, INSTRUMENT, none, nothing, terminal.messages);
  });
}

/** Places as `acupoint top` has them. */
export function healthOf(store: ProfileStore) {
  const named = <T extends { readonly file: string }>(row: T): T => ({
    ...row,
    file: fileText(row.file, FrameKind.Lua),
  });
  return {
    vms: vmStates(store, sinceStart),
    aborts: abortsOf(store, sinceStart).map(named),
    blacklisted: blacklistedIn(store, sinceStart).map(named),
  };
}

export type Health = ReturnType<typeof healthOf>;

export function forMachines({ vms, aborts, blacklisted }: Health) {
  return {
    vms: vms.map(({ pid, traces, machineCodeBytes, machineCodeLimit, flushes }) => ({
      pid,
      traces,
      machineCodeBytes,
      machineCodeLimit,
      flushes,
    })),
    aborts,
    blacklisted,
  };
}

export function lines({ vms, aborts, blacklisted }: Health): string[] {
  const head = ['worker', '', 'traces', 'of', 'machine code', 'of', 'flushes', ''];
  const vmCells = vms.map((vm) => [
    String(vm.pid),
    '',
    String(vm.traces),
    String(vm.maxTraces),
    bytesText(vm.machineCodeBytes),
    bytesText(vm.machineCodeLimit),
    String(vm.flushes),
    '',
  ]);
  const place = ({ file, line }: { file: string; line: number }): string =>
    visible(`${file}:${line}`, 200);
  const abortCells = aborts.map((abort) => [
    visible(abort.reason, 60),
    '',
    String(abort.count),
    place(abort),
  ]);
  const given = blacklisted.map((each) => [visible(each.kind, 40), '', place(each)]);
  return [
    ...alignColumns([head, ...vmCells]),
    '',
    ...(aborts.length === 0
      ? ['No trace was aborted.']
      : alignColumns([['trace aborted', '', 'times', 'at'], ...abortCells])),
    ...meaningLines(aborts.map(({ reason }) => reason)),
    '',
    ...(blacklisted.length === 0
      ? ['Nothing is blacklisted.']
      : alignColumns([['not compiled', '', 'at'], ...given])),
  ];
}

/** Each reason once, with what it means. */
function meaningLines(reasons: readonly string[]): string[] {
  return [...new Set(reasons)].flatMap((reason) => {
    const meaning = meaningOf(reason);
    if (meaning === '') return [];
    const indented = wrap(meaning, LINE).map((line) => `    ${line}`);
    return ['', `${visible(reason, 60)}:`, ...indented];
  });
}
