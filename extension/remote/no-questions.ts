import type { HostKeyNotice, Prompter } from './prompter';

/**
 * Nobody is asked: whoever signed in once is not disturbed a second time, and a connection that would
 * need an answer is not made.
 */
export class NoQuestions implements Prompter {
  constructor(private readonly usual: Prompter) {}

  askHostKey(): Promise<boolean> {
    return Promise.resolve(false);
  }

  tellHostKey(notice: HostKeyNotice): void {
    this.usual.tellHostKey(notice);
  }

  askPassphrase(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  askPassword(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  askInteractive(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}
