/** Options that choose the rows of a table, and the groups that Lua files belong to. */
import { dimensions, type Dimension } from '../../analysis/dimensions';
import { GroupingRules } from '../../analysis/grouping';
import { UsageError } from '../exit';
import { choice, texts } from './option';

export interface Group {
  readonly name: string;
  readonly pattern: string;
}

export const groupOption = texts({
  flag: 'group',
  value: 'N=P',
  help:
    'Lua files whose path the regular expression P finds belong to N, in which $1 is what the ' +
    'first pair of brackets found; may be given again',
});

const byOption = choice({
  flag: 'by',
  value: 'KEY',
  of: dimensions,
  default: 'owner',
  noun: 'a key',
  help: 'rows of the table',
});

/** Each is NAME=PATTERN. */
export function groupsOf(given: readonly string[]): Group[] {
  return given.map((text) => {
    const at = text.indexOf('=');
    return { name: text.slice(0, Math.max(at, 0)), pattern: text.slice(at + 1) };
  });
}

/** @throws UsageError with what is wrong with a pattern. */
export function groupingRules(groups: readonly Group[]): GroupingRules {
  const rules = new GroupingRules(groups);
  const [problem] = rules.problems;
  if (problem !== undefined) throw new UsageError(`--group: ${problem}`);
  return rules;
}

/** The options of a table by owner, phase, URI, ... */
export interface Rows {
  readonly by: Dimension;
  readonly rules: GroupingRules;
}

export const rowOptions = { by: byOption, group: groupOption };

/** @throws UsageError as {@link groupingRules}. */
export function rowsOf(values: {
  readonly by: Dimension;
  readonly group: readonly string[];
}): Rows {
  return { by: values.by, rules: groupingRules(groupsOf(values.group)) };
}
