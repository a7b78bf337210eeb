/** The tokens of ssh_config(5), "TOKENS", by their letter. */
export type Tokens = Readonly<Record<string, string>>;

/** Fills in each token once: what comes in by one is not looked at again. */
export function fillIn(text: string, tokens: Tokens, environment?: NodeJS.ProcessEnv): string {
  return text.replace(/%([%a-zA-Z])|\$\{(\w+)\}/g, (whole, token?: string, name?: string) => {
    if (token === '%') return '%';
    if (token !== undefined) return Object.hasOwn(tokens, token) ? tokens[token]! : whole;
    return environment === undefined ? whole : (environment[name!] ?? '');
  });
}
