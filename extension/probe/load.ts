import type { Transport } from '../remote/transport';

const SCRIPT = 'cat /proc/loadavg; grep -c ^processor /proc/cpuinfo';

/** "load 15 on 2 cores"; '' where the host does not say. */
export async function loadOf(transport: Transport): Promise<string> {
  const { stdout } = await transport.exec(['/bin/sh', '-c', SCRIPT], { timeoutMs: 20_000 });
  const [, load, cores] = /^(\d+\.\d+) .*\n(\d+)\s*$/.exec(stdout.toString('latin1')) ?? [];
  if (load === undefined || cores === undefined) return '';
  return `load ${load} on ${cores} core${cores === '1' ? '' : 's'}`;
}
