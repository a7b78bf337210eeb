/** Patterns of ssh_config and known_hosts: `*` and `?` are wildcards, everything else is itself. */
export function matchesWildcard(pattern: string, text: string): boolean {
  // Greedy with one step back: linear in practice, and never exponential as a regular expression
  // can be.
  let at = 0;
  let within = 0;
  let star = -1;
  let starWithin = 0;
  while (within < text.length) {
    const symbol = pattern[at];
    if (symbol === '*') {
      star = at++;
      starWithin = within;
    } else if (symbol === '?' || symbol === text[within]) {
      at++;
      within++;
    } else if (star >= 0) {
      at = star + 1;
      within = ++starWithin;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** True when one pattern matches and none that is negated by `!` does. */
export function matchesPatternList(patterns: readonly string[], text: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesWildcard(pattern.slice(1), text)) return false;
    } else if (matchesWildcard(pattern, text)) {
      matched = true;
    }
  }
  return matched;
}
