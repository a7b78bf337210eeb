/** Everything a user can do with the page: buttons, keys and the pointer all end here. */
import type { ControlAction } from './messages';

export interface Commands {
  select(node: number): void;
  open(node: number, toSide: boolean): void;
  zoomTo(node: number): void;
  zoomOut(): void;
  zoomReset(): void;
  control(action: ControlAction): void;
  pauseOrResume(): void;
  toggleOrientation(): void;
  focusSearch(): void;
  nextMatch(step: 1 | -1): void;
  /** @returns whether there was one to clear. */
  clearSearch(): boolean;
  toggleTable(): void;
  toggleOwners(): void;
  toggleMemory(): void;
  toggleHelp(): void;
  copy(node: number, wholeStack: boolean): void;
  announce(text: string): void;
}
