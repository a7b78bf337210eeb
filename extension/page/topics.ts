/**
 * Topics that a page can look at. A topic is wanted with options, and answered by messages of its
 * name until it is wanted no more.
 */
import type { ErrorsMessage } from './errors';
import type { JitMessage } from './jit';
import type { LatencyMessage, LatencyOptions } from './latency';
import type { LoopMessage } from './loop';
import type { MemoryMessage } from './memory';
import type { ReportKeys, ReportMessage } from './report';
import type { TreeMessage, TreeView } from './tree';

/** A topic that can be looked at in one way only. */
export type NoOptions = Readonly<Record<string, never>>;

export interface Topics {
  tree: { options: TreeView; message: TreeMessage };
  report: { options: ReportKeys; message: ReportMessage };
  latency: { options: LatencyOptions; message: LatencyMessage };
  errors: { options: NoOptions; message: ErrorsMessage };
  jit: { options: NoOptions; message: JitMessage };
  loop: { options: NoOptions; message: LoopMessage };
  memory: { options: NoOptions; message: MemoryMessage };
}

export type Topic = keyof Topics;
export type OptionsOf<T extends Topic> = Topics[T]['options'];
export type MessageOf<T extends Topic> = Topics[T]['message'];

/** The page looks at a topic in this way from now on; null: no more. */
export type WantMessage = {
  [T in Topic]: { type: 'want'; topic: T; options: OptionsOf<T> | null };
}[Topic];
