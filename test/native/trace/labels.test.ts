/** A real nginx: which phase and which request each sample was taken in. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { repositoryRoot } from '../../fixtures/root';
import { freePort } from '../../fixtures/wait';
import { startNginx } from '../nginx';
import { type How, type Recording, type Stack, luaFrames, record } from './recording';

const server = (port: number) => `
    lua_package_path "PREFIX/?.lua;;";
    init_by_lua_block { m = require("labels") }
    init_worker_by_lua_block { ngx.timer.at(0, m.run_timer) }
    large_client_header_buffers 4 32k;
    server {
      listen 127.0.0.1:${port};
      location /first {
        rewrite_by_lua_block { m.in_rewrite() }
        access_by_lua_block { m.in_access() }
        content_by_lua_block { m.of_first() ngx.say("x") }
        header_filter_by_lua_block { m.in_header_filter() }
        body_filter_by_lua_block { if ngx.arg[2] then m.in_body_filter() end }
        log_by_lua_block { m.in_log() }
      }
      location /second { content_by_lua_file PREFIX/second.lua; }
      location /outer {
        content_by_lua_block { ngx.say(ngx.location.capture("/inner?secret=2").body) }
      }
      location /inner { content_by_lua_block { m.of_inner() ngx.say("x") } }
      location /before { rewrite ^ /moved last; }
      location /moved { content_by_lua_block { m.of_moved() ngx.say("x") } }
      location /threads {
        content_by_lua_block {
          coroutine.resume(coroutine.create(m.of_coroutine))
          ngx.thread.wait(ngx.thread.spawn(m.of_thread))
          ngx.say("x")
        }
      }
    }`;

/** Method, path and Host of a request, and the functions that run in it. */
const known = [
  ['GET', '/first?secret=1', 'One.Example', ['of_first', 'in_rewrite', 'in_access', 'in_log']],
  ['GET', '/first?secret=1', 'One.Example', ['in_header_filter', 'in_body_filter']],
  ['POST', '/second', 'two.example', ['of_second']],
  ['POST', '/outer/%41//..%2f?secret=3', 'two.example', ['of_inner']],
  ['PUT', '/before', 'three.example', ['of_moved']],
  ['GET', '/threads', 'three.example', ['of_coroutine', 'of_thread']],
] as const;

function send(port: number, method: string, path: string, host: string): Promise<void> {
  const headers = { Host: `${host}:${port}` };
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', method, path, headers }, (response) => {
      response.resume().on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}

/** For what is no request in the eyes of Node; resolves when nginx has answered. */
function sendRaw(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('error', () => undefined).on('close', () => resolve());
    socket.on('data', () => socket.end());
  });
}

async function recordWhile(
  ask: (port: number) => Promise<void>,
  how: How = {},
): Promise<Recording> {
  const port = await freePort();
  const source = readFileSync(join(repositoryRoot, 'test/native/trace/labels.lua'), 'utf8');
  const files = { 'labels.lua': source, 'second.lua': 'm.of_second() ngx.say("x")' };
  const nginx = await startNginx({ files, http: server(port) });
  let wanted = true;
  const asking = (async () => {
    while (wanted) await ask(port);
  })();
  try {
    return await record(nginx.workers()[0]!, 3, 999, how);
  } finally {
    wanted = false;
    await asking;
    await nginx.stop();
  }
}

async function askAll(port: number): Promise<void> {
  for (const [method, path, host] of known) await send(port, method, path, host);
}

const runs = (stack: Stack, name: string) => luaFrames(stack).some((frame) => frame.name === name);

describe('labels', () => {
  for (const sampler of ['bpf', 'perf', 'ptrace'] as const) {
    describe(`of the ${sampler} sampler`, () => {
      let recording: Recording;
      before(async () => {
        recording = await recordWhile(askAll, { sampler });
      });
      const of = (name: string) => recording.stacks.filter((stack) => runs(stack, name));
      const counted = (stacks: readonly Stack[]) => stacks.reduce((sum, s) => sum + s.count, 0);

      it('name the request that the client sent, and never another one', () => {
        let all = 0;
        let named = 0;
        for (const [method, path, host, functions] of known) {
          const uri = path.split('?')[0];
          for (const stacks of functions.map(of)) {
            const labelled = stacks.filter((stack) => stack.uri !== undefined);
            for (const stack of labelled) {
              assert.deepEqual([stack.method, stack.uri], [method, uri]);
              // It becomes known a moment after the rest.
              assert.ok(['', host.toLowerCase()].includes(stack.host ?? ''), stack.host);
            }
            named += counted(labelled);
            all += counted(stacks);
          }
        }
        // Samples of before the layout was known have none.
        assert.ok(named >= all * 0.6, `${named} of ${all}`);
      });

      it('say nothing of requests where there is none', () => {
        for (const stack of recording.stacks) {
          if (runs(stack, 'in_timer')) assert.equal(stack.uri, undefined);
        }
        assert.ok(!JSON.stringify(recording.json).includes('secret'));
      });

      it('name the phase, or say nothing', () => {
        let all = 0;
        let right = 0;
        for (const phase of ['rewrite', 'access', 'header_filter', 'body_filter', 'log', 'timer']) {
          const stacks = of(`in_${phase}`);
          const named = stacks.filter((stack) => stack.phase !== '');
          for (const stack of named) assert.equal(stack.phase, phase);
          right += counted(named);
          all += counted(stacks);
        }
        assert.ok(right >= all * 0.6, `${right} of ${all}`);
        for (const name of known.flatMap(([, , , names]) => names)) {
          if (!name.startsWith('of_')) continue;
          for (const stack of of(name)) assert.ok(['content', ''].includes(stack.phase), name);
          assert.ok(counted(of(name).filter((stack) => stack.phase === 'content')) > 0, name);
        }
      });
    });
  }

  it('stay away where they are not wanted, phases apart', async () => {
    const recording = await recordWhile(askAll, { requestLabels: false });
    const text = JSON.stringify(recording.json);
    assert.ok(!/one\.example|two\.example|\/outer|"uri"|"host"/i.test(text));
    const timers = recording.stacks.filter((stack) => runs(stack, 'in_timer'));
    assert.ok(timers.some((stack) => stack.phase === 'timer'));
  });

  it('take any bytes for a URI, and a long one is cut', async () => {
    const long = `/first/${'x'.repeat(8000)}`;
    const lines = [
      Buffer.from(`GET ${long} HTTP/1.0`),
      Buffer.from('GET /first/\xff\xfe\xc3( HTTP/1.0', 'latin1'),
      Buffer.from('GET http://four.example/first/absolute?secret=4 HTTP/1.0'),
      Buffer.from('GET /first\x01\x00 HTTP/1.0', 'latin1'),
    ];
    const end = Buffer.from('\r\nHost: four.example\r\n\r\n');
    const recording = await recordWhile(async (port) => {
      await askAll(port);
      for (const line of lines) await sendRaw(port, Buffer.concat([line, end]));
    });
    const uris = new Set(recording.stacks.map(({ uri }) => uri));
    assert.ok(uris.has('/first/\ufffd\ufffd\ufffd('), [...uris].join('\n'));
    assert.ok(uris.has('/first/absolute'));
    assert.ok(uris.has(`${long.slice(0, 124)}...`));
    for (const uri of uris) assert.ok((uri ?? '').length <= 127, uri);
  });
});
