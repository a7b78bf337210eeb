/** The kernel's account of a process' BPF programs, as far as it keeps one at the time. */
import { readdir, readFile } from 'node:fs/promises';
import { withDescendants } from '../native/confine/status';

export interface BpfRuns {
  readonly ns: number;
  readonly count: number;
}

const field = (text: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

/** Of all programs that it and its keeper have loaded. @throws where a process is gone. */
export async function bpfRuns(pid: number): Promise<BpfRuns> {
  let [ns, count] = [0, 0];
  for (const folder of withDescendants(pid).map((each) => `/proc/${each}/fdinfo`)) {
    for (const name of await readdir(folder)) {
      // A descriptor that was closed since is of no program that runs.
      const text = await readFile(`${folder}/${name}`, 'utf8').catch(() => '');
      ns += field(text, 'run_time_ns');
      count += field(text, 'run_cnt');
    }
  }
  return { ns, count };
}
