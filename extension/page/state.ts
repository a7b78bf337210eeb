/** Kept through vscode.setState, so that a page that was hidden comes back as it was. */
import type { FrameKind } from '../profile/frames';
import type { OptionsOf, Topic } from './topics';
import type { TreeView } from './tree';

/** The shown pane: a row of webview/capture/panes.ts. */
export type PaneId =
  'owners' | 'graph' | 'table' | 'both' | 'latency' | 'errors' | 'loop' | 'jit' | 'memory';

export interface PageState {
  /** The profile of the tree in which zoom and selection were made. */
  profile: string;
  /** As the status has it. */
  kept?: string;
  /** Path of (function id, kind) from the root to the zoomed frame. */
  zoom: [number, FrameKind][];
  selection: [number, FrameKind][];
  view: TreeView;
  /** By measure, the filter of frames that was chosen for it; absent: as at first. */
  hiddenKinds: Record<string, number>;
  /** Root at the top; absent: as the configuration says. */
  inverted?: boolean;
  layout: PaneId;
  /** How each topic is looked at; absent: as at first. */
  options: { [T in Topic]?: OptionsOf<T> };
  search: { text: string; matchCase: boolean; regex: boolean; filter: boolean };
}
