/** Why there is no sample, by what the kernel says of the traced processes' CPU time. */
import type { Health } from '../probe';

const FEW = 3;

/** @param health of the whole trace; undefined: the probe said nothing of it. */
export function noSamplesText(health: Health | undefined): string {
  if (health === undefined) return 'There are no samples.';
  const { targetCpuUs, rateHz, lost } = health;
  const used = `${(targetCpuUs / 1000).toFixed(1)} ms of CPU time`;
  if (lost > 0) return `There are no samples: all ${lost} that were taken were lost.`;
  if (targetCpuUs === 0)
    return 'There are no samples: the traced processes used no CPU time while they were traced.';
  if (targetCpuUs * rateHz < FEW * 1e6)
    return (
      `There are no samples: the traced processes used ${used} while they were traced, and at ` +
      `${rateHz} Hz there is one sample in ${(1000 / rateHz).toFixed(1)} ms.`
    );
  return (
    `There are no samples, although the traced processes used ${used}: the kernel gave the probe ` +
    'none. Try another way to sample (--sampler perf or ptrace), and please report it.'
  );
}
