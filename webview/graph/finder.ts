/** The frames highlighted now: the matches of a search, or the frames of one function. */
import { percent } from '../common/format';
import { onlyFound } from './filter';
import type { Profile } from './profile';
import { FoundFunctions, findIn, makeMatcher, type Matches, type Query } from './search';
import { weightOf } from './tree';

export class Finder {
  private functions: FoundFunctions | undefined;
  private revealed: number | undefined;
  private error = '';
  private matches: Matches | undefined;
  private filter = false;

  constructor(private readonly profile: () => Profile) {}

  get isActive(): boolean {
    return this.functions !== undefined || this.revealed !== undefined;
  }

  /** For each function id whether it is found; undefined: nothing is sought, nothing is dimmed. */
  get found(): Uint8Array | undefined {
    return this.matches?.found;
  }

  search(query: Query): void {
    this.filter = query.filter;
    this.error = '';
    this.functions = undefined;
    this.revealed = undefined;
    if (query.text !== '') {
      const matcher = makeMatcher(query);
      if (typeof matcher === 'function') this.functions = new FoundFunctions(matcher);
      else this.error = matcher.error;
    }
    this.update();
  }

  /** @returns the heaviest frame of the function; -1 where it has none now. */
  reveal(functionId: number): number {
    this.error = '';
    this.functions = undefined;
    this.revealed = functionId;
    this.update();
    const { tree } = this.profile();
    let best = -1;
    for (const node of this.matches?.nodes ?? []) {
      if (best < 0 || tree.total[node]! > tree.total[best]!) best = node;
    }
    return best;
  }

  /** Finds again, and leaves in the shown tree what is found where that is wanted. */
  update(): void {
    const profile = this.profile();
    profile.tree = profile.all;
    const found = this.foundNow();
    this.matches = found && findIn(profile.all, found);
    if (found === undefined || !this.filter || this.matches?.nodes.length === 0) return;
    profile.tree = onlyFound(profile.all, found);
    this.matches = findIn(profile.tree, found);
  }

  private foundNow(): Uint8Array | undefined {
    const { functions } = this.profile();
    if (this.functions !== undefined) return this.functions.update(functions);
    if (this.revealed === undefined) return undefined;
    const found = new Uint8Array(Math.max(functions.length, this.revealed + 1));
    found[this.revealed] = 1;
    return found;
  }

  /**
   * The next lighter match (step 1) or the next heavier one (step -1) than a frame, around the ends:
   * from a frame that is no match the heaviest. -1: there is none.
   */
  next(from: number, step: 1 | -1): number {
    const { total } = this.profile().tree;
    const nodes = [...(this.matches?.nodes ?? [])].sort((a, b) => total[b]! - total[a]! || a - b);
    const at = nodes.indexOf(from);
    if (at < 0) return nodes.at(step === 1 ? 0 : -1) ?? -1;
    return nodes[(at + step + nodes.length) % nodes.length]!;
  }

  result(): { text: string; isError: boolean } {
    if (this.error !== '')
      return { text: `Not a regular expression: ${this.error}`, isError: true };
    if (this.matches === undefined) return { text: '', isError: false };
    const { tree } = this.profile();
    const frames = this.matches.nodes.length;
    if (this.revealed !== undefined) {
      const name = this.profile().nameOfFunction(this.revealed);
      if (frames === 0) return { text: `${name} has no samples now`, isError: false };
    } else if (frames === 0) return { text: 'No match', isError: false };
    const share = percent(this.matches.weight, weightOf(tree));
    const only = this.filter ? ', only these are shown' : '';
    const text = `${share} in ${frames} frame${frames === 1 ? '' : 's'}${only}`;
    return { text, isError: false };
  }
}
