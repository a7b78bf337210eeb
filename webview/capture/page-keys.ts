/** Keys of a capture's page besides the graph's: one for each pane and measure, and for pausing. */
import { type Measure, measures, stackSeries } from '../../extension/profile/series';
import type { PaneId } from '../../extension/page/messages';
import type { BoundKey } from '../graph/keys';
import { panes } from './panes';

export interface PageActions {
  choose(pane: PaneId): void;
  setMeasure(measure: Measure): void;
  pauseOrResume(): void;
}

/** Each with its key, in the order of the toolbar. */
export interface PageKeys {
  readonly panes: ReadonlyMap<PaneId, BoundKey>;
  readonly measures: ReadonlyMap<Measure, BoundKey>;
  readonly pause: BoundKey;
}

export function pageKeys(actions: PageActions): PageKeys {
  return {
    measures: new Map(
      measures.map((measure, i) => [
        measure,
        {
          key: String(i + 1),
          help: stackSeries[measure].words.hint,
          run: () => actions.setMeasure(measure),
        },
      ]),
    ),
    panes: new Map(
      panes.map(({ id, key, title, more }) => [
        id,
        {
          key,
          help: more === undefined ? title : `${title}; ${more}`,
          run: () => actions.choose(id),
        },
      ]),
    ),
    pause: { key: 'p', help: 'pause and resume', run: () => actions.pauseOrResume() },
  };
}

export function allKeys(keys: PageKeys): BoundKey[] {
  return [...keys.measures.values(), ...keys.panes.values(), keys.pause];
}
