/** Who pays for a sample. */

export type OwnerKind = 'plugin' | 'core' | 'module' | 'nginx' | 'kernel' | 'other';

export interface Owner {
  /** 1-based, in order of first appearance. */
  readonly id: number;
  readonly name: string;
  readonly kind: OwnerKind;
}

/** Names come from paths of the target, so their number is bounded. */
const MOST = 2000;

/** All owners that were ever seen, by number and by name. */
export class Owners {
  readonly all: Owner[] = [];
  private readonly ids = new Map<string, number>();

  /** The owner's id; of those that are too many one stands for all. */
  idOf(kind: OwnerKind, name: string): number {
    const key = `${kind} ${name}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    if (this.all.length >= MOST && name !== TOO_MANY) return this.idOf('other', TOO_MANY);
    const id = this.all.length + 1;
    this.all.push({ id, name, kind });
    this.ids.set(key, id);
    return id;
  }

  get(id: number): Owner | undefined {
    return this.all[id - 1];
  }

  find(kind: OwnerKind, name: string): Owner | undefined {
    return this.get(this.ids.get(`${kind} ${name}`) ?? 0);
  }
}

const TOO_MANY = `owners beyond the first ${MOST}`;
