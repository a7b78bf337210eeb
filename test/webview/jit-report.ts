/** A compiler as of a gateway with hot code that it cannot compile. */
import type { JitMessage } from '../../extension/page/messages';
import { meaningOf } from '../../extension/analysis/jit-reasons';

const vm = {
  traces: 812,
  maxTraces: 8000,
  machineCodeBytes: 1_310_720,
  machineCodeLimit: 41_943_040,
  flushes: 0,
  recentFlushes: 0,
  hotloop: 56,
  hotexit: 10,
};

const aborts: readonly [reason: string, file: string, line: number, count: number][] = [
  ['NYI: bytecode', '/usr/local/share/lua/5.1/kong/plugins/jwt/handler.lua', 88, 1204],
  ['leaving loop in root trace', '/usr/local/share/lua/5.1/resty/router.lua', 310, 96],
  ['NYI: unsupported C type conversion', '/usr/local/openresty/lualib/resty/core/base.lua', 41, 33],
  [
    'inner loop in root trace',
    '/usr/local/share/lua/5.1/kong/runloop/plugins_iterator.lua',
    512,
    12,
  ],
  ['failed to allocate mcode memory', 'access_by_lua(nginx-kong.conf:89)', 2, 1],
];

export function jitOf(changes: Partial<JitMessage> = {}): JitMessage {
  return {
    type: 'jit',
    vms: [
      { ...vm, pid: 1234 },
      {
        ...vm,
        pid: 1235,
        traces: 7640,
        machineCodeBytes: 39_321_600,
        flushes: 9,
        recentFlushes: 4,
      },
    ],
    aborts: aborts.map(([reason, file, line, count], chunk) => ({
      reason,
      meaning: meaningOf(reason),
      file,
      line,
      count,
      chunk,
    })),
    blacklisted: [
      { file: aborts[0]![1], line: 88, kind: 'function', chunk: 0 },
      { file: '[collected function]', line: 0, kind: 'loop', chunk: -1 },
    ],
    left: 0,
    on: true,
    missing: '',
    ...changes,
  };
}
