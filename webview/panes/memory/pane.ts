/** The memory of the workers, live. */
import type { Pane } from '../pane';
import { MemoryView } from './view';

export const memoryPane: Pane<'memory'> = {
  id: 'memory',
  label: 'Memory',
  key: 'm',
  title: 'Memory of the workers, live',
  more: 'arrow keys on the chart move in time',
  topic: 'memory',
  options: {},
  make: (host) => new MemoryView(host),
};
