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
 * A line of `marker` and the process id is printed on both outputs before the program starts: what
 * comes before it is noise of the shell's own start-up files. The shell composes it, so that whoever prints the
 * command, as an audit does, has not printed the marker. Where a terminal stands in between, the line
 * says so, and the program is not started: a terminal changes bytes. Throws RemoteError 'failed' for
 * what no program can be given.
 *
 * @param careful drops all lines of input up to {@link goAhead}: they were for whoever reads input
 * before the program does.
 */
export function commandLine(argv: readonly string[], marker: string, careful = false): string {
  if (argv.length === 0) throw new RemoteError('failed', 'There is no program to run.');
  if (argv.some((argument) => argument.includes('\0'))) {
    throw new RemoteError(
      'failed',
      'An argument holds a zero byte, which no program can be given.',
    );
  }
  const quoted = argv.map(shellWord).join(' ');
  const half = Math.ceil(marker.length / 2);
  const composed = `'${marker.slice(0, half)}''${marker.slice(half)}'`;
  const steps = [
    `if [ -t 0 ] || [ -t 1 ]; then echo; echo ${composed}$$-tty; exit; fi`,
    `echo; echo ${composed}$$; echo >&2; echo ${composed}$$ >&2`,
    ...(careful ? waiting(composed) : []),
    `exec ${quoted}`,
  ];
  const script = octal(steps.join('; '));
  const line = `exec /bin/sh -c 'eval "$(printf %b "${script}")"'`;
  if (line.length > MAX_LENGTH) {
    throw new RemoteError('failed', `The command is too long for the host (${line.length} bytes).`);
  }
  return line;
}

/** The line of input after which comes what is for the program. */
export function goAhead(marker: string): string {
  return `${marker}go\n`;
}

function waiting(marker: string): string[] {
  return [
    `while IFS= read -r acupoint; do [ "$acupoint" = ${marker}go ] && break; done`,
    'unset acupoint',
  ];
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
