/** The owners of a profile's samples, kept as the profile grows. */
import type { Query } from '../profile/engine';
import { PartialProfile } from '../profile/partial';
import { defaultMeasure, type Measure, measures } from '../profile/series';
import type { ProfileStore, ProfileView } from '../profile/store';
import type { Dimension } from './dimensions';
import { type Focus, partOfFocus, sameFocus } from './focus';
import { GroupingRules } from './grouping';
import { loadedPlugins } from './loaded-plugins';
import { OwnerIndex } from './owner-index';
import type { Owner, OwnerKind } from './owners';
import type { ShareError } from './burst-errors';
import { makeReport, type Report, type ReportRow } from './report';
import { shareErrors } from './share-errors';
import { Trend } from './trend';

export class Analysis {
  private index: OwnerIndex;
  private trendOf: Record<Measure, Trend>;
  private focused: Focus | undefined;
  private part: PartialProfile | undefined;

  constructor(
    private readonly store: ProfileStore,
    rules: GroupingRules = new GroupingRules(),
  ) {
    this.index = new OwnerIndex(store, rules);
    this.trendOf = newTrends(store, this.index);
  }

  get rules(): GroupingRules {
    return this.index.rules;
  }

  /** Other rules: all stacks are looked at again. */
  regroup(rules: GroupingRules): void {
    this.index = new OwnerIndex(this.store, rules);
    this.trendOf = newTrends(this.store, this.index);
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
    for (const trend of Object.values(this.trendOf)) trend.clear();
  }

  report(query: Query, rows: Dimension, columns: Dimension): Promise<Report> {
    const loaded = loadedPlugins(this.store.modules, this.rules);
    return makeReport(this.store, this.index, query, { rows, columns }, loaded);
  }

  /** @param parts stretches of the query's time, each with bursts of its own. */
  errors(
    report: Report,
    parts: readonly Query[],
    rows: Dimension,
  ): Promise<(row: ReportRow) => ShareError | undefined> {
    return shareErrors(report, parts, (part) => this.report(part, rows, 'phase'));
  }

  owner(kind: OwnerKind, name: string): Owner | undefined {
    return this.index.owners.find(kind, name);
  }

  /** Returns {@link Trend.of} of an owner, brought up to date. */
  async trends(measure: Measure = defaultMeasure): Promise<(owner: Owner) => (number | null)[]> {
    const trend = this.trendOf[measure];
    await trend.update();
    return (owner) => trend.of(owner.id);
  }
}

function newTrends(store: ProfileStore, index: OwnerIndex): Record<Measure, Trend> {
  const trends = measures.map((measure) => [measure, new Trend(store, index, measure)] as const);
  return Object.fromEntries(trends) as Record<Measure, Trend>;
}
