/**
 * The owner of a Lua function, by its chunk name. Chunk names are text of the target:
 * they may be anything, and are looked at only in a part of bounded length.
 */
import { apisixParts, kongParts, partOf, serviceParts } from './gateway-parts';
import type { GroupingRules } from './grouping';
import type { OwnerKind } from './owners';

/**
 * - `plugin`: of a plugin, or of a group that the user's rules name
 * - `core`: a part of the gateway that can be told
 * - `gateway`: the gateway's, of no part of its own: helpers count for the part that calls them
 * - `service`: a library that is a part of the gateway where there is one; see {@link claimWithin}
 * - `application`: code of an application, beside a gateway: the first of it owns what it calls
 * - `module`: the same where there is no gateway: each of its modules owns what runs in it
 * - `block`: Lua that stands in the configuration; it begins a phase
 * - `library`: counts for whoever calls it
 */
export type ClaimLevel =
  'plugin' | 'core' | 'gateway' | 'service' | 'application' | 'module' | 'block' | 'library';

export interface Claim {
  readonly level: ClaimLevel;
  readonly kind: OwnerKind;
  readonly name: string;
  /** Of an application's code, as `require` names it: "app.orders". */
  readonly module?: string;
}

const LONGEST = 1024;

/** Modules that are nobody's own: they come with OpenResty, LuaRocks or the distribution. */
const libraries = new Set(
  (
    'resty ngx cjson pl socket ssl lpeg lfs jit table tablepool luarocks inspect argparse date say ' +
    'lyaml logging basexx net api7 opentelemetry prometheus'
  ).split(' '),
);

/** Folders that only libraries have, wherever they are installed. */
const namespaces = /\/(resty|ngx)\//;

