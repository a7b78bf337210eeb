/** Whose the samples of a profile are, kept as the profile grows. */
import type { Query } from '../profile/engine';
import { PartialProfile } from '../profile/partial';
import type { ProfileStore, ProfileView } from '../profile/store';
import type { Dimension } from './dimensions';
import { type Focus, partOfFocus, sameFocus } from './focus';
import { GroupingRules } from './grouping';
import { loadedPlugins } from './loaded-plugins';
import { OwnerIndex } from './owner-index';
import type { Owner, OwnerKind } from './owners';
import { makeReport, type Report } from './report';
import { Trend } from './trend';

export class Analysis {
  private index: OwnerIndex;
  private trend: Trend;
  private focused: Focus | undefined;
  private part: PartialProfile | undefined;

  constructor(
    private readonly store: ProfileStore,
    rules: GroupingRules = new GroupingRules(),
  ) {
    this.index = new OwnerIndex(store, rules);
    this.trend = new Trend(store, this.index);
  }

  get rules(): GroupingRules {
    return this.index.rules;
  }

  /** Other rules: all stacks are looked at again. */
  regroup(rules: GroupingRules): void {
    this.index = new OwnerIndex(this.store, rules);
    this.trend = new Trend(this.store, this.index);
    this.focus(undefined);
  }

  get focusedOn(): Focus | undefined {
    return this.focused;
  }

  /** Only the samples of this row are wanted; undefined: all. Returns whether that is a change. */
  focus(focus: Focus | undefined): boolean {
    if (sameFocus(this.focused, focus)) return false;
    this.focused = focus;
    this.part = focus && new PartialProfile(this.store, partOfFocus(this.store, this.index, focus));
    return true;
  }

  /** All, or what is focused. */
  get profile(): ProfileView {
    return this.part ?? this.store;
  }

  /** The samples were forgotten. */
  reset(): void {
    this.trend.clear();
  }

  report(query: Query, rows: Dimension, columns: Dimension): Promise<Report> {
    const loaded = loadedPlugins(this.store.modules, this.rules);
    return makeReport(this.store, this.index, query, { rows, columns }, loaded);
  }

  owner(kind: OwnerKind, name: string): Owner | undefined {
    return this.index.owners.find(kind, name);
  }

  /** Cores used in each of the last seconds, by owner; brings it up to date first. */
  async trends(): Promise<(owner: Owner) => number[]> {
    await this.trend.update();
    return (owner) => this.trend.of(owner.id);
  }
}
