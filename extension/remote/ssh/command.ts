import { shellWord } from '../quote';
import { RemoteError } from '../transport';

/** Most that a Linux host takes as one argument is 128 KiB; the login shell gets ours as one. */
const MAX_LENGTH = 100_000;
const NEEDS_NO_ESCAPE = /^[A-Za-z0-9 _./:=,@+-]$/;

/**
 * A command line by which any login shell (sh, bash, zsh, fish, csh, tcsh) runs argv as it is. A
 * server hands the line to the user's shell, and shells differ in how they quote: so the line holds
 * nothing that any of them would touch within single quotes (no quote, newline or `!`, a backslash
 * only before a digit), and /bin/sh puts the arguments together again from octal codes.
 *
 * A line of `marker` and the process id is printed before the program starts: what comes before it
 * is noise of the shell's own start-up files. Throws RemoteError 'failed' for what no program can
 * be given.
 */
export function commandLine(argv: readonly string[], marker: string): string {
  if (argv.length === 0) throw new RemoteError('failed', 'There is no program to run.');
  if (argv.some((argument) => argument.includes('\0'))) {
    throw new RemoteError(
      'failed',
      'An argument holds a zero byte, which no program can be given.',
    );
  }
  const quoted = argv.map(shellWord).join(' ');
  const script = octal(`echo ${marker}$$; exec ${quoted}`);
  const line = `exec /bin/sh -c 'eval "$(printf %b "${script}")"'`;
  if (line.length > MAX_LENGTH) {
    throw new RemoteError('failed', `The command is too long for the host (${line.length} bytes).`);
  }
  return line;
}

function octal(text: string): string {
  let escaped = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    escaped += NEEDS_NO_ESCAPE.test(character)
      ? character
      : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return escaped;
}
