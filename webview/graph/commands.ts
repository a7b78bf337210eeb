/** Everything a user can do with the page: buttons, keys and the pointer all end here. */

/** With a flame graph, whatever it is of. */
export interface GraphCommands {
  select(node: number): void;
  open(node: number, toSide: boolean): void;
  zoomTo(node: number): void;
  zoomOut(): void;
  zoomReset(): void;
  toggleOrientation(): void;
  focusSearch(): void;
  nextMatch(step: 1 | -1): void;
  /** @returns whether there was one to clear. */
  clearSearch(): boolean;
  toggleHelp(): void;
  copy(node: number, wholeStack: boolean): void;
  announce(text: string): void;
}
