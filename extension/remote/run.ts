import { once } from 'node:events';
import { RemoteError, type ExecOptions, type ExecResult, type RemoteProcess } from './transport';

const DEFAULT_MAX_BYTES = 1024 * 1024;
/** After a program has ended, its last output has this long to arrive. */
const DRAIN_MS = 2000;
/** The other side has this long to agree that a session has ended. */
const CLOSE_MS = 500;
/** Of stderr the end is kept: the last line says what went wrong. */
const STDERR_KEPT = 64 * 1024;

/** Runs a spawned program to its end; `what` names it in errors. See Transport.exec. */
export async function runToEnd(
  process: RemoteProcess,
  what: string,
  { input, timeoutMs, silentMs, maxBytes = DEFAULT_MAX_BYTES, onOutput }: ExecOptions = {},
): Promise<ExecResult> {
  let failure: RemoteError | undefined;
  const fail = (error: RemoteError): void => {
    failure ??= error;
    process.kill();
  };
  const limit = (ms: number | undefined, error: (ms: number) => RemoteError) =>
    ms === undefined ? undefined : setTimeout(() => fail(error(ms)), ms);
  const timers = [
    limit(timeoutMs, (ms) => tooSlow(what, ms)),
    limit(silentMs, (ms) => silent(what, ms)),
  ] as const;

  const chunks: Buffer[] = [];
  let received = 0;
  process.stdout.on('data', (chunk: Buffer) => {
    received += chunk.length;
    timers[1]?.refresh();
    onOutput?.(chunk.toString('latin1'));
    // Output after the limit is read and dropped, so that the program is not stuck in a write.
    if (received <= maxBytes) chunks.push(chunk);
    else fail(tooMuch(what, maxBytes));
  });
  let stderr = Buffer.alloc(0);
  process.stderr.on('data', (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_KEPT);
  });
  const ends = Promise.all([once(process.stdout, 'end'), once(process.stderr, 'end')]);
  // A program may end without having read its input; its exit code tells what that means.
  process.stdin.on('error', () => undefined);
  if (input) process.stdin.write(input);
  process.stdin.end();

  try {
    const status = await process.exit;
    await Promise.race([ends, patience(DRAIN_MS)]);
    // A host may allow few sessions on a connection: the next one waits for the end of this.
    if (process.closed) await Promise.race([process.closed, patience(CLOSE_MS)]);
    if (failure) throw failure;
    return { ...status, stdout: Buffer.concat(chunks), stderr: stderr.toString('utf8') };
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/** A program that left children behind never closes its output. */
function patience(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function tooSlow(what: string, timeoutMs: number): RemoteError {
  return new RemoteError(
    'timeout',
    `${what} did not finish within ${timeoutMs / 1000} s and was ended. ` +
      'The host may be overloaded or the connection slow; try again.',
  );
}

function silent(what: string, silentMs: number): RemoteError {
  return new RemoteError(
    'timeout',
    `${what} said nothing for ${silentMs / 1000} s and was ended. The connection may be broken, or ` +
      'the host hangs; try again.',
  );
}

function tooMuch(what: string, maxBytes: number): RemoteError {
  return new RemoteError(
    'output-too-large',
    `${what} printed more than ${maxBytes} bytes and was ended.`,
  );
}
