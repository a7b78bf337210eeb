import assert from 'node:assert/strict';
import { handlerName } from '../../../extension/analysis/handler-name';
import type { FunctionInfo } from '../../../extension/profile/frames';

function named(name: string, file: string): string {
  const info: FunctionInfo = { name, file, line: 42, lastLine: 60 };
  return handlerName(info);
}

describe("A plugin's handler", () => {
  it('is named with its plugin', () => {
    assert.equal(named('access', '@/usr/share/lua/5.1/kong/plugins/jwt/handler.lua'), 'jwt.access');
    assert.equal(named('log', '@apisix/plugins/prometheus.lua'), 'prometheus.log');
    assert.equal(named('body_filter', '@./kong/plugins/a-b/filter.lua'), 'a-b.body_filter');
  });

  it('is told from what only has its name', () => {
    assert.equal(named('access', '@/usr/share/lua/5.1/kong/init.lua'), 'access');
    assert.equal(named('access', '@/srv/app/access.lua'), 'access');
    assert.equal(named('log', '=log_by_lua(nginx.conf:9)'), 'log');
    assert.equal(named('log', 'kong/plugins/jwt/handler.lua'), 'log');
  });

  it('leaves the other functions of a plugin as they are', () => {
    assert.equal(named('decode', '@/kong/plugins/jwt/handler.lua'), 'decode');
    assert.equal(named('', '@/kong/plugins/jwt/handler.lua'), '');
  });
});
