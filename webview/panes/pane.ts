/**
 * A pane shows one topic. It is a row of the table in webview/capture/panes.ts, from which toolbar,
 * keys and help follow.
 */
import type {
  FocusedRow,
  MessageOf,
  OptionsOf,
  PaneId,
  StatusMessage,
  ToExtension,
  Topic,
} from '../../extension/page/messages';
import type { Gap } from '../common/gaps';

/** Words for a button, a key and a line of the help. */
export interface PaneWords {
  readonly id: PaneId;
  /** On its button. */
  readonly label: string;
  /** Shows it, and where it is shown the graph again. */
  readonly key: string;
  /** Says what it shows: "memory of the workers, live". */
  readonly title: string;
  /** More that there is to know, in the help. */
  readonly more?: string;
}

/** The acts that a pane may do to the page around it. */
export interface PaneHost<T extends Topic> {
  /** The topic is to be looked at in this way from now on. */
  want(options: OptionsOf<T>): void;
  post(message: Extract<ToExtension, { type: 'copy' | 'focus' | 'heap' | 'open-chunk' }>): void;
  showGraph(): void;
  /** Only this time is to be shown by all views, in microseconds of the capture; null: as before. */
  setRange(range: readonly [fromUs: number, toUs: number] | null): void;
  announce(text: string): void;
}

export interface PaneView<T extends Topic = Topic> {
  readonly root: HTMLElement;
  show(message: MessageOf<T>): void;
  /** Whether there is anything to see; a status says how much there is in all. */
  isFilled(status: StatusMessage | undefined): boolean;
  /** As the page remembers them, before the first message. */
  setOptions?(options: OptionsOf<T>): void;
  setFocus?(focus: FocusedRow | null): void;
  /** @param gaps in which nobody sampled, in microseconds of the capture. */
  setGaps?(gaps: readonly Gap[], startUnixMs: number): void;
  readTheme?(): void;
}

export interface Pane<T extends Topic = Topic> extends PaneWords {
  readonly topic: T;
  /** Shows what the chosen measure counts. */
  readonly byMeasure?: true;
  /** How the topic is looked at first. */
  readonly options: OptionsOf<T>;
  make(host: PaneHost<T>): PaneView<T>;
}
