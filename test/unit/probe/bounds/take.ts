/** Runs child.ts. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../../../fixtures/root';
import type { WireName } from './wires';

export interface Taken {
  readonly wireBytes: number;
  /** The sum of the account. */
  readonly accountBytes: number;
  /** Of the process: what stays, after a collection; and the most that it had. */
  readonly keptBytes: number;
  readonly peakBytes: number;
  /** Kind and words of the error that ended it; '': it was not ended. */
  readonly ending: string;
  readonly nodes: number;
}

export async function takeIn(
  name: WireName | 'all',
  capMegabytes: number,
  engine: 'ts' | 'native',
): Promise<Taken> {
  const child = join(repositoryRoot, 'out/unit/probe/bounds/child.js');
  const argv = ['--expose-gc', child, name, String(capMegabytes), engine];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return JSON.parse(stdout) as Taken;
}
