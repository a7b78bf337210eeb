/** From what was typed to a command and what it is asked to do. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { messageOf } from '../../common/errors';
import { rawText } from '../../common/outside';
import { parseDestination, thisMachine, type Destination } from '../../remote/destination';
import { UsageError } from '../exit';
import type { Command, Common } from './command';
import type { Option } from './option';
import { commonOptions } from './common-options';

export type Parsed =
  | { readonly kind: 'run'; readonly command: Command; readonly request: Common }
  /** undefined: of all commands. */
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'version' };

/** @throws UsageError with what is wrong. */
export function parseCommand(commands: readonly Command[], argv: readonly string[]): Parsed {
  const [word, ...rest] = argv;
  const named = (name: string | undefined) => commands.find((each) => each.name === name);
  switch (word) {
    case undefined:
      throw new UsageError('A command is missing.');
    case '--version':
    case '-V':
      return { kind: 'version' };
    case '--help':
    case '-h':
      return { kind: 'help', command: undefined };
    case 'help':
      return { kind: 'help', command: named(rest[0]) };
  }
  const command = named(word);
  if (command === undefined) throw new UsageError(`"${word}" is not a command.`);
  try {
    return parseOptions(command, rest);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(error.message, command.name) : error;
  }
}

function parseOptions(command: Command, args: string[]): Parsed {
  const table = [...Object.values(command.options), ...Object.values(commonOptions)];
  const { values, positionals } = paired(command, typed(table, args));
  const given = ({ flag }: Option<unknown>): string[] => {
    const value = values[flag];
    return value === undefined ? [] : [value].flat().map(String);
  };
  if (given(commonOptions.help).length > 0) return { kind: 'help', command };
  if (positionals.length > 1)
    throw new UsageError(`One host at a time: "${positionals[1]}" is one too many.`);
  if (values['from'] !== undefined) {
    if (positionals.length > 0) throw new UsageError('--from reads a file, and no host.');
    const live = table.find((option) => option.live && given(option).length > 0);
    if (live !== undefined)
      throw new UsageError(`--from reads what was recorded: --${live.flag} cannot change it.`);
  }
  const read = Object.entries(command.options).map(
    ([name, option]) => [name, option.read(given(option))] as const,
  );
  const common = {
    destination: destination(positionals[0]),
    sshConfig: commonOptions.sshConfig.read(given(commonOptions.sshConfig)),
    verbose: commonOptions.verbose.read(given(commonOptions.verbose)),
    json: values['json'] !== undefined,
  };
  const request = command.read(Object.fromEntries(read), common);
  return { kind: 'run', command, request };
}

/** Takes two words for what a command compares. */
function paired({ pair }: Command, { values, positionals }: ReturnType<typeof typed>) {
  if (pair === undefined || positionals.length !== 2) return { values, positionals };
  if (pair.some((flag) => values[flag] !== undefined))
    throw new UsageError(`Two files stand for --${pair.join(' and --')}: give either.`);
  const [first, second] = positionals;
  const files = { [pair[0]]: first, [pair[1]]: second };
  return { values: { ...values, ...files }, positionals: [] };
}

function typed(table: readonly Option<unknown>[], args: string[]) {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const { flag, short, value, many = false } of table)
    options[flag] = {
      type: value === undefined ? 'boolean' : 'string',
      ...(short !== undefined && { short }),
      ...(many && { multiple: true }),
    };
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    // Node's sentences name the option; what follows the first one is advice for programmers.
    const text = rawText(messageOf(error));
    throw new UsageError(text.split('. ')[0]!.replace(/\.?$/, '.'));
  }
}

function destination(text: string | undefined): Destination {
  if (text === undefined) return thisMachine;
  try {
    return parseDestination(text);
  } catch (error) {
    throw new UsageError(rawText(messageOf(error)));
  }
}
