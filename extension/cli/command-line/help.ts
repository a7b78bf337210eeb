/** The text that `--help` prints, made from the table of commands. */
import type { Command } from './command';
import { commonOptions } from './common-options';
import type { Option } from './option';
import { wrap } from './wrap';

const width = 100;
/** Where the text of an option begins. */
const column = 20;

const host =
  '[user@host] is a host of your ssh config, or user@host[:port]; without one it is this machine. ' +
  'Sampling needs root, or CAP_BPF and CAP_PERFMON, or a sudo that asks for no password; without ' +
  'any of them processes of the same user are sampled by other means, which cost more. `acupoint ' +
  'install` prints how an administrator grants the least that is needed.';
const exits = 'Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.';

const about =
  'Shows where a running NGINX, OpenResty or Kong worker spends its time, down to the Lua line, ' +
  'with nothing installed, changed or restarted.';

export function overview(commands: readonly Command[]): string {
  const widest = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(widest)}  ${summary}`);
  const more = '`acupoint COMMAND --help` says the rest of each; `acupoint --version` the version.';
  return page([
    ['Usage: acupoint COMMAND [user@host] [options]'],
    wrap(about, width),
    rows,
    wrap(more, width),
    wrap(host, width),
    [exits],
  ]);
}

export function helpOf({ name, usage, about, options, notes = [] }: Command): string {
  const uses = usage.map((each, i) => `${i === 0 ? 'Usage:' : '      '} acupoint ${name} ${each}`);
  const table = [...Object.values(options), ...Object.values(commonOptions)];
  return page([
    uses.map((line) => line.trimEnd()),
    ...about.map((text) => wrap(text, width)),
    table.flatMap(optionLines),
    ...notes.map((text) => wrap(text, width)),
    wrap(host, width),
    [exits],
  ]);
}

function page(paragraphs: readonly (readonly string[])[]): string {
  return `${paragraphs.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** "  -o, --out FILE    the format follows from the name" */
function optionLines({ flag, short, value, help }: Option<unknown>): string[] {
  const names = `  ${short === undefined ? '    ' : `-${short}, `}--${flag}`;
  const typed = value === undefined ? names : `${names} ${value}`;
  const lines = wrap(help, width - column).map((line) => ' '.repeat(column) + line);
  if (typed.length > column - 1) return [typed, ...lines];
  return [typed.padEnd(column) + lines[0]!.slice(column), ...lines.slice(1)];
}
