/** Clients of a gateway, one of which keeps a ledger. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { get } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryRoot } from '../../fixtures/root';

const SCRIPT = join(repositoryRoot, 'test/native/requests/ledger.py');

export interface Entry {
  readonly path: string;
  readonly status: number;
  /** Until its last byte came. */
  readonly ms: number;
}

/** Each request, its status and how long it took; as exact as a busy machine allows. */
export class Client {
  readonly ledger: Entry[] = [];
  readonly #port: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(port: number) {
    this.#port = port;
    this.#child = spawn('python3', [SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Over so many connections, each when the one before it was answered. */
  async get(paths: readonly string[], together = 1): Promise<void> {
    this.#child.stdin.write(`${JSON.stringify({ port: this.#port, together, paths })}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error('The client has ended.');
    const entries = JSON.parse(line.value) as [string, number, number][];
    this.ledger.push(...entries.map(([path, status, ms]) => ({ path, status, ms })));
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Sends one and leaves before the answer. */
export async function abort(port: number, path: string, afterMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, headers: { host: 'one.example' } });
    request.on('error', () => undefined).on('close', resolve);
    setTimeout(() => request.destroy(), afterMs);
  });
}

/** Sends bytes and waits until the other end closes. */
export async function exchange(port: number, bytes: string): Promise<string> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', reject).on('close', () => resolve());
  });
  return text;
}

/** Over HTTP/2, all at once on one connection. */
export async function getByHttp2(port: number, paths: readonly string[]): Promise<void> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const one = (path: string) =>
    new Promise<void>((resolve, reject) => {
      const stream = session.request({ ':path': path, ':authority': 'two.example' });
      stream.on('error', reject).on('end', resolve).resume();
    });
  try {
    await Promise.all(paths.map(one));
  } finally {
    session.close();
  }
}
