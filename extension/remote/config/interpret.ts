import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { words } from './files';
import type { HostConfig, Settings } from './host-config';

const DEFAULT_CONNECT_S = 15;
const DEFAULT_KEEP_ALIVE_S = 15;
const DEFAULT_KEEP_ALIVE_COUNT = 3;
const DEFAULT_IDENTITIES = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `~/.ssh/${name}`);
const DEFAULT_USER_HOSTS = '~/.ssh/known_hosts ~/.ssh/known_hosts2';
const DEFAULT_GLOBAL_HOSTS = '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2';

export interface Surroundings {
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly localUser: string;
}

export function surroundings(): Surroundings {
  return {
    home: homedir(),
    environment: process.env,
    platform: process.platform,
    localUser: userInfo().username,
  };
}

/**
 * Gives the settings of one host their types, defaults and full paths. `alias` is what the user
 * typed.
 */
export function interpret(settings: Settings, alias: string, around: Surroundings): HostConfig {
  const one = (key: string): string | undefined => given(settings.get(key)?.[0]);
  const user = one('user') ?? around.localUser;
  const host = (one('hostname') ?? alias).replaceAll('%h', alias).replaceAll('%%', '%');
  const port = number(one('port')) ?? 22;
  const tokens = { alias, host, port, user };
  const path = (text: string): string => expand(text, tokens, around);
  const command = one('proxycommand');
  const paths = (key: string, otherwise: string): string[] =>
    (settings.get(key) ?? [otherwise])
      .flatMap(words)
      .filter((file) => file.toLowerCase() !== 'none')
      .map(path);
  const identities = settings.get('identityfile') ?? DEFAULT_IDENTITIES;
  const family = one('addressfamily');
  const keepAliveS = number(one('serveraliveinterval'));
  const allowed = (key: string): boolean => yes(one(key)) ?? true;
  const preferred = one('preferredauthentications')?.split(',');
  const wanted = (method: string): boolean => preferred?.includes(method) ?? true;

  return {
    hostname: host,
    port,
    user,
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : undefined,
    connectTimeoutMs: (number(one('connecttimeout')) ?? DEFAULT_CONNECT_S) * 1000,
    // 0 is OpenSSH's default, and a dead link would never be noticed: it counts as not set.
    keepAliveMs: (keepAliveS || DEFAULT_KEEP_ALIVE_S) * 1000,
    keepAliveCount: number(one('serveralivecountmax')) || DEFAULT_KEEP_ALIVE_COUNT,
    hostKeyAlias: one('hostkeyalias'),
    knownHostsFiles: [
      ...paths('userknownhostsfile', DEFAULT_USER_HOSTS),
      ...paths('globalknownhostsfile', DEFAULT_GLOBAL_HOSTS),
    ],
    strictHostKeyChecking: yes(one('stricthostkeychecking')) === true,
    identityFiles: identities.filter((file) => given(file) !== undefined).map(path),
    certificateFiles: (settings.get('certificatefile') ?? []).map(path),
    identitiesOnly: yes(one('identitiesonly')) ?? false,
    agent: agentOf(settings.get('identityagent')?.[0], path, around),
    publicKey: allowed('pubkeyauthentication') && wanted('publickey'),
    password: allowed('passwordauthentication') && wanted('password'),
    interactive: allowed('kbdinteractiveauthentication') && wanted('keyboard-interactive'),
    proxyJump: one('proxyjump'),
    proxyCommand: command === undefined ? undefined : fillIn(command, tokens, around),
  };
}

function agentOf(
  text: string | undefined,
  path: (text: string) => string,
  { environment, platform }: Surroundings,
): string | undefined {
  const fromEnvironment =
    environment['SSH_AUTH_SOCK'] ??
    (platform === 'win32' ? String.raw`\\.\pipe\openssh-ssh-agent` : undefined);
  if (text === undefined || text === 'SSH_AUTH_SOCK') return fromEnvironment || undefined;
  const agent = text.replace(/^"(.*)"$/, '$1');
  if (agent.toLowerCase() === 'none') return undefined;
  // "$NAME" names an environment variable that holds the path.
  if (/^\$[A-Za-z_]\w*$/.test(agent)) return environment[agent.slice(1)] || undefined;
  return path(agent);
}

/** `none` stands for nothing, and so does an empty value. */
function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text.toLowerCase() === 'none' ? undefined : text;
}

/**
 * Old and new versions of `ssh -G` differ: yes or true. 'ask', 'accept-new' are neither yes nor no.
 */
function yes(text: string | undefined): boolean | undefined {
  const value = text?.toLowerCase();
  if (value === 'yes' || value === 'true') return true;
  if (value === 'no' || value === 'false') return false;
  return undefined;
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

interface Tokens {
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** The tokens of ssh_config(5), `${NAME}` and a leading `~`. */
function expand(text: string, tokens: Tokens, around: Surroundings): string {
  const { home, environment } = around;
  const full = fillIn(text.replace(/^"(.*)"$/, '$1'), tokens, around).replace(
    /\$\{(\w+)\}/g,
    (_whole, name: string) => environment[name] ?? '',
  );
  return full === '~' || /^~[/\\]/.test(full) ? join(home, full.slice(1)) : full;
}

function fillIn(text: string, tokens: Tokens, { home, localUser }: Surroundings): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: home,
    h: tokens.host,
    k: tokens.host,
    l: hostname(),
    L: hostname().split('.')[0] ?? '',
    n: tokens.alias,
    p: String(tokens.port),
    r: tokens.user,
    u: localUser,
    i: String(process.getuid?.() ?? ''),
  };
  return text.replace(/%([%a-zA-Z])/g, (whole, token: string) => values[token] ?? whole);
}
