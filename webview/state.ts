/** What of the page outlives it: kept by VS Code while the page is hidden or the window reloads. */
import type { PageState } from './messages';
import { vscode } from './vscode';

const initial: PageState = {
  profile: '',
  zoom: [],
  selection: [],
  view: { measure: 'cpu', windowSeconds: 0, hiddenKinds: 0 },
  layout: 'graph',
  table: { rows: 'owner', columns: 'phase' },
  search: { text: '', matchCase: false, regex: false, filter: false },
};

export function loadState(): PageState {
  const stored = vscode.getState();
  return typeof stored === 'object' && stored !== null ? { ...initial, ...stored } : initial;
}

let waiting: PageState | undefined;

/** Written at most once a frame: wheel and arrow keys change it faster than that. */
export function saveState(state: PageState): void {
  if (waiting === undefined) {
    setTimeout(() => {
      if (waiting !== undefined) vscode.setState(waiting);
      waiting = undefined;
    }, 50);
  }
  waiting = state;
}
