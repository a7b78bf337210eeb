import assert from 'node:assert/strict';
import { claimOf, claimWithin, gatewayOf, handlerOf } from '../../../extension/analysis/claims';
import { GroupingRules } from '../../../extension/analysis/grouping';

const none = new GroupingRules();

function claimed(chunk: string, rules = none): string | undefined {
  const claim = claimOf(chunk, rules);
  return claim && `${claim.level} ${claim.kind} ${claim.name}`;
}

describe('Whose a chunk is', () => {
  const cases: readonly (readonly [chunk: string, claim: string | undefined])[] = [
    ['@/usr/local/share/lua/5.1/kong/plugins/jwt/handler.lua', 'plugin plugin jwt'],
    ['@kong/plugins/rate-limiting/policies/init.lua', 'plugin plugin rate-limiting'],
    ['@./kong/plugins/acl/groups.lua', 'plugin plugin acl'],
    ['@/opt/custom/kong/plugins/my_own/access.lua', 'plugin plugin my_own'],
    [
      '@/usr/local/share/lua/5.1/kong/plugins/pre-function/_handler.lua',
      'plugin plugin pre-function and post-function',
    ],
    ['@/usr/local/share/lua/5.1/kong/plugins/base_plugin.lua', 'gateway core Kong core'],
    ['@/usr/local/share/lua/5.1/kong/router/atc.lua', 'core core Kong router'],
    ['@/usr/local/share/lua/5.1/kong/router.lua', 'core core Kong router'],
    ['@/usr/local/share/lua/5.1/kong/runloop/balancer/init.lua', 'core core Kong balancer'],
    ['@/usr/local/share/lua/5.1/kong/init.lua', 'core core Kong runloop'],
    ['@/usr/local/share/lua/5.1/kong/pdk/log.lua', 'core core Kong PDK'],
    ['@/usr/local/share/lua/5.1/kong/resty/dns/client.lua', 'core core Kong DNS'],
    ['@/usr/local/share/lua/5.1/kong/db/dao/init.lua', 'core core Kong database'],
    ['@/usr/local/share/lua/5.1/kong/tools/table.lua', 'gateway core Kong core'],
    ['@/srv/kong/init.lua', 'core core Kong runloop'],
    // A folder of plugins below a folder of Kong's, and checkouts of its sources.
    ['@/etc/kong/plugins/kong/plugins/my_own/handler.lua', 'plugin plugin my_own'],
    ['@/usr/src/kong/kong/runloop/handler.lua', 'core core Kong runloop'],
    // Libraries that are installed below a folder with the gateway's name.
    ['@/opt/kong/rocks/share/resty/timerng/thread/loop.lua', 'service core timers'],
    ['@/opt/kong/rocks/resty/core/regex.lua', 'library other library resty'],
    ['@/opt/kong/rocks/share/pl/tablex.lua', 'library other library pl'],
    ['@/opt/apisix/deps/ngx/semaphore.lua', 'library other library ngx'],
    ['@/opt/kong/kong/resty/ctx.lua', 'gateway core Kong core'],
    ['@/home/me/src/kong-3.10/kong/pdk/log.lua', 'core core Kong PDK'],
    ['@/home/me/src/kong/router/atc.lua', 'core core Kong router'],
    ['@/home/me/src/apisix/apisix/core/table.lua', 'core core APISIX core library'],
    ['@/srv/src/shop/kong/client.lua', 'application other shop'],
    ['@/usr/local/share/lua/5.1/resty/timerng/thread/loop.lua', 'service core timers'],
    ['@/usr/local/share/lua/5.1/resty/dns/resolver.lua', 'service core DNS'],
    ['@/usr/local/share/lua/5.1/resty/http.lua', 'library other library resty'],
    ['@/usr/local/openresty/lualib/resty/core/shdict.lua', 'library other library resty'],
    ['@/usr/local/apisix/apisix/plugins/limit-count.lua', 'plugin plugin limit-count'],
    ['@/usr/local/apisix/apisix/plugins/limit-count/init.lua', 'plugin plugin limit-count'],
    [
      '@/usr/local/apisix/apisix/plugins/serverless/init.lua',
      'plugin plugin serverless-pre-function and serverless-post-function',
    ],
    ['@/usr/local/apisix/apisix/core/request.lua', 'core core APISIX core library'],
    ['@/usr/local/apisix/apisix/init.lua', 'core core APISIX runloop'],
    ['@/srv/shop/lua/orders/list.lua', 'application other orders'],
    ['@/srv/shop/lua/main.lua', 'application other main'],
    ['@/opt/kong/share/lua/5.1/shop/cart.lua', 'application other shop'],
    ['@/etc/nginx/limits.lua', 'application other limits'],
    ['=access_by_lua(nginx.conf:12)', 'block other access_by_lua (nginx.conf:12)'],
    ['=header_filter_by_lua', 'block other header_filter_by_lua'],
    ['=(load)', undefined],
    ['=[C]', undefined],
    ['local total = 0\nreturn total', undefined],
    ['', undefined],
  ];
  for (const [chunk, claim] of cases)
    it(JSON.stringify(chunk), () => assert.equal(claimed(chunk), claim));

  it('is of the gateway that runs, where a library is a part of it', () => {
    const timers = claimOf('@/usr/share/lua/5.1/resty/timerng/thread/loop.lua', none)!;
    const within = (...modules: string[]) => claimWithin(timers, gatewayOf(modules));
    assert.equal(within('cjson', 'kong').name, 'Kong timers');
    assert.equal(within('apisix', 'kong.pdk').name, 'APISIX timers');
    assert.deepEqual(within('shop'), { level: 'library', kind: 'other', name: 'library resty' });
    const list = claimOf('@/srv/shop/lua/orders/list.lua', none)!;
    assert.equal(claimWithin(list, 'Kong'), list);
    const router = claimOf('@/usr/share/lua/5.1/kong/router.lua', none)!;
    assert.equal(claimWithin(router, undefined), router);
  });

  it('is of its own module where no gateway runs', () => {
    const module = (chunk: string) => {
      const { level, kind, name } = claimWithin(claimOf(chunk, none)!, undefined);
      return level === 'module' && kind === 'module' ? name : `${level} ${kind} ${name}`;
    };
    assert.equal(module('@/srv/shop/lua/app/orders.lua'), 'app.orders');
    assert.equal(module('@/srv/shop/lua/app/cart/init.lua'), 'app.cart');
    assert.equal(module('@/usr/local/openresty/site/lualib/app/api/v1.lua'), 'app.api.v1');
    assert.equal(module('@/opt/shop/app/search.lua'), 'app.search');
    assert.equal(module('@/etc/nginx/limits.lua'), 'limits');
    assert.equal(module('@/usr/share/lua/5.1/resty/http.lua'), 'library other library resty');
    assert.ok(module(`@/${'deep/'.repeat(500)}x.lua`).length <= 128);
  });

  it('takes a megabyte of hostile text in its stride', () => {
    for (const text of ['@' + '/kong/plugins'.repeat(80_000), '=' + 'a_'.repeat(500_000)])
      claimOf(text, none);
  });

  it("knows a plugin's handler by its path", () => {
    assert.equal(handlerOf('/w/kong/plugins/jwt/handler.lua'), 'jwt');
    assert.equal(handlerOf('/w/apisix/plugins/cors.lua'), 'cors');
    assert.equal(handlerOf('/w/kong/plugins/jwt/schema.lua'), undefined);
  });
});

