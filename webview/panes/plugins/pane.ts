/** By plugin, or by another key: whose the samples are. */
import type { Pane } from '../pane';
import { OwnersView } from './view';

export const pluginsPane: Pane<'report'> = {
  id: 'owners',
  label: 'Plugins',
  key: 'o',
  title: 'Plugins: whose CPU time or memory it was',
  more: 'a click on a row shows only its samples, everywhere',
  topic: 'report',
  byMeasure: true,
  options: { rows: 'owner', columns: 'phase' },
  make: (host) => new OwnersView(host),
};
