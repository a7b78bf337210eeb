/** The work of a worker in samples of which no request is known, by their native frames. */
import { bytes, Column } from '../profile/column';
import { FrameKind } from '../profile/frames';
import type { ProfileStore } from '../profile/store';

/** Samples that were not taken in a request, or whose request is not known. */
export const noRequest = 'no request known';
/** Of all names of such samples; no URI, host or method begins like that. */
export const noRequestPrefix = 'no request';

/** By number; later ones are told by functions that those before them have called. */
const kinds = [
  { name: noRequest, functions: /^$/ },
  { name: 'no request: event loop', functions: /^ngx_(process_events_and_timers|event_\w+)$/ },
  { name: 'no request: waking Lua', functions: /^ngx_http_lua_/ },
  {
    name: 'no request: idle connections',
    functions: /^ngx_(http_(keepalive|empty|lingering)\w*|close_connection|reusable_connection)$/,
  },
  {
    name: 'no request: reading headers',
    functions:
      /^ngx_(unix_recv|ssl_recv|http_(wait_request_handler|process_request_(line|headers)|process_request_header|read_request_header|parse_(request|header)_line|create_request|alloc_\w+|v2_(read|state)\w*))$/,
  },
  { name: 'no request: TLS handshakes', functions: /^(ngx_ssl_handshake|ngx_http_ssl_handshake)/ },
  { name: 'no request: accepting', functions: /^(ngx_event_accept|accept4?|__x64_sys_accept4?)$/ },
] as const;

export const timers = 'no request: timers';

/** Lua of no request, and not of a timer: nothing more can be said. */
const LUA = 255;
const lua = new Set([FrameKind.Lua, FrameKind.LuaJit, FrameKind.LuaC, FrameKind.LuaBuiltin]);

/** By stack, as stacks become known. */
export class NoRequestIndex {
  private readonly kinds = new Column(bytes);
  /** By function id. */
  private readonly known: (number | undefined)[] = [];

  constructor(private readonly store: ProfileStore) {
    this.kinds.push(0);
  }

  /** Looks at the stacks up to this one. */
  update(stack: number): void {
    const { stacks } = this.store;
    while (this.kinds.length <= stack) this.look(this.kinds.length, stacks);
  }

  private look(stack: number, stacks: ProfileStore['stacks']): void {
    const frame = this.store.frames[stacks.frames[stack - 1]! - 1]!;
    const before = this.kinds.data[stacks.parents[stack - 1]!]!;
    if (before === LUA || lua.has(frame.kind)) this.kinds.push(LUA);
    else this.kinds.push(Math.max(before, this.kindOf(frame.function)));
  }

  nameOf(stack: number, inTimer: boolean): string {
    return inTimer ? timers : (kinds[this.kinds.data[stack]!]?.name ?? noRequest);
  }

  private kindOf(fn: number): number {
    let kind = this.known[fn];
    if (kind === undefined) {
      const name = this.store.functionInfo(fn)?.name ?? '';
      kind = kinds.length - 1;
      while (kind > 0 && !kinds[kind]!.functions.test(name)) kind--;
      this.known[fn] = kind;
    }
    return kind;
  }
}
