/** Chunks of Lua code that a page was told of, so that it can ask for their source by number. */
import { readChunkName } from '../../source/chunk-name';

/** Names are the target's, and may be sources themselves. */
const MOST = 10_000;

export class Chunks {
  private readonly names: string[] = [];
  private readonly ids = new Map<string, number>();

  /** -1 where it names nothing that can be opened. */
  idOf(name: string): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const openable = this.names.length < MOST && readChunkName(name) !== undefined;
    const id = openable ? this.names.push(name) - 1 : -1;
    if (this.ids.size < MOST) this.ids.set(name, id);
    return id;
  }

  nameOf(id: number): string | undefined {
    return this.names[id];
  }
}
