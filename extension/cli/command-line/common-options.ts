import { flag, text } from './option';

/** Options of every command; --json stands in its own table, with the form of what it prints. */
export const commonOptions = {
  sshConfig: text({
    flag: 'ssh-config',
    short: 'F',
    value: 'FILE',
    help: 'the ssh config to use instead of ~/.ssh/config',
  }),
  verbose: flag({ flag: 'verbose', short: 'v', help: 'say on stderr what is being done' }),
  help: flag({ flag: 'help', short: 'h', help: 'this text' }),
} as const;

/**
 * @param what it prints: "one JSON object when done".
 * @param form of it: `{"name",...}`.
 */
export function json(what: string, form: string, ...notes: readonly string[]) {
  return flag({ flag: 'json', help: [`print ${what}:`, form, ...notes].join('\n') });
}
