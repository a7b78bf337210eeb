/**
 * The parts of Kong and APISIX by where their files stand. The first pattern that fits wins. The
 * folders are those of Kong 2.8 to 3.9 and of APISIX 2.15 to 3.
 */

export interface Part {
  readonly pattern: RegExp;
  readonly name: string;
}

/** Below "kong/", plugins left out. */
export const kongParts: readonly Part[] = [
  { pattern: /^router(\/|\.lua$)/, name: 'router' },
  { pattern: /^runloop\/balancer|^runloop\/upstream_/, name: 'balancer' },
  { pattern: /^runloop\/plugins_iterator/, name: 'plugins iterator' },
  { pattern: /^runloop\/(plugin_servers|wasm)/, name: 'external plugins' },
  { pattern: /^runloop\/certificate/, name: 'certificates' },
  { pattern: /^(runloop\/|init\.lua$|error_handlers)/, name: 'runloop' },
  { pattern: /^pdk(\/|\.lua$)/, name: 'PDK' },
  { pattern: /^(dns\/|resty\/dns\/|tools\/dns)/, name: 'DNS' },
  { pattern: /^(cache|resty\/mlcache)(\/|\.lua$)/, name: 'cache' },
  { pattern: /^db\//, name: 'database' },
  { pattern: /^(clustering|cluster_events)\//, name: 'clustering' },
  { pattern: /^(api|admin_gui|status)\//, name: 'admin API' },
  { pattern: /^(observability|tracing|timing|reports)/, name: 'tracing and reports' },
  { pattern: /^vaults\//, name: 'vaults' },
  { pattern: /^tools\/(queue|batch_queue)/, name: 'queues' },
  { pattern: /^llm\//, name: 'AI' },
];

/** Below "apisix/", plugins left out. */
export const apisixParts: readonly Part[] = [
  { pattern: /^(router|http\/router|api_router)/, name: 'router' },
  { pattern: /^(balancer|upstream|healthcheck)/, name: 'balancer' },
  { pattern: /^(plugin|global_rules|script)\.lua$/, name: 'plugins iterator' },
  { pattern: /^init\.lua$/, name: 'runloop' },
  { pattern: /^(core\/(dns|resolver)|discovery\/)/, name: 'DNS' },
  { pattern: /^core\/(config|etcd)/, name: 'configuration' },
  { pattern: /^core(\/|\.lua$)/, name: 'core library' },
  { pattern: /^(admin|control)\//, name: 'admin API' },
  { pattern: /^(timers|events)/, name: 'timers' },
  { pattern: /^ssl/, name: 'certificates' },
];

/**
 * Libraries that are a part of the gateway where it calls them, and nobody's where it does not: an
 * application's own DNS look-up is the application's.
 */
export const serviceParts: readonly Part[] = [
  { pattern: /^resty\/timerng(\/|\.lua$)/, name: 'timers' },
  { pattern: /^resty\/dns\//, name: 'DNS' },
  { pattern: /^resty\/healthcheck/, name: 'balancer' },
  { pattern: /^resty\/mlcache/, name: 'cache' },
  { pattern: /^resty\/(worker\/)?events/, name: 'events' },
  { pattern: /^resty\/router\//, name: 'router' },
];

export function partOf(parts: readonly Part[], path: string): string | undefined {
  return parts.find(({ pattern }) => pattern.test(path))?.name;
}
