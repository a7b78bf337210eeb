type Numbers = Uint8Array | Uint32Array | Float64Array;

/** A typed array that grows at its end; amortised constant time for each element. */
export class Column<T extends Numbers> {
  private store: T;
  private used = 0;

  constructor(private readonly allocate: (capacity: number) => T) {
    this.store = allocate(1024);
  }

  get length(): number {
    return this.used;
  }

  /** The backing array: valid up to {@link length}, until the next append. */
  get data(): T {
    return this.store;
  }

  append(values: ArrayLike<number>): void {
    const end = this.used + values.length;
    if (end > this.store.length) {
      const grown = this.allocate(Math.max(end, this.store.length * 2));
      grown.set(this.store.subarray(0, this.used));
      this.store = grown;
    }
    this.store.set(values, this.used);
    this.used = end;
  }

  push(value: number): void {
    if (this.used < this.store.length) {
      this.store[this.used] = value;
      this.used++;
    } else {
      this.append([value]);
    }
  }

  clear(): void {
    this.store = this.allocate(1024);
    this.used = 0;
  }
}

export const bytes = (capacity: number) => new Uint8Array(capacity);
export const words = (capacity: number) => new Uint32Array(capacity);
export const doubles = (capacity: number) => new Float64Array(capacity);
