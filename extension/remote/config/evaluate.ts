/** Evaluates ssh_config(5) for one host, where there is no ssh client to do it. */
import { matchesPatternList } from '../wildcard';
import { splitArguments, splitKeyword } from './arguments';
import type { Settings, WrittenLines } from './host-config';
import { fillIn } from './tokens';

export interface Asked {
  readonly host: string;
  /** Typed by the user, so it overrides the configuration. */
  readonly user: string | undefined;
  readonly port: number | undefined;
  readonly localUser: string;
}

export interface Evaluated {
  readonly settings: Settings;
  /** Criteria of Match lines that only ssh itself can judge: their blocks were left out. */
  readonly unjudged: readonly string[];
}

/** The rest of these lines is one value, quotes and all. */
const WHOLE_LINES = new Set(['proxycommand', 'proxyjump', 'knownhostscommand']);
/** Each line of these adds a value; of others the first one counts. */
const SEVERAL = new Set(['identityfile', 'certificatefile']);

/** Throws Error for a quote that is not closed. */
export function evaluate(text: string, asked: Asked): Evaluated {
  const settings = new Map<string, string[]>();
  if (asked.user !== undefined) settings.set('user', [asked.user]);
  if (asked.port !== undefined) settings.set('port', [String(asked.port)]);
  const unjudged = new Set<string>();
  const lines = linesOf(text);
  // As ssh does it: once more for what is to be looked at when all else is known.
  const passes = lines.some(isForTheEnd) ? [false, true] : [false];
  for (const isFinal of passes) {
    let applies = true;
    for (const { keyword, args, rest } of lines) {
      if (keyword === 'host') applies = matchesPatternList(lower(args), asked.host.toLowerCase());
      else if (keyword === 'match') {
        const judge = new MatchLine(args, asked, settings, isFinal);
        applies = judge.applies();
        if (judge.unjudged !== undefined) unjudged.add(judge.unjudged);
      } else if (applies && (!isFinal || !SEVERAL.has(keyword) || !settings.has(keyword))) {
        add(settings, keyword, WHOLE_LINES.has(keyword) ? rest : args.join(' '));
      }
    }
  }
  return { settings, unjudged: [...unjudged] };
}

/** The arguments of all lines, by keyword in lower case; lines that cannot be split are left out. */
export function writtenLines(text: string): WrittenLines {
  const written = new Map<string, string[][]>();
  for (const line of text.split(/\r?\n/)) {
    const { keyword, rest } = splitKeyword(line) ?? {};
    const args = rest === undefined ? undefined : splitArguments(rest, { comments: true });
    if (keyword === undefined || !args) continue;
    written.set(keyword, [...(written.get(keyword) ?? []), args]);
  }
  return written;
}

interface Line {
  readonly keyword: string;
  readonly args: readonly string[];
  readonly rest: string;
}

function linesOf(text: string): Line[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const { keyword, rest } = splitKeyword(content) ?? {};
    if (keyword === undefined || rest === undefined) return [];
    const args = splitArguments(rest, { comments: true });
    if (args) return [{ keyword, args, rest }];
    if (WHOLE_LINES.has(keyword)) return [{ keyword, args: [], rest }];
    throw new Error(`line ${index + 1}: a quote is not closed`);
  });
}

function isForTheEnd({ keyword, args }: Line): boolean {
  return keyword === 'match' && args.some((arg) => /^final$/i.test(arg));
}

function add(settings: Map<string, string[]>, keyword: string, value: string): void {
  const before = settings.get(keyword);
  if (before === undefined) settings.set(keyword, [value]);
  else if (SEVERAL.has(keyword)) before.push(value);
}

/** The criteria of one Match line; all of them have to be met. */
class MatchLine {
  /** The first one that cannot be judged here: such a block applies to nobody. */
  unjudged: string | undefined;
  private at = 0;

  constructor(
    private readonly args: readonly string[],
    private readonly asked: Asked,
    private readonly settings: Settings,
    private readonly isFinal: boolean,
  ) {}

  applies(): boolean {
    let all = true;
    while (this.at < this.args.length) {
      const text = this.args[this.at++]!;
      const isNegated = text.startsWith('!');
      const [name = '', ...behind] = text.slice(isNegated ? 1 : 0).split('=');
      const met = this.criterion(
        name.toLowerCase(),
        behind.length > 0 ? behind.join('=') : undefined,
      );
      if (met === undefined) this.unjudged ??= name;
      if (met === undefined || met === isNegated) all = false;
    }
    return all && this.args.length > 0;
  }

  private criterion(name: string, given: string | undefined): boolean | undefined {
    if (name === 'all') return true;
    if (name === 'final' || name === 'canonical') return this.isFinal;
    const patterns = (given ?? this.args[this.at++] ?? '').split(',');
    const { host, localUser } = this.asked;
    switch (name) {
      case 'host':
        return matchesPatternList(lower(patterns), this.hostname().toLowerCase());
      case 'originalhost':
        return matchesPatternList(lower(patterns), host.toLowerCase());
      case 'user':
        return matchesPatternList(patterns, this.settings.get('user')?.[0] ?? localUser);
      case 'localuser':
        return matchesPatternList(patterns, localUser);
      default:
        // `exec` would run commands of the configuration through a shell.
        return undefined;
    }
  }

  private hostname(): string {
    const { host } = this.asked;
    return fillIn(this.settings.get('hostname')?.[0] ?? host, { h: host });
  }
}

function lower(patterns: readonly string[]): string[] {
  return patterns.map((pattern) => pattern.toLowerCase());
}
