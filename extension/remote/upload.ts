import { createHash, randomBytes } from 'node:crypto';
import type { ExecOptions } from './run';
import { RemoteError, type ExecResult } from './transport';

export type Exec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

const TIMEOUT_MS = 120_000;
const WRONG_SIZE = 74;
const WRONG_HASH = 75;
const IS_FOLDER = 76;

/**
 * $1 temporary file, $2 path, $3 mode, $4 size, $5 SHA-256. With noclobber the shell creates the
 * temporary file with O_EXCL, so that nothing that another user put there is written to. A
 * connection that is cut ends stdin early: the size is wrong then and nothing is renamed.
 */
const SCRIPT = `
LC_ALL=C; export LC_ALL
umask 077
[ -d "$2" ] && exit ${IS_FOLDER}
set -C
: > "$1" || exit 1
set +C
trap 'rm -f "$1"' EXIT
trap 'exit 1' HUP INT TERM
cat > "$1" || exit 1
[ "$(wc -c < "$1")" -eq "$4" ] || exit ${WRONG_SIZE}
if sum=$(sha256sum < "$1" 2>/dev/null); then
  [ "\${sum%% *}" = "$5" ] || exit ${WRONG_HASH}
fi
chmod "$3" "$1" && mv -f "$1" "$2"
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
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  const sum = createHash('sha256').update(content).digest('hex');
  const result = await exec(
    ['/bin/sh', '-c', SCRIPT, 'sh', temporary, path, mode.toString(8), `${content.length}`, sum],
    { input: content, timeoutMs: TIMEOUT_MS },
  );
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
  if (code === WRONG_SIZE || code === WRONG_HASH) {
    return new RemoteError(
      'failed',
      `${path} did not arrive whole on the host and was removed again. Try again.`,
      detail,
    );
  }
  return new RemoteError('failed', `${path} could not be written on the host.`, detail);
}
