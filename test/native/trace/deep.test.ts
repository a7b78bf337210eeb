/**
 * The root says whose work it is: it is found at any depth, and in coroutines inside coroutines.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../fixtures/root';
import { freePort } from '../../fixtures/wait';
import { startNginx } from '../nginx';
import { luaFrames, record, type Recording, type Stack } from './recording';

/** Bodies of plugins, each of which does about as much as another. */
const PLUGINS: Readonly<Record<string, string>> = {
  flat: 'local x = 1 for i = 1, 30000 do x = (x * 16807 + i) % 2147483647 end self.last = x',
  ...Object.fromEntries(
    [1, 60, 300, 4000].map((depth) => [`deep-${depth}`, copies(depth, 'copy')]),
  ),
  'guarded-300': copies(300, 'guard'),
  'guarded-4000': copies(4000, 'guard'),
  ...Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7, 8, 30].map((n) => [`inside-${n}`, inside(n, copies(60, 'copy'))]),
  ),
  // Both at once: the recursion is in the innermost, or before the first.
  'inside-8-deep-300': inside(8, copies(300, 'copy')),
  'deep-in-each': `
    local function down(depth, n)
      if depth > 0 then local result = down(depth - 1, n) return result end
      if n == 0 then ${copies(60, 'copy')} return true end
      return coroutine.resume(coroutine.create(function() return down(200, n - 1) end))
    end
    down(200, 4)`,
};

/** ngx_lua's own scheduler crashes where a coroutine that stands that deep resumes another. */
const pluginsOf = (phase: string) =>
  Object.keys(PLUGINS).filter((name) => phase !== 'access' || name !== 'deep-in-each');

function copies(depth: number, how: string): string {
  return `
    self.tree = self.tree or shared.nest(${depth})
    for _ = 1, ${Math.ceil(2400 / depth)} do self.last = shared.${how}(self.tree) end`;
}

function inside(coroutines: number, work: string): string {
  return `shared.inside(${coroutines}, function() ${work} end)`;
}

const handler = (body: string) => `
local shared = require "shared"
local Handler = {}
function Handler:access() ${body} end
jit.off(Handler.access, true)
return Handler`;

function files(names: readonly string[]): Record<string, string> {
  const own = (name: string) =>
    readFileSync(join(repositoryRoot, 'test/native/trace/deep', name), 'utf8');
  return {
    'ledger.lua': own('ledger.lua'),
    'shared.lua': own('shared.lua'),
    'gateway.lua': `
      local ledger, M, handlers = require "ledger", {}, {}
      for _, name in ipairs { ${names.map((name) => `"${name}"`).join(', ')} } do
        handlers[#handlers + 1] = { name, require("kong.plugins." .. name .. ".handler") }
      end
      function M.access()
        for _, each in ipairs(handlers) do
          ledger.charge(each[1], function() each[2]:access() end)
        end
      end
      return M`,
    ...Object.fromEntries(
      names.map((name) => [`kong/plugins/${name}/handler.lua`, handler(PLUGINS[name] ?? '')]),
    ),
  };
}

type Sampler = 'bpf' | 'perf' | 'ptrace';

interface Run {
  readonly recording: Recording;
  /** Shares of the plugins' time by the worker's own account. */
  readonly ledger: ReadonlyMap<string, number>;
}

async function measure(seconds: number, phase: string, sampler: Sampler): Promise<Run> {
  const port = await freePort();
  const nginx = await startNginx({
    files: files(pluginsOf(phase)),
    http: `
      lua_package_path "PREFIX/?.lua;;";
      init_by_lua_block { require "gateway" }
      server {
        listen 127.0.0.1:${port};
        location / {
          ${phase}_by_lua_block { require("gateway").access() }
          content_by_lua_block { ngx.exit(204) }
        }
        location = /ledger { content_by_lua_block { ngx.print(require("ledger").take()) } }
      }`,
  });
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  let wanted = true;
  const loop = async () => {
    while (wanted) await ask('/');
  };
  const loops = [loop(), loop()];
  try {
    await ask('/ledger');
    const recording = await record(nginx.workers()[0] ?? 0, seconds, 999, { sampler });
    const lines = (await ask('/ledger')).split('\n').map((line) => line.split(' '));
    const spent = new Map(lines.map(([name = '', us]) => [name, Number(us)]));
    const all = [...spent.values()].reduce((sum, us) => sum + us, 0);
    const ledger = new Map([...spent].map(([name, us]) => [name, us / all]));
    return { recording, ledger };
  } finally {
    wanted = false;
    await Promise.all(loops);
    await nginx.stop();
  }
}

/** The plugin nearest to the root. */
function ownerOf(stack: Stack): string | undefined {
  for (const { file } of luaFrames(stack)) {
    const found = /kong\/plugins\/([^/]+)\//.exec(file);
    if (found) return found[1];
  }
  return undefined;
}

const gaps = (stack: Stack) => stack.frames.filter(({ name }) => / frames not kept\]$/.test(name));

for (const [phase, sampler] of [
  ['access', 'bpf'],
  ['header_filter', 'bpf'],
  ['header_filter', 'perf'],
  ['header_filter', 'ptrace'],
] as const)
  describe(`plugins that go deep, in ${phase}, sampled by ${sampler}`, () => {
    let run: Run;
    before(async () => {
      run = await measure(6, phase, sampler);
    });

    it('have the share that the worker itself has measured', () => {
      const { recording, ledger } = run;
      const owned = recording.share((stack) => ownerOf(stack) !== undefined);
      // ptrace gives fewer.
      assert.ok(recording.samples > 250, `${recording.samples} samples`);
      const wrong = [...ledger].flatMap(([name, share]) => {
        const measured = recording.share((stack) => ownerOf(stack) === name) / owned;
        const error = 3 * Math.sqrt((share * (1 - share)) / recording.samples);
        return Math.abs(measured - share) < Math.max(0.02, error)
          ? []
          : [`${name}: ${measured}, not ${share}`];
      });
      assert.deepEqual(wrong, []);
      assert.equal(ledger.size, pluginsOf(phase).length);
    });

    it('leave nothing of their helpers to nobody', () => {
      const { recording } = run;
      const orphans = recording.share(
        (stack) =>
          ownerOf(stack) === undefined && luaFrames(stack).some(({ file }) => /shared/.test(file)),
      );
      assert.ok(orphans <= 0.001, `${orphans}`);
    });

    it('show how many frames are not kept, between the two ends', () => {
      const { recording } = run;
      const deep = recording.stacks.filter((stack) => ownerOf(stack) === 'deep-4000');
      const texts = new Set(deep.flatMap(gaps).map(({ name }) => name));
      assert.ok(texts.has('[1000 to 9999 frames not kept]'), [...texts].join());
      for (const stack of deep.filter((each) => gaps(each).length > 0)) {
        const frames = luaFrames(stack);
        assert.match(frames[0]?.name ?? '', new RegExp(`^${phase}_by_lua`));
        assert.ok(frames.length > 100, `${frames.length} frames`);
      }
      const counted = recording.stacks.filter((stack) => gaps(stack).length > 0);
      const samples = counted.reduce((sum, { count }) => sum + count, 0);
      assert.equal(recording.json.quality.truncated, samples);
    });
  });
