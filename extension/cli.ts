/** The terminal command: the same capture as in the editor, without the editor. */
import { commands } from './cli/commands';
import type { Command, Common } from './cli/command-line/command';
import { helpOf, overview } from './cli/command-line/help';
import { parseCommand, type Parsed } from './cli/command-line/parse';
import { ExitCode, UsageError } from './cli/exit';
import { explain } from './cli/far-end';
import { Interrupt } from './cli/interrupt';
import { printText } from './cli/output';
import { Messages } from './cli/terminal';
import { version } from './cli/version';

async function main(argv: readonly string[]): Promise<number> {
  let parsed: Parsed;
  try {
    parsed = parseCommand(commands, argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const messages = new Messages(process.stderr, false);
    if (argv.length === 0) messages.say(overview(commands));
    const help = ['acupoint', error.command, '--help'].filter((word) => word !== undefined);
    messages.say(`acupoint: ${error.message}\n\`${help.join(' ')}\` says how to use it.`);
    return ExitCode.usage;
  }
  if (parsed.kind === 'run') return run(parsed.command, parsed.request);
  if (parsed.kind === 'version') printText(version);
  else printText(parsed.command ? helpOf(parsed.command) : overview(commands));
  return ExitCode.done;
}

async function run(command: Command, request: Common): Promise<number> {
  const interrupt = new Interrupt();
  const messages = new Messages(process.stderr, request.verbose);
  try {
    await command.run(request, { messages, interrupt });
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
