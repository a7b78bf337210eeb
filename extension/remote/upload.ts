import { createHash, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { RemoteError, type ExecOptions, type ExecResult, type UploadOptions } from './transport';

export type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

/** Each second the host says how far it is. */
const SILENT_MS = 120_000;
/** A connection by which nothing came for so long is dead, whether or not the server knows. */
const IDLE_SECONDS = 30;
const WRONG_SIZE = 74;
const WRONG_HASH = 75;
const IS_FOLDER = 76;
const STALLED = 77;

/**
 * $1 a name by chance, $2 path, $3 mode, $4 size, $5 SHA-256, $6 seconds, $7 "gzip" for what comes
 * packed. Prints each second how much has come. Packed bytes are unpacked when all of them are there:
 * gzip takes 256 KB at a time, and a slow connection would seem to stand still. With noclobber the
 * shell creates the temporary files with O_EXCL, so that nothing that another user put there is written
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
plain=$part
[ "$7" != gzip ] || plain=$2.$$.$1z.part
set -C
: > "$part" || exit 1
[ "$plain" = "$part" ] || : > "$plain" || exit 1
set +C
exec 3<&0
cat <&3 > "$part" &
cat=$!
(
  idle=0
  last=
  while sleep 1 >&2; do
    if ! kill -0 $$ 2>/dev/null; then
      kill "$cat"
      rm -f "$part" "$plain"
      exit
    fi
    now=$(wc -c < "$part") || exit
    echo "$now"
    if [ "$now" = "$last" ]; then idle=$((idle + 1)); else idle=0; fi
    last=$now
    if [ "$idle" -ge "$6" ]; then
      kill "$cat"
      exit
    fi
  done
) </dev/null 2>/dev/null 3<&- &
guard=$!
exec 3<&- </dev/null
trap 'kill $cat "$guard" 2>/dev/null; rm -f "$part" "$plain"' EXIT
trap 'exit 1' HUP INT TERM
wait "$cat"
code=$?
cat=
[ $code -le 128 ] || exit ${STALLED}
[ $code -eq 0 ] || exit 1
if [ "$plain" != "$part" ]; then
  gzip -dc < "$part" > "$plain" || exit ${WRONG_SIZE}
fi
[ "$(wc -c < "$plain")" -eq "$4" ] || exit ${WRONG_SIZE}
if sum=$(sha256sum < "$plain" 2>/dev/null); then
  [ "\${sum%% *}" = "$5" ] || exit ${WRONG_HASH}
fi
chmod "$3" "$plain" && mv -f "$plain" "$2"
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
  { gzip: packs = false, onProgress }: UploadOptions = {},
  idleSeconds = IDLE_SECONDS,
): Promise<void> {
  const chance = randomBytes(6).toString('hex');
  const sum = createHash('sha256').update(content).digest('hex');
  const input = packs ? await promisify(gzip)(content, { level: 9 }) : content;
  const size = `${content.length}`;
  const given = [chance, path, mode.toString(8), size, sum, `${idleSeconds}`, packs ? 'gzip' : ''];
  const result = await exec(['/bin/sh', '-c', SCRIPT, 'sh', ...given], {
    input,
    silentMs: SILENT_MS,
    onOutput: (text) => {
      const [last] = /\d+(?=\s*$)/.exec(text) ?? [];
      if (last !== undefined) onProgress?.(Number(last), input.length);
    },
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
