/** Long work that lets other work of this thread have its turn: a trace that runs must be heard. */

/** Well below what anybody notices, with what a turn of the others may take. */
const MOST_MS = 10;

/**
 * When the others last had their turn: one clock for all, since work that follows on other work without
 * a turn between them is one block.
 */
let begun = -Infinity;

/** To be asked often; resolves at once, or when the others have had their turn. */
export function giveTurn(): Promise<void> | undefined {
  if (performance.now() - begun < MOST_MS) return undefined;
  return new Promise((resolve) => {
    setImmediate(() => {
      begun = performance.now();
      resolve();
    });
  });
}

/** Steps between two looks at the clock. */
const AT_ONCE = 256;

/** Calls `visit` with the numbers from 0 on, in order, in as many turns as it takes. */
export async function inTurns(count: number, visit: (index: number) => void): Promise<void> {
  for (let index = 0; index < count; index++) {
    visit(index);
    if ((index + 1) % AT_ONCE === 0) await giveTurn();
  }
}
