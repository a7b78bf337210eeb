/** How long requests took. */
import type { Pane } from '../pane';
import { LatencyView } from './view';

export const latencyPane: Pane<'latency'> = {
  id: 'latency',
  label: 'Latency',
  key: 'l',
  title: 'Latency of requests, watched while it is shown',
  more: 'a drag over the heat map chooses a time for all views',
  topic: 'latency',
  options: { of: 'requests', by: 'uri', only: null },
  make: (host) => new LatencyView(host),
};
