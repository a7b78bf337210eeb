/** The page of a capture: a bundle of its own, read when a page is first shown. */
import { CaptureSource } from './capture-source';
import { EndedSource } from './ended-source';
import { FlameGraphPanel } from './panel';

export { CaptureSource, EndedSource, FlameGraphPanel };

export interface CapturePage {
  readonly CaptureSource: typeof CaptureSource;
  readonly EndedSource: typeof EndedSource;
  readonly FlameGraphPanel: typeof FlameGraphPanel;
}
