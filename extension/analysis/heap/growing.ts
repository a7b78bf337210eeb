type Words = Uint8Array | Uint32Array | Int32Array;

/** A typed array that grows as numbers are put at its end. */
export class Growing<T extends Words> {
  length = 0;

  constructor(
    private data: T,
    private readonly make: (length: number) => T,
  ) {}

  static bytes(): Growing<Uint8Array> {
    return new Growing<Uint8Array>(new Uint8Array(1024), (length) => new Uint8Array(length));
  }

  static words(): Growing<Uint32Array> {
    return new Growing<Uint32Array>(new Uint32Array(1024), (length) => new Uint32Array(length));
  }

  static integers(): Growing<Int32Array> {
    return new Growing<Int32Array>(new Int32Array(1024), (length) => new Int32Array(length));
  }

  push(value: number): void {
    if (this.length === this.data.length) {
      const grown = this.make(this.length * 2);
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }

  /** All of it; nothing may be added any more. */
  get array(): T {
    return this.data.subarray(0, this.length) as T;
  }
}
