/** A request is more than its Lua: nginx's own work for it, up to its last byte, belongs to it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { freePort } from '../../fixtures/wait';
import { startNginx } from '../nginx';
import { luaFrames, record, type Recording, type Stack } from './recording';

/**
 * A text that compresses to a half and costs deflate a while, and a long one for an upstream to
 * send.
 */
const TEXT = randomBytes(10_000).toString('hex');
const LONG = 'x'.repeat(2_000_000);

const http = (port: number, origin: number) => `
  server {
    listen 127.0.0.1:${port};
    gzip on; gzip_comp_level 9; gzip_types text/plain; default_type text/plain;
    location = /text.txt { access_by_lua_block { local x = 1 } root PREFIX; }
    location = /passed { access_by_lua_block { local x = 1 } gzip off; proxy_pass http://127.0.0.1:${origin}/; }
    location = /counted { gzip off; content_by_lua_block { local s = 0 for i = 1, 100000 do s = s + i % 7 end ngx.say(s) } }
    location = /main { content_by_lua_block { ngx.print(ngx.location.capture("/text.txt").body) } }
  }`;

const origin = (port: number) => `
  server { listen 127.0.0.1:${port}; location / { root PREFIX; try_files /long.txt =404; } }`;

const PATHS = ['/text.txt', '/passed', '/counted', '/main'] as const;

async function recordServed(): Promise<Recording> {
  const [port, other] = [await freePort(), await freePort()];
  const files = { 'text.txt': TEXT, 'long.txt': LONG };
  const upstream = await startNginx({ files, http: origin(other) });
  const nginx = await startNginx({ files, http: http(port, other) });
  let wanted = true;
  const ask = async (path: string) => {
    while (wanted) {
      const headers = { 'accept-encoding': 'gzip' };
      await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).arrayBuffer();
    }
  };
  // Each path has a connection that waits while others are served.
  const asking = PATHS.flatMap((path) => [ask(path), ask(path)]);
  try {
    return await record(nginx.workers()[0] ?? 0, 6);
  } finally {
    wanted = false;
    await Promise.all(asking);
    await nginx.stop();
    await upstream.stop();
  }
}

const has = (stack: Stack, name: RegExp) => stack.frames.some((frame) => name.test(frame.name));

describe("nginx's own work for a request", () => {
  let recording: Recording;
  before(async () => {
    recording = await recordServed();
  });

  /**
   * Shares of paths among the samples that have such a frame. Where the request's layout was not
   * known yet, in the first moments, no sample has a path.
   */
  function pathsOf(name: RegExp): Map<string, number> {
    const some = recording.stacks.filter((stack) => stack.uri !== undefined && has(stack, name));
    const all = some.reduce((sum, { count }) => sum + count, 0);
    assert.ok(all > 30, `${all} samples have ${name} and a request`);
    const paths = new Map<string, number>();
    for (const { uri = '', count } of some) paths.set(uri, (paths.get(uri) ?? 0) + count / all);
    return paths;
  }

  it('is labelled with it: filters, which run when its Lua is over', () => {
    const paths = pathsOf(/^deflate/);
    const [text = 0, main = 0] = [paths.get('/text.txt'), paths.get('/main')];
    assert.ok(text > 0.3 && main > 0.3 && text + main > 0.98, JSON.stringify([...paths]));
  });

  it('is labelled with it: what talks to its upstream', () => {
    const paths = pathsOf(/^ngx_event_pipe/);
    assert.ok((paths.get('/passed') ?? 0) > 0.98, JSON.stringify([...paths]));
  });

  it('leaves little that no request is known of', () => {
    const known = recording.share(({ uri }) => uri !== undefined);
    assert.ok(known > 0.85, `${known}`);
  });

  it('has no phase where no Lua runs', () => {
    for (const stack of recording.stacks.filter((each) => luaFrames(each).length === 0))
      assert.equal(stack.phase, '');
  });
});
