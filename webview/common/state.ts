/**
 * The state of a page that outlives it: VS Code keeps it while the page is hidden or the window
 * reloads.
 */
import { vscode } from './vscode';

/** @param initial what stands for that which was not kept. */
export function loadState<T extends object>(initial: T): T {
  const stored = vscode.getState();
  return typeof stored === 'object' && stored !== null ? { ...initial, ...stored } : initial;
}

let waiting: object | undefined;

/** Written at most once a frame: wheel and arrow keys change it faster than that. */
export function saveState(state: object): void {
  if (waiting === undefined) {
    setTimeout(() => {
      if (waiting !== undefined) vscode.setState(waiting);
      waiting = undefined;
    }, 50);
  }
  waiting = state;
}