/** Folders below which package.path usually looks: sure ones, then likely ones. */
const roots = [/^.*\/(?:share\/lua\/5\.\d|lualib)\//, /^.*?\/(?:lua|src)\//];

/** Below a folder of modules; a checkout of the gateway's sources has its name, as src/kong/kong/. */
const checkout = /^(?:[^/]*(?:[Kk]ong|apisix)[^/]*\/)?(kong|apisix)\/(.*)$/;

/** Folders that say nothing of what is in them. */
const nameless = /^(nginx|conf|conf\.d|etc|html|scripts|handlers|)$/;

/** Undefined: it claims nothing, and counts for whoever called it. */
export function claimOf(chunkName: string, rules: GroupingRules): Claim | undefined {
  if (chunkName.startsWith('=')) return blockClaim(chunkName);
  if (!chunkName.startsWith('@')) return undefined;
  return pathClaim(chunkName.slice(1), rules);
}

/** @param path as the worker opened it; a module "a.b" is "a/b.lua". */
export function pathClaim(given: string, rules: GroupingRules): Claim | undefined {
  const path = `/${given.slice(-LONGEST).replace(/^[./]+/, '')}`;
  const group = rules.groupOf(path);
  if (group !== undefined) return { level: 'plugin', kind: 'plugin', name: group };
  return gatewayClaim(path) ?? moduleClaim(path);
}

function gatewayClaim(path: string): Claim | undefined {
  const plugin =
    /^.*\/kong\/plugins\/([^/]{1,128})\//.exec(path) ??
    /^.*\/apisix\/(?:stream\/)?plugins\/([^/]{1,128}?)(?:\.lua$|\/)/.exec(path);
  if (plugin !== null) return { level: 'plugin', kind: 'plugin', name: pluginName(path, plugin) };
  const core = coreClaim(path);
  if (core !== undefined) return core;
  const library = /\/(resty\/.*)$/.exec(path);
  const service = library === null ? undefined : partOf(serviceParts, library[1]!);
  if (service === undefined) return undefined;
  return { level: 'service', kind: 'core', name: service };
}

function coreClaim(path: string): Claim | undefined {
  const module = belowRoot(path);
  // Below a folder of modules its first part says whose it is; elsewhere the last that is known.
  const place =
    module === undefined ? /^.*\/(kong|apisix)\/(.*)$/.exec(path) : checkout.exec(module);
  if (place === null) return undefined;
  const isKong = place[1] === 'kong';
  const part = partOf(isKong ? kongParts : apisixParts, place[2]!);
  const gateway = isKong ? 'Kong' : 'APISIX';
  if (part !== undefined) return { level: 'core', kind: 'core', name: `${gateway} ${part}` };
  if (module === undefined && isInstalledBelow(place[2]!)) return undefined;
  return { level: 'gateway', kind: 'core', name: `${gateway} core` };
}

/** Whether libraries stand below a folder that only has the gateway's name: /opt/kong/rocks/resty. */
function isInstalledBelow(rest: string): boolean {
  return rest
    .split('/')
    .slice(1)
    .some((folder) => libraries.has(folder));
}

export type Gateway = 'Kong' | 'APISIX';

/** Which gateway loaded these modules. */
export function gatewayOf(modules: readonly string[]): Gateway | undefined {
  if (modules.includes('kong')) return 'Kong';
  return modules.includes('apisix') ? 'APISIX' : undefined;
}

/** The gateway whose code makes such a claim. */
export function gatewayClaimed({ level, name }: Claim): Gateway | undefined {
  if (level !== 'core' && level !== 'gateway') return undefined;
  return name.startsWith('Kong ') ? 'Kong' : 'APISIX';
}

/** Returns what a claim comes to in a gateway's process, or in one of no gateway that is known. */
export function claimWithin(claim: Claim, gateway: Gateway | undefined): Claim {
  const { level, module } = claim;
  if (level === 'application' && module !== undefined && gateway === undefined)
    return { level: 'module', kind: 'module', name: module };
  if (level !== 'service') return claim;
  if (gateway === undefined) return { level: 'library', kind: 'other', name: 'library resty' };
  return { ...claim, name: `${gateway} ${claim.name}` };
}

/** Files whose functions two plugins run: which of the two it was cannot be told. */
export const sharedHandlers = [
  {
    module: 'kong.plugins.pre-function._handler',
    plugins: /^kong\.plugins\.(?:pre|post)-function\.handler$/,
    name: 'pre-function and post-function',
  },
  {
    module: 'apisix.plugins.serverless.init',
    plugins: /^apisix\.plugins\.serverless-(?:pre|post)-function$/,
    name: 'serverless-pre-function and serverless-post-function',
  },
] as const;

function pluginName(path: string, match: RegExpExecArray): string {
  const isOf = (module: string) => path.endsWith(`/${module.replaceAll('.', '/')}.lua`);
  return sharedHandlers.find(({ module }) => isOf(module))?.name ?? match[1]!;
}

/** The plugin whose handler this file is, by its path; undefined: it is no handler. */
export function handlerOf(path: string): string | undefined {
  const match =
    /\/kong\/plugins\/([^/]{1,128})\/_?handler\.lua$/.exec(path) ??
    /\/apisix\/plugins\/([^/]{1,128})\.lua$/.exec(path);
  return match === null ? undefined : pluginName(path, match);
}

/** The path below the folder where Lua looks for modules; undefined: no such folder is in it. */
function belowRoot(path: string): string | undefined {
  const root = roots.find((each) => each.test(path));
  return root === undefined ? undefined : path.replace(root, '');
}

function moduleClaim(path: string): Claim {
  const [folder = '', file = ''] = path.split('/').slice(-2);
  const first =
    belowRoot(path)?.split('/')[0] ??
    namespaces.exec(path)?.[1] ??
    (nameless.test(folder) ? file : folder);
  const top = first.replace(/\.lua$/, '').slice(0, 128);
  if (libraries.has(top) || top.startsWith('lua_'))
    return { level: 'library', kind: 'other', name: `library ${top}` };
  const below = belowRoot(path) ?? (nameless.test(folder) ? file : `${folder}/${file}`);
  const name = top === '' ? 'Lua' : top;
  return { level: 'application', kind: 'other', name, module: moduleName(below) || name };
}

/** "app.orders" of "app/orders.lua" and of "app/orders/init.lua"; the end of a long one. */
function moduleName(path: string): string {
  return path
    .replace(/\.lua$/, '')
    .replace(/\/init$/, '')
    .replaceAll('/', '.')
    .slice(-128);
}

/** Old versions of OpenResty name some blocks without a place. */
function blockClaim(chunkName: string): Claim | undefined {
  const block = /^=([a-z_]{1,64}_by_lua)(?:\((.{1,256}):(\d{1,7})\))?$/s.exec(chunkName);
  if (block === null) return undefined;
  const [, directive, file, line] = block;
  const name = file === undefined ? directive! : `${directive} (${file}:${line})`;
  return { level: 'block', kind: 'other', name };
}
