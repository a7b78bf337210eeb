/**
 * The user's rules for who owns a Lua file. Settings can come with a workspace, and paths come from
 * the target: neither may keep the extension busy.
 */

interface GroupingRule {
  /** The name of the group; $1 to $9 stand for what the pattern's groups have found. */
  readonly name: string;
  /** A regular expression, looked for in a path such as "/srv/app/modules/orders/list.lua". */
  readonly pattern: string;
}

interface Compiled {
  readonly name: string;
  readonly expression: RegExp;
  spentMs: number;
}

const MOST_RULES = 50;
const LONGEST_PATTERN = 200;
const LONGEST_NAME = 128;
/** Characters at a path's end that are looked at. */
const LOOKED_AT = 200;
/** Most time that all matches of one rule take together before the rule is given up. */
const BUDGET_MS = 250;

export class GroupingRules {
  /** Says what is wrong with the rules, for the user; those concerned are not used. */
  readonly problems: string[] = [];
  private rules: Compiled[] = [];

  /** @param given as it stands in the settings: it may be anything. */
  constructor(given: unknown = []) {
    if (!Array.isArray(given)) {
      this.problems.push('The grouping rules are not a list.');
      return;
    }
    if (given.length > MOST_RULES)
      this.problems.push(`Only the first ${MOST_RULES} grouping rules are used.`);
    given.slice(0, MOST_RULES).forEach((rule: unknown, index) => this.add(rule, index + 1));
  }

  /** The group of a file; undefined: no rule fits. */
  groupOf(path: string): string | undefined {
    const text = path.slice(-LOOKED_AT);
    for (const rule of this.rules) {
      const began = performance.now();
      const match = rule.expression.exec(text);
      rule.spentMs += performance.now() - began;
      if (rule.spentMs > BUDGET_MS) this.giveUp(rule);
      if (match !== null) return fillIn(rule.name, match);
    }
    return undefined;
  }

  private add(given: unknown, number: number): void {
    const { name, pattern } = (given ?? {}) as Partial<Record<keyof GroupingRule, unknown>>;
    const refuse = (why: string) => this.problems.push(`Grouping rule ${number} ${why}`);
    if (typeof name !== 'string' || name.trim() === '' || name.length > LONGEST_NAME)
      return void refuse(`needs a name of 1 to ${LONGEST_NAME} characters.`);
    if (typeof pattern !== 'string' || pattern === '' || pattern.length > LONGEST_PATTERN)
      return void refuse(`needs a pattern of 1 to ${LONGEST_PATTERN} characters.`);
    if (mayRunAway(pattern))
      return void refuse(
        `has a pattern that could take too long: repeat no group that repeats something itself, ` +
          `use no look-around or back reference, and at most three of * and +.`,
      );
    try {
      this.rules.push({ name, expression: new RegExp(pattern, 'u'), spentMs: 0 });
    } catch (error) {
      refuse(`is no regular expression: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private giveUp(slow: Compiled): void {
    this.problems.push(`The grouping rule "${slow.name}" takes too long and is no longer used.`);
    this.rules = this.rules.filter((rule) => rule !== slow);
  }
}

function fillIn(name: string, match: RegExpExecArray): string {
  const text = name.replace(/\$([1-9])/g, (_, digit: string) => match[Number(digit)] ?? '');
  return text.trim().slice(0, LONGEST_NAME) || match[0].slice(0, LONGEST_NAME);
}

/**
 * Three unbounded repetitions over {@link LOOKED_AT} characters are some million steps at worst; a
 * repeated group with a repetition in it is without bound, as are nested choices in one.
 */
function mayRunAway(pattern: string): boolean {
  const plain = pattern.replace(/\\[^\d]/g, 'x').replace(/\[(?:\\.|[^\]\\])*\]/g, 'x');
  if (/\(\?(?!:)|\\\d/.test(plain)) return true;
  const repeats = plain.match(/[*+]|\{\d+,\d*\}/g) ?? [];
  if (repeats.length > 3 || /\{\d{3,}/.test(plain)) return true;
  return hasRepeatedGroup(plain);
}

/** A group that is repeated and holds a repetition or a choice. */
function hasRepeatedGroup(plain: string): boolean {
  const busy: boolean[] = [];
  for (let i = 0; i < plain.length; i++) {
    const character = plain[i]!;
    if (character === '(') busy.push(false);
    else if (character === ')') {
      const inner = busy.pop() ?? false;
      const repeated = /^[*+{]/.test(plain.slice(i + 1));
      if (inner && repeated) return true;
      if ((inner || repeated) && busy.length > 0) busy[busy.length - 1] = true;
    } else if (/[*+{|]/.test(character) && busy.length > 0) busy[busy.length - 1] = true;
  }
  return false;
}
