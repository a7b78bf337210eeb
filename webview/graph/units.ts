/** Words for the weights of a tree: each part of the page that shows weights asks here. */
import { bytesText } from '../../extension/profile/bytes';
import { amountText, type Measure, measures, stackSeries } from '../../extension/profile/series';
import { duration } from '../common/format';
import type { UnitName } from '../../extension/page/messages';

export interface Unit {
  /** A weight with its unit. */
  text(weight: number): string;
  /** Heads a column of weights. */
  readonly column: string;
  /** The whole that shares are shares of, within a sentence. */
  readonly whole: string;
  /** The same for a whole tree: its root, by itself. */
  readonly all: string;
  /** The things that a tree counts besides weight; '': none. */
  readonly counted: string;
  /** Whether samples are independent of each other, so that their number says how sure a share is. */
  readonly hasError: boolean;
  /** It was watched in bursts: shares have the errors that come with the tree. */
  readonly inBursts: boolean;
  /** The text of an entry of the legend on its kind. */
  readonly legendHint: string;
}

export const units: Readonly<Record<UnitName, Unit>> = {
  ...(Object.fromEntries(measures.map((measure) => [measure, unitOf(measure)])) as Record<
    Measure,
    Unit
  >),
  held: {
    text: bytesText,
    column: 'retained',
    whole: 'held memory',
    all: 'All that was found',
    counted: '',
    hasError: false,
    inBursts: false,
    legendHint: 'Share of the memory that frames of this kind take themselves',
  },
  grown: {
    text: bytesText,
    column: 'came',
    whole: 'what came',
    all: 'All that has grown',
    counted: '',
    hasError: false,
    inBursts: false,
    legendHint: 'Share of what has come that frames of this kind took themselves',
  },
};

function unitOf(measure: Measure): Unit {
  const { quantity, words, sampled, inBursts } = stackSeries[measure];
  const { column, whole, all, legendHint } = words;
  const text = quantity === 'time' ? duration : (weight: number) => amountText(quantity, weight);
  const counted = 'samples';
  return { text, column, whole, all, counted, hasError: sampled, inBursts, legendHint };
}
