import { createHash } from 'node:crypto';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type {
  AlgorithmKind,
  AlgorithmList,
  HostConfig,
  Settings,
  WrittenLines,
} from './host-config';
import { fillIn, type Tokens } from './tokens';

const DEFAULT_CONNECT_S = 15;
const DEFAULT_KEEP_ALIVE_S = 15;
const DEFAULT_KEEP_ALIVE_COUNT = 3;
const DEFAULT_IDENTITIES = ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `~/.ssh/${name}`);
const DEFAULT_USER_HOSTS = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
const DEFAULT_GLOBAL_HOSTS = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
/** OpenSSH's own. */
const DEFAULT_RSA_BITS = 1024;
const ALGORITHM_OPTIONS: Readonly<Record<AlgorithmKind, readonly [string, ...string[]]>> = {
  kex: ['KexAlgorithms'],
  hostKey: ['HostKeyAlgorithms'],
  cipher: ['Ciphers'],
  mac: ['MACs'],
  // The second is its name before OpenSSH 8.5.
  userKey: ['PubkeyAcceptedAlgorithms', 'PubkeyAcceptedKeyTypes'],
};

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
 * typed; `written` tells lists of files apart, which `ssh -G` prints without their quotes.
 */
export function interpret(
  settings: Settings,
  alias: string,
  around: Surroundings,
  written: WrittenLines = new Map(),
): HostConfig {
  const one = (key: string): string | undefined => given(settings.get(key)?.[0]);
  const user = one('user') ?? around.localUser;
  const host = (one('hostname') ?? alias).replaceAll('%h', alias).replaceAll('%%', '%');
  const port = number(one('port')) ?? 22;
  const tokens = tokensOf({ alias, host, port, user }, settings, around);
  const path = (text: string): string => expand(text, tokens, around);
  const command = one('proxycommand');
  const knownHostsCommand = one('knownhostscommand');
  const paths = (key: string, otherwise: readonly string[]): string[] =>
    listOf(settings.get(key)?.[0], otherwise, written.get(key) ?? [], path);
  const userKnownHosts = paths('userknownhostsfile', DEFAULT_USER_HOSTS);
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
    hostKeyAlias: one('hostkeyalias')?.toLowerCase(),
    knownHostsFiles: [...userKnownHosts, ...paths('globalknownhostsfile', DEFAULT_GLOBAL_HOSTS)],
    newHosts: newHosts(userKnownHosts[0]),
    knownHostsCommand:
      knownHostsCommand === undefined ? undefined : { command: knownHostsCommand, tokens },
    strictHostKeyChecking: checking(one('stricthostkeychecking')),
    revokedHostKeys: paths('revokedhostkeys', []),
    verifyHostKeyDns: (yes(one('verifyhostkeydns')) ?? one('verifyhostkeydns') === 'ask') === true,
    trustsLoopback: yes(one('nohostauthenticationforlocalhost')) ?? false,
    requiredRsaBits: number(one('requiredrsasize')) ?? DEFAULT_RSA_BITS,
    algorithms: algorithmsOf(settings, written),
    compression: yes(one('compression')) ?? false,
    identityFiles: identities.filter((file) => given(file) !== undefined).map(path),
    certificateFiles: (settings.get('certificatefile') ?? []).map(path),
    identitiesOnly: yes(one('identitiesonly')) ?? false,
    agent: agentOf(settings.get('identityagent')?.[0], path, around),
    publicKey: allowed('pubkeyauthentication') && wanted('publickey'),
    password: allowed('passwordauthentication') && wanted('password'),
    interactive: allowed('kbdinteractiveauthentication') && wanted('keyboard-interactive'),
    proxyJump: one('proxyjump'),
    proxyUseFdpass: yes(one('proxyusefdpass')) ?? false,
    proxyCommand: command === undefined ? undefined : fillIn(command, tokens),
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

/** Files of one line; `none` are none. */
function listOf(
  printed: string | undefined,
  otherwise: readonly string[],
  written: readonly (readonly string[])[],
  path: (text: string) => string,
): string[] {
  const asWritten = written.find(
    (args) => args.join(' ') === printed || args.map(path).join(' ') === printed,
  );
  const files = printed === undefined ? otherwise : (asWritten ?? printed.split(/[ \t]+/));
  return files.filter((file) => given(file) !== undefined).map(path);
}

function newHosts(file: string | undefined): HostConfig['newHosts'] {
  if (file === undefined) return 'refused';
  return /^(?:\/dev\/null|nul)$/i.test(file) ? 'forgotten' : 'kept';
}

function checking(text: string | undefined): HostConfig['strictHostKeyChecking'] {
  const value = text?.toLowerCase();
  if (value === 'accept-new') return value;
  // "off" is what ssh_config(5) also calls "no".
  const known = value === 'off' ? false : yes(value);
  return known === undefined ? 'ask' : known ? 'yes' : 'no';
}

function algorithmsOf(settings: Settings, written: WrittenLines): HostConfig['algorithms'] {
  const list = (kind: AlgorithmKind): AlgorithmList => {
    const names = ALGORITHM_OPTIONS[kind];
    const keys = names.map((name) => name.toLowerCase());
    const text = keys.map((key) => settings.get(key)?.[0]).find((each) => each !== undefined);
    return { option: names[0], text, isChosen: keys.some((key) => written.has(key)) };
  };
  return {
    kex: list('kex'),
    hostKey: list('hostKey'),
    cipher: list('cipher'),
    mac: list('mac'),
    userKey: list('userKey'),
  };
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

interface Names {
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** The tokens of ssh_config(5) that stand for the same in each place. */
function tokensOf(
  { alias, host, port, user }: Names,
  settings: Settings,
  { home, localUser }: Surroundings,
): Tokens {
  const local = hostname();
  const jumps = given(settings.get('proxyjump')?.[0]) ?? '';
  const jump = jumps.slice(jumps.lastIndexOf(',') + 1).replace(/^.*@|:\d+$|[[\]]/g, '');
  const connection = [local, host, port, user, jump].join('');
  return {
    C: createHash('sha1').update(connection).digest('hex'),
    d: home,
    h: host,
    i: String(process.getuid?.() ?? ''),
    j: jump,
    k: given(settings.get('hostkeyalias')?.[0])?.toLowerCase() ?? alias,
    l: local,
    L: local.split('.')[0] ?? '',
    n: alias,
    p: String(port),
    r: user,
    u: localUser,
  };
}

/** The tokens of ssh_config(5), `${NAME}` and a leading `~`. */
function expand(text: string, tokens: Tokens, { home, environment }: Surroundings): string {
  const full = fillIn(text.replace(/^"(.*)"$/, '$1'), tokens, environment);
  return full === '~' || /^~[/\\]/.test(full) ? join(home, full.slice(1)) : full;
}
