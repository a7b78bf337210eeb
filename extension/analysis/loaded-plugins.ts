/** The plugins that a worker has loaded, from the names in its package.loaded. */
import type { LoadedModules } from '../profile/frames';
import { functionPlugins, pathClaim } from './claims';
import type { GroupingRules } from './grouping';

/** A plugin may bring more modules; this one is what the gateway runs. */
const entryPoint = /^(?:kong\.plugins\.[^.]{1,128}\.handler|apisix\.plugins\.[^.]{1,128})$/;
const functionHandler = /^kong\.plugins\.(?:pre|post)-function\.handler$/;

/** Names in order; those of all VMs together. */
export function loadedPlugins(vms: readonly LoadedModules[], rules: GroupingRules): string[] {
  const found = new Set<string>();
  for (const { names } of vms) {
    const shared = names.includes('kong.plugins.pre-function._handler');
    for (const name of names) {
      if (shared && functionHandler.test(name)) found.add(functionPlugins);
      else if (entryPoint.test(name)) {
        const claim = pathClaim(`${name.replaceAll('.', '/')}.lua`, rules);
        if (claim?.level === 'plugin') found.add(claim.name);
      }
    }
  }
  return [...found].sort();
}
