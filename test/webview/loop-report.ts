/** An event loop as of a gateway with a plugin that blocks. */
import type { LoopMessage, LoopStall } from '../../extension/page/messages';

const blocking = {
  name: 'read_config',
  place: '/usr/local/share/lua/5.1/kong/plugins/acme/handler.lua:88',
  line: 88,
  chunk: 0,
};
const encoding = {
  name: 'encode',
  place: '/usr/local/openresty/lualib/cjson/safe.lua:12',
  line: 12,
  chunk: 1,
};
const native = { name: 'ngx_http_gzip_body_filter', place: 'nginx', line: 0, chunk: -1 };

function stall(second: number, lengthUs: number, culprits: LoopStall['culprits']): LoopStall {
  return { pid: 1234, timeUs: second * 1e6, lengthUs, exact: second !== 31, culprits };
}

export function loopOf(changes: Partial<LoopMessage> = {}): LoopMessage {
  const longestUs = Array.from({ length: 60 }, (_, at) => 400 + ((at * 7919) % 900));
  longestUs[12] = 48_200;
  longestUs[31] = 12_400;
  longestUs[47] = 1_430_000;
  return {
    type: 'loop',
    iterations: { count: 84_211, p50Us: 84, p99Us: 910, p999Us: 2400, maxUs: 1_430_000 },
    stallUs: 10_000,
    strip: { fromUs: 0, columnUs: 1e6, longestUs },
    stalls: [
      stall(12, 48_200, [
        { ...blocking, share: 0.82 },
        { ...encoding, share: 0.18 },
      ]),
      stall(31, 12_400, [{ ...native, share: 1 }]),
      stall(47, 1_430_000, [{ ...encoding, share: 0.97 }]),
    ],
    stallCount: 3,
    stalledUs: 1_490_600,
    workers: [
      { pid: 1234, idle: 0.624, queued: 0.012 },
      { pid: 1235, idle: 0.91, queued: 0 },
    ],
    startUnixMs: 1_700_000_000_000,
    watched: 1,
    lost: 0,
    on: true,
    missing: '',
    ...changes,
  };
}
