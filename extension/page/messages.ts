/**
 * Messages between the extension and the flame-graph page. Both sides compile against this
 * folder.
 */
import type { Measure } from '../profile/series';
import type { FocusedRow } from './report';
import type { PaneId } from './state';
import type { StatusMessage } from './status';
import type { MessageOf, Topic, WantMessage } from './topics';
import type { FunctionsMessage, ShareErrorsMessage } from './tree';

export type * from './errors';
export type * from './jit';
export type * from './latency';
export type * from './loop';
export type * from './memory';
export type * from './report';
export type * from './state';
export type * from './status';
export type * from './topics';
export type * from './tree';

export interface ConfigMessage {
  type: 'config';
  /** false: click opens the source, double click zooms; true: the other way round. */
  swapClicks: boolean;
  inverted: boolean;
}

/** Select and show the frames of this function (asked for from a CodeLens). */
export interface RevealMessage {
  type: 'reveal';
  functionId: number;
}

/** A new profile begins: forget functions, tree, zoom. */
export interface ResetMessage {
  type: 'reset';
}

/** Show the page in this layout, with this measure; absent: as it is. */
export interface LayoutMessage {
  type: 'layout';
  layout?: PaneId;
  measure?: Measure;
}

export type ToPage =
  | StatusMessage
  | ConfigMessage
  | RevealMessage
  | ResetMessage
  | LayoutMessage
  | FunctionsMessage
  | ShareErrorsMessage
  | MessageOf<Topic>;

export type ControlAction =
  'pause' | 'resume' | 'reset' | 'stop' | 'attach' | 'export' | 'heap' | 'log';

export type ToExtension =
  /** The page has loaded, or come back, and knows nothing; it says next what it wants. */
  | { type: 'ready' }
  | WantMessage
  /** A tree is on the screen. */
  | { type: 'painted'; revision: number; milliseconds: number }
  | { type: 'open'; functionId: number; line: number; toSide: boolean }
  /** A line of a chunk that the page was told of, as in a {@link JitPlace}. */
  | { type: 'open-chunk'; chunk: number; line: number; toSide: boolean }
  | { type: 'control'; action: ControlAction }
  | { type: 'copy'; text: string }
  /** Only the samples of this row are to be shown, everywhere; null: all. */
  | { type: 'focus'; focus: FocusedRow | null }
  /** A snapshot of the Lua heap of a worker is asked for. */
  | { type: 'heap'; pid: number };
