import type { Source } from '../../analysis/heap/sources';

/** Sources of a snapshot that can be opened, by the numbers that the page has for it. */
export class SourceList {
  private readonly all: Source[] = [];
  private readonly places = new Map<string, number>();

  /** @returns -1: there is none. */
  add(source: Source | undefined): number {
    if (source === undefined) return -1;
    const key = `${source.line} ${source.chunk}`;
    const known = this.places.get(key) ?? this.all.push(source) - 1;
    this.places.set(key, known);
    return known;
  }

  get(index: number): Source | undefined {
    return this.all[index];
  }
}
