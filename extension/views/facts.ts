/** What the views say of a capture, read off it once for all of them. */
import type { Capture } from '../capture/capture';
import type { StatusFacts } from './status-text';
import { minuteText } from './text';

export function statusFacts(capture: Capture): StatusFacts {
  const { health, recorded } = capture;
  return {
    state: capture.state,
    recorded: recorded === undefined ? '' : minuteText(recorded.startUnixMs),
    host: capture.host,
    target: capture.targetName,
    workers: capture.workers.length,
    samplesPerSecond: capture.samplesPerSecond,
    samples: capture.store.tallies.samples,
    lost: health.lost,
    memory: health.memory,
    userPercent: health.probeCpuPercent,
    kernelPercent: health.kernelCpuPercent,
    stoppedPercent: health.stoppedPercent,
    burstsPercent: capture.instrumentsPercent,
    budgetPercent: capture.trace.limits.budgetPercent,
    rateHz: health.rateHz,
    askedHz: capture.trace.limits.rateHz,
    sampler: capture.trace.sampler,
    samplerNote: capture.trace.samplerNote,
    message: capture.message,
  };
}
