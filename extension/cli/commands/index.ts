/** The table of commands, in the order of the overview. */
import type { Command } from '../command-line/command';
import { allocations } from './allocations';
import { errors } from './errors';
import { heap } from './heap';
import { install } from './install';
import { jit } from './jit';
import { latency } from './latency';
import { list } from './list';
import { loop } from './loop';
import { memory } from './memory';
import { offcpu } from './offcpu';
import { plugins } from './plugins';
import { record } from './record';
import { requests } from './requests';
import { top } from './top';
import { waiting } from './waiting';

export const commands: readonly Command[] = [
  list,
  record,
  top,
  plugins,
  allocations,
  offcpu,
  requests,
  waiting,
  latency,
  errors,
  jit,
  loop,
  heap,
  memory,
  install,
];
