/** The name of a plugin's handler: `access` alone says nothing where each plugin has one. */
import type { FunctionInfo } from '../profile/frames';
import { claimOf } from './claims';
import { GroupingRules } from './grouping';

/** The functions that Kong and APISIX call of a plugin. */
const handlers = new Set(
  (
    'init_worker configure certificate rewrite access response header_filter body_filter log preread ' +
    'before_proxy delayed_body_filter ws_handshake ws_client_frame ws_upstream_frame ws_close'
  ).split(' '),
);

const noRules = new GroupingRules();

/**
 * "jwt.access" for `access` in kong/plugins/jwt/handler.lua, and "jwt.access #1a2b" for one of
 * another code at its place; any other function's name as it is.
 */
export function handlerName(info: FunctionInfo): string {
  if (!handlers.has(info.name.replace(/ #[0-9a-f]{4}$/, ''))) return info.name;
  const claim = claimOf(info.file, noRules);
  return claim?.level === 'plugin' ? `${claim.name}.${info.name}` : info.name;
}
