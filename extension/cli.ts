/** The terminal command: the same capture as in the editor, without the editor. */
import { allocations } from './cli/allocations';
import { parseCommand, type Command } from './cli/arguments';
import { ExitCode, UsageError } from './cli/exit';
import { explain } from './cli/far-end';
import { heap } from './cli/heap';
import { helpTexts } from './cli/help';
import { install } from './cli/install';
import { Interrupt } from './cli/interrupt';
import { list } from './cli/list';
import { memory } from './cli/memory';
import { printText } from './cli/output';
import { plugins } from './cli/plugins';
import { record } from './cli/record';
import { Messages } from './cli/terminal';
import { top } from './cli/top';
import { version } from './cli/version';

async function main(argv: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = parseCommand(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const messages = new Messages(process.stderr, false);
    if (argv.length === 0) messages.say(helpTexts.overview);
    const help = ['acupoint', error.command, '--help'].filter((word) => word !== undefined);
    messages.say(`acupoint: ${error.message}\n\`${help.join(' ')}\` says how to use it.`);
    return ExitCode.usage;
  }
  if (command.command === 'version') printText(version);
  else if (command.command === 'help') printText(helpTexts[command.topic]);
  else return run(command);
  return ExitCode.done;
}

async function run(command: Exclude<Command, { command: 'version' | 'help' }>): Promise<number> {
  const interrupt = new Interrupt();
  const messages = new Messages(process.stderr, command.verbose);
  try {
    if (command.command === 'allocations') await allocations(command, messages, interrupt);
    else if (command.command === 'heap') await heap(command, messages, interrupt);
    else if (command.command === 'install') await install(command, messages, interrupt);
    else if (command.command === 'list') await list(command, messages, interrupt);
    else if (command.command === 'memory') await memory(command, messages, interrupt);
    else if (command.command === 'record') await record(command, messages, interrupt);
    else if (command.command === 'plugins') await plugins(command, messages, interrupt);
    else await top(command, messages, interrupt);
    return interrupt.exitCode;
  } catch (error) {
    if (interrupt.exitCode !== 0) return interrupt.exitCode;
    const { text, detail } = explain(error);
    messages.say(`acupoint: ${text}`);
    if (detail !== '') messages.detail(detail);
    return ExitCode.failed;
  }
}

// A reader that has seen enough (`| head`) is no error to speak of.
process.stdout.on('error', () => process.exit(ExitCode.pipeClosed));

void main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    new Messages(process.stderr, false).say(`acupoint: ${explain(error).detail}`);
    process.exitCode = ExitCode.failed;
  },
);
