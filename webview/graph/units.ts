/** What the weights of a tree are, in words: each part of the page that shows weights asks here. */
import { bytesText } from '../../extension/profile/bytes';
import { duration } from '../common/format';
import type { UnitName } from '../../extension/page/messages';

export interface Unit {
  /** A weight with its unit. */
  text(weight: number): string;
  /** Heads a column of weights. */
  readonly column: string;
  /** What shares are shares of, within a sentence. */
  readonly whole: string;
  /** The same for a whole tree: its root, by itself. */
  readonly all: string;
  /** What a tree counts besides weight; '': nothing. */
  readonly counted: string;
  /** What an entry of the legend says of its kind. */
  readonly legendHint: string;
}

export const units: Readonly<Record<UnitName, Unit>> = {
  cpu: {
    text: duration,
    column: 'on CPU',
    whole: 'on-CPU time',
    all: 'All samples',
    counted: 'samples',
    legendHint: 'Share of on-CPU time in which a frame of this kind was the running one',
  },
  allocated: {
    text: bytesText,
    column: 'allocated',
    whole: 'allocated bytes',
    all: 'All allocations',
    counted: 'samples',
    legendHint: 'Share of the bytes that were allocated while a frame of this kind was running',
  },
  held: {
    text: bytesText,
    column: 'retained',
    whole: 'held memory',
    all: 'All that was found',
    counted: '',
    legendHint: 'Share of the memory that frames of this kind take themselves',
  },
  grown: {
    text: bytesText,
    column: 'growth',
    whole: 'growth',
    all: 'All that has grown',
    counted: '',
    legendHint: 'Share of what has come that frames of this kind took themselves',
  },
};
