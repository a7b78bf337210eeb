import { readFile } from 'node:fs/promises';
import { withDescendants } from '../native/confine/status';

/** Of the probe and its keeper, in MiB. Pages of files that both map count twice. */
export async function rssMegabytes(pid: number): Promise<number> {
  const sizes = withDescendants(pid).map(async (each) => {
    const status = await readFile(`/proc/${each}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  });
  return (await Promise.all(sizes)).reduce((all, each) => all + each, 0);
}
