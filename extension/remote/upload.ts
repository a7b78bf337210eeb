import { createHash, randomBytes } from 'node:crypto';
import type { ExecOptions } from './run';
import { RemoteError, type ExecResult } from './transport';

export type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

const TIMEOUT_MS = 120_000;
/** A connection by which nothing came for so long is dead, whether or not the server knows. */
const IDLE_SECONDS = 30;
const WRONG_SIZE = 74;
const WRONG_HASH = 75;
const IS_FOLDER = 76;
const STALLED = 77;

/**
 * $1 a name by chance, $2 path, $3 mode, $4 size, $5 SHA-256, $6 seconds. With noclobber the shell
 * creates the temporary file with O_EXCL, so that nothing that another user put there is written
 * to. A connection that is cut ends stdin early: the size is wrong then and nothing is renamed.
 *
 * A connection that is dead but was not closed ends nothing, so a guard looks once a second whether
 * the file grows. It ends the upload when it has not grown for $6 seconds; and where this shell was
 * killed, which runs no trap, the guard removes the file in its place. Should all of them be
 * killed, the process id in the file's name tells the next landing.
 */
const SCRIPT = `
LC_ALL=C; export LC_ALL
umask 077
[ -d "$2" ] && exit ${IS_FOLDER}
part=$2.$$.$1.part
set -C
: > "$part" || exit 1
set +C
exec 3<&0
cat <&3 > "$part" &
cat=$!
(
  idle=0
  last=
  while sleep 1; do
    if ! kill -0 $$ 2>/dev/null; then
      kill "$cat"
      rm -f "$part"
      exit
    fi
    now=$(wc -c < "$part") || exit
    if [ "$now" = "$last" ]; then idle=$((idle + 1)); else idle=0; fi
    last=$now
    if [ "$idle" -ge "$6" ]; then
      kill "$cat"
      exit
    fi
  done
) </dev/null >/dev/null 2>&1 3<&- &
guard=$!
exec 3<&- </dev/null
trap 'kill $cat "$guard" 2>/dev/null; rm -f "$part"' EXIT
trap 'exit 1' HUP INT TERM
wait "$cat"
code=$?
cat=
[ $code -le 128 ] || exit ${STALLED}
[ $code -eq 0 ] || exit 1
[ "$(wc -c < "$part")" -eq "$4" ] || exit ${WRONG_SIZE}
if sum=$(sha256sum < "$part" 2>/dev/null); then
  [ "\${sum%% *}" = "$5" ] || exit ${WRONG_HASH}
fi
chmod "$3" "$part" && mv -f "$part" "$2"
`;

/**
 * Writes a file through a program's stdin: what can run a program can receive a file, whether or
 * not the host offers sftp. Verified by size, and by SHA-256 where the host has sha256sum; then
 * renamed into place. See Transport.upload.
 */
export async function uploadBy(
  exec: Exec,
  content: Uint8Array,
  path: string,
  mode: number,
  idleSeconds = IDLE_SECONDS,
): Promise<void> {
  const chance = randomBytes(6).toString('hex');
  const sum = createHash('sha256').update(content).digest('hex');
  const given = [chance, path, mode.toString(8), `${content.length}`, sum, `${idleSeconds}`];
  const result = await exec(['/bin/sh', '-c', SCRIPT, 'sh', ...given], {
    input: content,
    timeoutMs: TIMEOUT_MS,
  });
  if (result.code !== 0) throw explain(path, result);
}

function explain(path: string, { code, stderr }: ExecResult): RemoteError {
  const detail = stderr.trim();
  const lines = detail.toLowerCase();
  if (/no space left|quota exceeded/.test(lines)) {
    return new RemoteError('disk-full', `There is no space left to write ${path}.`, detail);
  }
  if (/permission denied|read-only file system|operation not permitted/.test(lines)) {
    return new RemoteError('permission', `${path} may not be written on the host.`, detail);
  }
  if (/no such file|directory nonexistent|not a directory/.test(lines)) {
    return new RemoteError('not-found', `The folder of ${path} is not on the host.`, detail);
  }
  if (code === IS_FOLDER) {
    return new RemoteError('failed', `${path} is a folder on the host; nothing was written.`);
  }
  if (code === STALLED) {
    return new RemoteError(
      'timeout',
      `Nothing of ${path} arrived on the host for a while, so the host ended the upload and ` +
        'removed what it had of it. The connection may be broken; try again.',
      detail,
    );
  }
  if (code === WRONG_SIZE || code === WRONG_HASH) {
    return new RemoteError(
      'failed',
      `${path} did not arrive whole on the host and was removed again. Try again.`,
      detail,
    );
  }
  return new RemoteError('failed', `${path} could not be written on the host.`, detail);
}
