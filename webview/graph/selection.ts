/** The selected frame, by its path: it stays selected while trees come and go. */
import { isWithin, pathOf, resolve, type Path, type Tree } from './tree';

export class Selection {
  private path: Path | undefined;

  constructor(
    private readonly tree: () => Tree,
    private readonly onChange: () => void,
  ) {}

  get wanted(): Path {
    return this.path ?? [];
  }

  /** -1: nothing is selected, or the frame has no samples now. */
  get node(): number {
    if (this.path === undefined) return -1;
    const { node, complete } = resolve(this.tree(), this.path);
    return complete ? node : -1;
  }

  restore(path: Path): void {
    this.path = path.length > 0 ? path : undefined;
  }

  to(node: number): void {
    this.path = node < 0 ? undefined : pathOf(this.tree(), node);
    this.onChange();
  }

  isWithin(ancestor: number): boolean {
    return this.node >= 0 && isWithin(this.tree(), this.node, ancestor);
  }
}
