/** Why a host that let us in did not start what it was asked to: in the words of the user. */
import { RemoteError } from '../transport';
import type { Beginning } from './channel-process';

export interface Account {
  /** For people: the host as it was named. */
  readonly label: string;
  /** Who signed in there. */
  readonly user: string;
}

/** Of the host's own words, where they are quoted. */
const QUOTED = 200;
const CHECK = 'to see it for yourself, run `ssh HOST true; echo $?` in a terminal';

/** By what servers and shells are known to say: the words that name the case, and the advice. */
const KNOWN: readonly (readonly [RegExp, (account: Account) => string])[] = [
  [
    /password has expired|password is expired|password change required|must change your password/i,
    ({ user, label }) =>
      `The password of ${user} on ${label} has expired, and until a new one is set the host runs no ` +
      'command, whatever you signed in by. Sign in once with ssh in a terminal, and choose one.',
  ],
  [
    /account has expired/i,
    ({ user, label }) =>
      `The account ${user} on ${label} has expired, so the host runs no command for it. ` +
      'Its administrator can extend it (chage -E).',
  ],
  [
    /sftp connections only/i,
    ({ user, label }) =>
      `${label} allows ${user} file transfers only (internal-sftp), and no command. ` +
      'Sign in as a user that may run commands.',
  ],
  [
    /account is currently not available|nologin/i,
    ({ user, label }) =>
      `${user} on ${label} is an account that nobody may use a shell of (its shell is nologin). ` +
      'Sign in as a user that may run commands.',
  ],
  [
    /git-shell|git>|interactive git shell|unrecognized command/i,
    ({ user, label }) =>
      `${user} on ${label} has a shell for git alone (git-shell). ` +
      'Sign in as a user that may run commands.',
  ],
  [
    /\brestricted\b/i,
    ({ user, label }) =>
      `${user} on ${label} has a restricted shell (rbash, rksh), which runs no program by its path, ` +
      'so the probe cannot be started from it. Sign in as a user with an ordinary shell.',
  ],
  [
    /\/bin\/sh['"]?:? .*(?:not found|no such file)|(?:not found|no such file).*\/bin\/sh/is,
    ({ user, label }) =>
      `${label} has no /bin/sh where ${user} is let in, as in a folder of its own (ChrootDirectory). ` +
      'Sign in as a user who sees the whole host.',
  ],
];

/** The shell has ended, or something else ran in its place. */
export function noShell(
  account: Account,
  { code, signal, said }: Extract<Beginning, { kind: 'ended' }>,
): RemoteError {
  const { label, user } = account;
  const known = KNOWN.find(([words]) => words.test(said));
  const how = code === null ? `by ${signal ?? 'a closed channel'}` : `with exit code ${code}`;
  const detail = `ended ${how}: ${said}`;
  if (known) return new RemoteError('no-shell', known[1](account), detail);
  if (said === '' && (code === 1 || code === 255)) {
    return new RemoteError(
      'no-shell',
      `The login shell of ${user} on ${label} ended at once ${how}, without a word: it may be one ` +
        `that runs nothing (/bin/false), or ${startUp} ends it. Sign in as a user that may run ` +
        `commands, or correct the file; ${CHECK}.`,
      detail,
    );
  }
  const words = said === '' ? 'and said nothing' : `and said: ${quoted(said)}`;
  return new RemoteError(
    'no-shell',
    `The login shell of ${user} on ${label} ended ${how} before it ran the command, ${words} ` +
      `Either ${startUp} ends the shell or puts another program in its place, by exit, exec or set ` +
      '-e, and should leave the shell alone where nobody types (for bash: ' +
      '`[[ $- == *i* ]] || return` as the first line); or the server has a command of its own for ' +
      `this account (ForceCommand, or command= in authorized_keys); ${CHECK}.`,
    detail,
  );
}

const startUp =
  'a start-up file of the shell (~/.bashrc, ~/.zshenv, ~/.config/fish/config.fish, ~/.cshrc)';

export function waitingShell({ label, user }: Account, seconds: number, said: string): RemoteError {
  const words = said === '' ? '' : ` It said so far: ${quoted(said)}`;
  return new RemoteError(
    'no-shell',
    `The login shell of ${user} on ${label} has not come to the command within ${seconds} s, ` +
      `though the connection is whole.${words} Either ${startUp} waits for something, hangs, or puts ` +
      'another program in the place of the shell; or the server has a command of its own for this ' +
      `account; or the host is so busy that a shell takes as long. Check: ${CHECK}.`,
    said,
  );
}

/** The script ran, but all that it printed on stdout went elsewhere. */
export function muteShell({ label, user }: Account): RemoteError {
  return new RemoteError(
    'no-shell',
    `The output of programs that ${user} runs on ${label} does not come back: ${startUp} sends it ` +
      'elsewhere, as by `exec > file`. It should leave it alone where nobody types.',
  );
}

/** Another shell took the command from its input, but only when there was no more to come. */
export function replacedShell({ label, user }: Account): RemoteError {
  return new RemoteError(
    'no-shell',
    `On ${label} ${startUp} puts another shell in the place of the login shell of ${user}, as by ` +
      '`exec fish`, and loses the command by that. It should do so only where somebody types (for ' +
      'bash: `[[ $- == *i* ]] || return` as the first line), or make that shell the login shell ' +
      '(chsh).',
  );
}

/** A terminal changes bytes: ends of lines, control characters, and stderr is the same as stdout. */
export function terminalBetween({ label, user }: Account): RemoteError {
  return new RemoteError(
    'no-shell',
    `On ${label} a terminal stands between the server and the shell of ${user}, as session ` +
      'recording (tlog) or script(1) makes one. It changes what passes through, so the probe ' +
      'cannot be spoken to. Have this account left out of the recording, or sign in as one that ' +
      'is not recorded.',
  );
}

function quoted(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const last = lines.filter(Boolean).slice(-2).join(' / ');
  return `"${last.slice(-QUOTED)}".`;
}
