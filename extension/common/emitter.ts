/**
 * Tells listeners of something that happened. Most rooms run without vscode, so they cannot use its
 * emitter.
 */
export interface Subscription {
  dispose(): void;
}

export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Bound, so that it can be handed on as a property. */
  readonly on = (listener: (value: T) => void): Subscription => {
    // A wrapper of its own, so that one function that subscribes twice can leave twice.
    const entry = (value: T): void => listener(value);
    this.#listeners.add(entry);
    return { dispose: () => this.#listeners.delete(entry) };
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