describe('Grouping rules', () => {
  it('come before all else, and the first that fits wins', () => {
    const rules = new GroupingRules([
      { name: 'module $1', pattern: '/modules/([^/]+)/' },
      { name: 'auth', pattern: 'kong/plugins/(jwt|key-auth)/' },
      { name: 'all', pattern: 'modules' },
    ]);
    assert.deepEqual(rules.problems, []);
    assert.equal(claimed('@/app/modules/cart/x.lua', rules), 'plugin plugin module cart');
    assert.equal(claimed('@/x/kong/plugins/jwt/handler.lua', rules), 'plugin plugin auth');
    assert.equal(claimed('@/x/kong/plugins/acl/handler.lua', rules), 'plugin plugin acl');
  });

  for (const [why, given] of [
    ['no list', { name: 'x' }],
    ['no name', [{ pattern: 'x' }]],
    ['no pattern', [{ name: 'x' }]],
    ['nothing', [null]],
    ['no expression', [{ name: 'x', pattern: '(' }]],
    ['nested repetition', [{ name: 'x', pattern: '(a+)+$' }]],
    ['a repeated choice', [{ name: 'x', pattern: '(a|a)*$' }]],
    ['deep nesting', [{ name: 'x', pattern: '((a)*b)*' }]],
    ['look-ahead', [{ name: 'x', pattern: '(?=a)' }]],
    ['back reference', [{ name: 'x', pattern: '(a)\\1' }]],
    ['many repetitions', [{ name: 'x', pattern: 'a*a*a*a*b' }]],
    ['a long pattern', [{ name: 'x', pattern: 'a'.repeat(500) }]],
  ] as const)
    it(`refuses ${why}`, () => {
      const rules = new GroupingRules(given);
      assert.equal(rules.problems.length, 1);
      assert.equal(rules.groupOf('/app/a.lua'), undefined);
    });

  it('gives a rule up that takes too long', () => {
    const rules = new GroupingRules([{ name: 'slow', pattern: 'a.*a.*a.*b' }]);
    assert.deepEqual(rules.problems, []);
    for (let i = 0; i < 10_000; i++) rules.groupOf('a'.repeat(4096));
    assert.match(rules.problems.join(), /slow.*too long/);
  });
});
