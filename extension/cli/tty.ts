import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { Visible } from '../common/outside';

export interface LineOptions {
  /** Whether what is typed is shown. */
  readonly echo: boolean;
  readonly signal: AbortSignal;
  readonly onCtrlC: () => void;
}

/**
 * Asks on the terminal itself, so that stdin, stdout and stderr may all be redirected. Resolves
 * with what was typed; undefined: there is no terminal, Ctrl-C, Ctrl-D, or the answer is no longer
 * wanted.
 */
export async function askLine(prompt: Visible, options: LineOptions): Promise<string | undefined> {
  let out: number;
  try {
    out = openSync('/dev/tty', 'w');
  } catch {
    return undefined;
  }
  const input = new ReadStream(openSync('/dev/tty', 'r'));
  try {
    // Raw also where it is shown: the echo is ours, and no other process group can be written over.
    // Before the prompt: whoever answers at once would see a secret echoed.
    input.setRawMode(true);
    writeSync(out, prompt);
    input.setEncoding('utf8');
    return await readLine(input, (text) => writeSync(out, text), options);
  } finally {
    input.setRawMode(false);
    input.destroy();
    writeSync(out, '\n');
    closeSync(out);
  }
}

export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

function readLine(
  input: ReadStream,
  show: (text: string) => void,
  { echo, signal, onCtrlC }: LineOptions,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let typed: string[] = [];
    const done = (answer: string | undefined): void => {
      input.off('data', take);
      signal.removeEventListener('abort', cancel);
      resolve(answer);
    };
    const cancel = (): void => done(undefined);
    const takeKey = (key: string): boolean => {
      switch (key) {
        case '\r':
        case '\n':
          done(typed.join(''));
          return true;
        case '\u0003':
          onCtrlC();
          done(undefined);
          return true;
        case '\u0004':
          done(undefined);
          return true;
        case '\u007f':
        case '\b':
          if (typed.pop() !== undefined && echo) show('\b \b');
          return false;
        case '\u0015':
          if (echo) show('\b \b'.repeat(typed.length));
          typed = [];
          return false;
        default:
          if (key >= ' ') {
            typed.push(key);
            if (echo) show(key);
          }
          return false;
      }
    };
    const take = (data: string): void => {
      for (const key of data) if (takeKey(key)) return;
    };
    input.on('data', take);
    input.once('end', cancel);
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
  });
}
