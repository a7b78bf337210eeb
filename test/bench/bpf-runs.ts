/** The kernel's account of a process' BPF programs, as far as it keeps one at the time. */
import { readdir, readFile } from 'node:fs/promises';

export interface BpfRuns {
  readonly ns: number;
  readonly count: number;
}

const field = (text: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

/** Of all programs that it has loaded. @throws where the process is gone. */
export async function bpfRuns(pid: number): Promise<BpfRuns> {
  const folder = `/proc/${pid}/fdinfo`;
  let [ns, count] = [0, 0];
  for (const name of await readdir(folder)) {
    // A descriptor may be closed meanwhile: that one is of no program that runs.
    const text = await readFile(`${folder}/${name}`, 'utf8').catch(() => '');
    ns += field(text, 'run_time_ns');
    count += field(text, 'run_cnt');
  }
  return { ns, count };
}
