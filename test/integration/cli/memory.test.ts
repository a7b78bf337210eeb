import assert from 'node:assert/strict';
import { freePort } from '../../fixtures/wait';
import { type Nginx, startNginx } from '../../native/nginx';
import { run } from './command';

interface Summary {
  workers: { pid: number; rssBytes: number; gcTotal: number; luaSegments: number }[];
  zones: { name: string; sizeBytes: number; entries: number | null; estimated: boolean | null }[];
  zonesLeftOut: number;
  zonesMissing: string;
}

describe('acupoint memory', function () {
  this.timeout(60_000);
  let nginx: Nginx;

  before(async () => {
    const http = `
      limit_req_zone $binary_remote_addr zone=limits:1m rate=10r/s;
      lua_shared_dict answers 2m;
      init_by_lua_block { for i = 1, 42 do ngx.shared.answers:set(i, i) end }
      server { listen 127.0.0.1:${await freePort()}; }`;
    nginx = await startNginx({ workers: 2, http });
  });
  after(() => nginx.stop());

  it('tells machines of all workers, and of what they share', async () => {
    const { code, stdout, stderr } = await run('memory', '--master', String(nginx.pid), '--json');
    assert.equal(code, 0, stderr);
    const { workers, zones, zonesLeftOut, zonesMissing } = JSON.parse(stdout) as Summary;
    assert.deepEqual(
      workers.map(({ pid }) => pid).sort((a, b) => a - b),
      nginx.workers().sort((a, b) => a - b),
    );
    assert.ok(workers.every(({ gcTotal, rssBytes }) => gcTotal > 100_000 && rssBytes > gcTotal));
    assert.ok(workers.every(({ luaSegments }) => luaSegments > 100_000));
    assert.deepEqual([zonesLeftOut, zonesMissing], [0, '']);
    assert.deepEqual(
      zones.map(({ name, sizeBytes, entries, estimated }) => [name, sizeBytes, entries, estimated]),
      [
        ['limits', 2 ** 20, null, null],
        ['answers', 2 * 2 ** 20, 42, false],
      ],
    );
  });

  it('prints a table of a worker and one of zones', async () => {
    const pid = String(nginx.workers()[0]);
    const { code, stdout, stderr } = await run('memory', '--pid', pid, '--seconds', '0.2');
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^worker, MiB +collector +Lua.*\n${pid} +pause +\\d`, 'm'));
    assert.match(stdout, /^answers +ngx_http_lua_module +2\.0 +\d\.\d+ +0\.\d+ +42 +0 +0$/m);
  });

  it('wants to know of whom', async () => {
    const { code, stderr } = await run('memory');
    assert.equal(code, 2);
    assert.match(stderr, /--pid for one worker, or --master/);
  });
});
