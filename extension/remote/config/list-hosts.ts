import { splitArguments, splitKeyword } from './arguments';
import { readConfig, userConfigFile } from './files';

/** A host for the picker. */
export interface HostEntry {
  /** The alias to connect to: `parseDestination(alias)` is its destination. */
  readonly alias: string;
  /** For people, "user@name:port" as far as the config says it; '' where it adds nothing. */
  readonly description: string;
}

interface Block {
  readonly aliases: readonly string[];
  readonly settings: Map<string, string>;
}

/** The hosts that a ssh config names (patterns left out); empty where there is no config. */
export async function listHosts(configFile: string = userConfigFile()): Promise<HostEntry[]> {
  const entries = new Map<string, HostEntry>();
  for (const { aliases, settings } of blocksOf(await readConfig(configFile))) {
    for (const alias of aliases) {
      if (!entries.has(alias))
        entries.set(alias, { alias, description: describe(settings, alias) });
    }
  }
  return [...entries.values()];
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let current: Block = { aliases: [], settings: new Map() };
  for (const line of text.split('\n')) {
    const { keyword: key, rest } = splitKeyword(line) ?? {};
    if (key === undefined || rest === undefined) continue;
    const args = splitArguments(rest, { comments: true }) ?? [];
    if (key === 'host' || key === 'match') {
      const names = key === 'host' ? args : [];
      // Patterns and negations say how to connect, not where to.
      current = { aliases: names.filter((name) => !/[*?!]/.test(name)), settings: new Map() };
      blocks.push(current);
    } else if (!current.settings.has(key)) {
      current.settings.set(key, args[0] ?? '');
    }
  }
  return blocks;
}

function describe(settings: ReadonlyMap<string, string>, alias: string): string {
  const host = settings.get('hostname')?.replace('%h', alias);
  const user = settings.get('user');
  const port = settings.get('port');
  if (host === undefined && user === undefined && port === undefined) return '';
  const before = user === undefined ? '' : `${user}@`;
  return `${before}${host ?? alias}${port === undefined ? '' : `:${port}`}`;
}
