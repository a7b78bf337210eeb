/** A small gateway's profile, of which each share is known. */
import type { StackSpec } from './page/trees';

const main = ['native main', 'native ngx_worker_process_cycle', 'native ngx_http_core_run_phases'];
const access = [...main, 'lua access_by_lua@access_by_lua(nginx.conf:12):0'];
const handler = [...access, 'jit Kong.access@/usr/local/share/lua/5.1/kong/init.lua:1220'];
const limit = [...handler, 'lua access@/opt/kong/plugins/rate-limiting/handler.lua:42!8'];
const jwt = [...handler, 'jit verify@/opt/kong/plugins/jwt/handler.lua:88'];

/** 100 samples: every sample is one percent. */
export const gateway: StackSpec[] = [
  {
    frames: [...limit, 'jit increment@/opt/kong/plugins/rate-limiting/policies.lua:120!3'],
    samples: 22,
  },
  { frames: [...limit, 'builtin string.format'], samples: 6 },
  { frames: limit, samples: 8 },
  { frames: [...jwt, 'luac cjson.decode'], samples: 13 },
  { frames: [...jwt, 'gc [garbage collector]'], samples: 9 },
  { frames: jwt, samples: 5 },
  { frames: [...handler, 'compiler [JIT compiler]'], samples: 4 },
  { frames: [...handler, 'exit [JIT exit]'], samples: 2 },
  { frames: [...access, 'unknown [unknown]'], samples: 2 },
  {
    frames: [...main, 'native ngx_http_write_filter', 'kernel do_syscall_64', 'kernel tcp_sendmsg'],
    samples: 18,
  },
  { frames: [...main, 'native ngx_http_write_filter'], samples: 2 },
  { frames: [...main, 'native pagespeed::Filter::run^_ZN9pagespeed6Filter3runEv'], samples: 2 },
  { frames: ['truncated [truncated]', 'lua deep@/opt/kong/deep.lua:7!16'], samples: 3 },
  { frames: ['idle [idle]'], samples: 4 },
];
