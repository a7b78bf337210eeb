/** The table of commands, in the order of the overview. */
import type { Command } from '../command-line/command';
import { allocations } from './allocations';
import { heap } from './heap';
import { install } from './install';
import { list } from './list';
import { memory } from './memory';
import { plugins } from './plugins';
import { record } from './record';
import { top } from './top';

export const commands: readonly Command[] = [
  list,
  record,
  top,
  plugins,
  allocations,
  heap,
  memory,
  install,
];
