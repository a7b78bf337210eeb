/** The work of LuaJIT's compiler, and what it gives up on. */
import type { Pane } from '../pane';
import { JitView } from './view';

export const jitPane: Pane<'jit'> = {
  id: 'jit',
  label: 'JIT',
  key: 'j',
  title: 'JIT: what the compiler of LuaJIT does, and what it gives up on',
  topic: 'jit',
  options: {},
  make: (host) => new JitView(host),
};
