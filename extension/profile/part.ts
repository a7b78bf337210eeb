/** A part of a profile's samples. */
import type { Query } from './engine';

export interface Part {
  /** The same query of this part alone: by labels, requests and stacks. */
  narrow(query: Query): Promise<Query>;
}
