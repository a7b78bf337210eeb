/** A small profile with known answers and names of every kind, hostile ones included. */
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import {
  type Frame,
  FrameKind,
  type FunctionInfo,
  type ProfileBatch,
  Quality,
  type SampleLabels,
  VmState,
} from '../../../extension/profile/frames';
import { ProfileStore } from '../../../extension/profile/store';
import { stackRows } from './rows';

export const emptyBatch: ProfileBatch = {
  timeUs: 0,
  intervalUs: 250_000,
  functions: [],
  frames: [],
  stackParents: new Uint32Array(),
  stackFrames: new Uint32Array(),
  labels: [],
  requests: [],
  modules: [],
  series: [],
  stacks: [],
  tables: [],
  points: [],
};

export const noLabels: SampleLabels = {
  vmState: VmState.None,
  quality: Quality.NoLua,
  trace: 0,
  phase: '',
};

const lua = (name: string, file: string, line: number, lastLine = line + 9): FunctionInfo => ({
  name,
  file,
  line,
  lastLine,
});

export const functions: readonly FunctionInfo[] = [
  lua('', '=access_by_lua(nginx.conf:12)', 0),
  lua('burn', '@/srv/kong/plugins/burner/handler.lua', 42),
  lua('evil;name\n</script>\u001b[31m\u202e', 'local x = 1; return x\nreturn 2', 1),
  { name: 'do_syscall_64', file: '', line: 0, lastLine: 0 },
  { name: '[garbage collector]', file: '', line: 0, lastLine: 0 },
  { name: 'ngx_epoll_process_events', file: '/usr/sbin/nginx', line: 0, lastLine: 0 },
];

const frame = (fn: number, kind: FrameKind, line = 0): Frame => ({
  function: fn,
  kind,
  line,
  flags: 0,
});

const { Lua, LuaJit, Kernel, GarbageCollector, Native } = FrameKind;

/**
 * Rows, as samples of worker 100 or 101:
 * 4 main > burn:44, 3 main > burn:45 (compiled), 2 main > burn:44 > GC, 1 main > evil > kernel,
 * 5 native > kernel, 1 without a frame. 16 in all, 11 with Lua.
 */
export const batch: ProfileBatch = {
  ...emptyBatch,
  timeUs: 250_000,
  functions,
  frames: [
    frame(1, Lua, 3),
    frame(2, Lua, 44),
    frame(2, LuaJit, 45),
    frame(3, Lua, 2),
    frame(4, Kernel),
    frame(5, GarbageCollector),
    frame(6, Native),
  ],
  stackParents: Uint32Array.of(0, 1, 1, 2, 1, 5, 0, 7),
  stackFrames: Uint32Array.of(1, 2, 3, 6, 4, 5, 7, 5),
  labels: [
    noLabels,
    { ...noLabels, vmState: VmState.Interpreter, quality: Quality.Exact },
    { ...noLabels, vmState: VmState.Jit, quality: Quality.FunctionOnly },
    { ...noLabels, vmState: VmState.Gc, quality: Quality.Exact },
  ],
  stacks: [
    stackRows({
      stacks: [2, 3, 4, 6, 8, 0],
      pids: [100, 100, 100, 100, 101, 101],
      labels: [2, 3, 4, 2, 1, 0],
      counts: [4, 3, 2, 1, 5, 1],
    }),
  ],
};

export function sampleStore(): ProfileStore {
  const store = new ProfileStore(new TypeScriptEngine());
  store.beginRun(1_700_000_000_000);
  store.add(batch);
  return store;
}
