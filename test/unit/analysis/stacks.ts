/** Stores of stacks that are written as words, from the root to the leaf. */
import {
  FrameFlag,
  FrameKind,
  type Frame,
  type FunctionInfo,
} from '../../../extension/profile/frames';
import { ProfileStore } from '../../../extension/profile/store';
import type { ProfileEngine } from '../../../extension/profile/engine';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import type { SampleLabels, RequestInfo } from '../../../extension/profile/frames';
import { stackRows } from '../profile/rows';
import { emptyBatch, noLabels } from '../profile/sample-profile';

const lua = (file: string, kind = FrameKind.Lua, flags = 0) => ({ file, kind, flags, name: 'f' });
const plain = (name: string, kind: FrameKind) => ({ file: '', kind, flags: 0, name });

/** Frames by word. */
const words = {
  nginx: { file: '/usr/sbin/nginx', kind: FrameKind.Native, flags: 0, name: 'main' },
  kernel: plain('do_syscall_64', FrameKind.Kernel),
  gc: plain('[garbage collector]', FrameKind.GarbageCollector),
  jitc: plain('[JIT compiler]', FrameKind.JitCompiler),
  unknown: plain('[unknown]', FrameKind.Unknown),
  truncated: plain('[truncated]', FrameKind.Truncated),
  incomplete: plain('[incomplete]', FrameKind.Incomplete),
  cjson: plain('cjson.encode', FrameKind.LuaC),
  resume: plain('coroutine.__resume', FrameKind.LuaC),
  access: lua('=access_by_lua(nginx.conf:12)'),
  header: lua('=header_filter_by_lua(nginx.conf:20)'),
  init: lua('@/usr/share/lua/5.1/kong/init.lua'),
  iterator: lua('@/usr/share/lua/5.1/kong/runloop/plugins_iterator.lua'),
  router: lua('@/usr/share/lua/5.1/kong/router/init.lua'),
  pdk: lua('@/usr/share/lua/5.1/kong/pdk/log.lua'),
  tools: lua('@/usr/share/lua/5.1/kong/tools/table.lua'),
  timers: lua('@/usr/share/lua/5.1/resty/timerng/thread/loop.lua'),
  at: plain('ngx.timer.at', FrameKind.LuaC),
  queue: lua('@/usr/share/lua/5.1/kong/tools/queue.lua'),
  posted: { ...plain('ngx_event_process_posted', FrameKind.Native), file: '/usr/sbin/nginx' },
  module: {
    ...plain('[ngx_http_lua_module.so]', FrameKind.Native),
    file: '/usr/lib/nginx/modules/ngx_http_lua_module.so',
  },
  accept: { ...plain('ngx_event_accept', FrameKind.Native), file: '/usr/sbin/nginx' },
  http: lua('@/usr/share/lua/5.1/resty/http.lua'),
  dns: lua('@/usr/share/lua/5.1/resty/dns/resolver.lua'),
  jwt: lua('@/usr/share/lua/5.1/kong/plugins/jwt/handler.lua'),
  jwtJit: lua('@/usr/share/lua/5.1/kong/plugins/jwt/handler.lua', FrameKind.LuaJit),
  acl: lua('@/usr/share/lua/5.1/kong/plugins/acl/handler.lua'),
  shop: lua('@/srv/shop/lua/orders/list.lua'),
  cart: lua('@/srv/shop/lua/cart/init.lua'),
  text: lua('return 1 + 1'),
  spawnedHttp: lua('@/usr/share/lua/5.1/resty/http.lua', FrameKind.Lua, FrameFlag.spawned),
  spawnedAcl: lua(
    '@/usr/share/lua/5.1/kong/plugins/acl/handler.lua',
    FrameKind.Lua,
    FrameFlag.spawned,
  ),
} as const;

export type Word = keyof typeof words;
export const allWords = Object.keys(words) as Word[];
export const kindOf = (word: Word): FrameKind => words[word].kind;

export interface Sample {
  readonly stack: readonly Word[];
  readonly count?: number;
  readonly labels?: Partial<SampleLabels>;
  readonly request?: RequestInfo;
}

/** Adds the samples as a batch of its own; labels and requests are not shared. */
export class StackStore {
  readonly store: ProfileStore;
  private readonly stacks = new Map<string, number>();
  private labelCount = 0;
  private requestCount = 0;

  constructor(engine: ProfileEngine = new TypeScriptEngine()) {
    this.store = new ProfileStore(engine);
    this.store.beginRun(1_700_000_000_000);
    const functions: FunctionInfo[] = [];
    const frames: Frame[] = [];
    for (const { name, file, kind, flags } of Object.values(words)) {
      const fn = functions.push({ name, file, line: 1, lastLine: 9 });
      frames.push({ function: fn, kind, line: 2, flags });
    }
    this.store.add({ ...emptyBatch, functions, frames });
  }

  add(timeUs: number, samples: readonly Sample[], periodUs = 1000): this {
    const parents: number[] = [];
    const frames: number[] = [];
    const labels: SampleLabels[] = [];
    const requests: RequestInfo[] = [];
    const rows = samples.map(({ stack, count = 1, labels: own, request }) => {
      let id = 0;
      let key = '';
      for (const word of stack) {
        key += ` ${word}`;
        let next = this.stacks.get(key);
        if (next === undefined) {
          next = this.stacks.size + 1;
          this.stacks.set(key, next);
          parents.push(id);
          frames.push(allWords.indexOf(word) + 1);
        }
        id = next;
      }
      const label = this.labelCount + labels.push({ ...noLabels, ...own });
      const requestId = request === undefined ? 0 : this.requestCount + requests.push(request);
      return { id, count, label, requestId };
    });
    this.labelCount += labels.length;
    this.requestCount += requests.length;
    this.store.add({
      ...emptyBatch,
      timeUs,
      stackParents: Uint32Array.from(parents),
      stackFrames: Uint32Array.from(frames),
      labels,
      requests,
      stacks: [
        stackRows({
          stacks: rows.map(({ id }) => id),
          labels: rows.map(({ label }) => label),
          requests: rows.map(({ requestId }) => requestId),
          counts: rows.map(({ count }) => count),
          values: periodUs,
        }),
      ],
    });
    return this;
  }
}
