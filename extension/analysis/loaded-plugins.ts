/** The plugins that a worker has loaded, from the names in its package.loaded. */
import type { LoadedModules } from '../profile/frames';
import { pathClaim, sharedHandlers } from './claims';
import type { GroupingRules } from './grouping';

/** A plugin may bring more modules; this one is what the gateway runs. */
const entryPoint = /^(?:kong\.plugins\.[^.]{1,128}\.handler|apisix\.plugins\.[^.]{1,128})$/;

/** Names in order; those of all VMs together. */
export function loadedPlugins(vms: readonly LoadedModules[], rules: GroupingRules): string[] {
  const found = new Set<string>();
  for (const { names } of vms) {
    const shared = sharedHandlers.filter(({ module }) => names.includes(module));
    for (const name of names) {
      const both = shared.find(({ plugins }) => plugins.test(name));
      if (both !== undefined) found.add(both.name);
      else if (entryPoint.test(name)) {
        const claim = pathClaim(`${name.replaceAll('.', '/')}.lua`, rules);
        if (claim?.level === 'plugin') found.add(claim.name);
      }
    }
  }
  return [...found].sort();
}
