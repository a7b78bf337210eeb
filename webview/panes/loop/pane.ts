/** Iterations of the event loop, and what stalls it. */
import type { Pane } from '../pane';
import { LoopView } from './view';

export const loopPane: Pane<'loop'> = {
  id: 'loop',
  label: 'Loop',
  key: 'v',
  title: 'Loop: how long iterations of the event loop take, and what stalls it',
  topic: 'loop',
  options: {},
  make: (host) => new LoopView(host),
};
