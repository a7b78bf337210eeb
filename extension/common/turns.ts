/** Long work that lets other work of this thread have its turn: a trace that runs must be heard. */

/** Well below what anybody notices, with what a turn of the others may take. */
const MOST_MS = 15;

export class Turns {
  private begun = performance.now();

  /** To be asked often; resolves at once, or when the others have had their turn. */
  give(): Promise<void> | undefined {
    if (performance.now() - this.begun < MOST_MS) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.begun = performance.now();
        resolve();
      });
    });
  }
}
