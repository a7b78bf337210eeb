/** Clients that keep a ledger: each request, its status and how long it took until its last byte. */
import { Agent, get } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';

export interface Entry {
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

export class Client {
  readonly ledger: Entry[] = [];
  readonly #agent: Agent;
  readonly #port: number;

  constructor(port: number, connections: number) {
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  get(path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const began = performance.now();
      const headers = { host: 'one.example' };
      get({ host: '127.0.0.1', port: this.#port, agent: this.#agent, path, headers }, (answer) => {
        answer.resume();
        answer.on('end', () => {
          const status = answer.statusCode ?? 0;
          this.ledger.push({ path, status, ms: performance.now() - began });
          resolve(status);
        });
      }).on('error', reject);
    });
  }

  /** So many at a time, until all were sent. */
  async getAll(paths: readonly string[], together: number): Promise<void> {
    let next = 0;
    const one = async () => {
      while (next < paths.length) await this.get(paths[next++]!);
    };
    await Promise.all(Array.from({ length: together }, one));
  }

  close(): void {
    this.#agent.destroy();
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
