/** How a topic reaches the page. */
import type { AllVisible } from '../../common/outside';
import type { OptionsOf, ToPage, Topic } from '../../page/messages';
import type { SourceChange } from './source';

/** Answers one topic for one source. */
export interface Feed<T extends Topic = Topic> {
  readonly topic: T;
  /** The page looks at it in this way from now on; null: no more. */
  want(options: OptionsOf<T> | null): void;
  /** The source has changed. */
  changed(change: SourceChange): void;
  /** The page has loaded and knows nothing. */
  restart(): void;
  /** The message sent under this number is on the screen. */
  painted?(revision: number): void;
  dispose(): void;
}

export interface FeedHost {
  post(message: AllVisible<ToPage>): void;
  /** Whether the page is there, visible, and has said that it is ready. */
  isListening(): boolean;
  /** An answer could not be made; the page keeps the one it has. */
  onError(error: unknown): void;
}
