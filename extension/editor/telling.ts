/** For how long a document that does not ask is waited for. */
const PATIENCE_MS = 30_000;

/**
 * Decides when to announce new lenses to the editor. The editor asks for them a while after an
 * announcement, the longer the slower earlier answers were, and each announcement restarts that
 * while: with one each second, an editor that was slow once would never ask again. So it gets one
 * only when the documents that are shown have asked since the last.
 */
export class Telling {
  readonly #askers = new Set<string>();
  #told = new Set<string>();
  #toldAt = -Infinity;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** A document's lenses were asked for. */
  asked(document: string): void {
    this.#askers.add(document);
    this.#told.delete(document);
  }

  closed(document: string): void {
    this.#askers.delete(document);
    this.#told.delete(document);
  }

  /** Whether to tell now; if so, it counts as told. */
  isDue(shown: readonly string[]): boolean {
    const late = this.now() - this.#toldAt > PATIENCE_MS;
    if (!late && shown.some((document) => this.#told.has(document))) return false;
    this.#told = new Set(shown.filter((document) => this.#askers.has(document)));
    this.#toldAt = this.now();
    return true;
  }
}
