/** Facts that the views show of a capture, read off it once for all of them. */
import type { Capture } from '../capture/capture';
import { serverName } from '../capture/target';
import type { StatusFacts } from './status-text';
import { minuteText } from './text';

/** A master's name has the number of its workers: of those that live, while it is traced. */
function targetNow({ life, target, targetName, workers }: Capture): string {
  if (!life.isRecording || target === undefined || target.worker !== undefined) return targetName;
  const { length } = workers;
  const count = length === 0 ? 'no worker' : `${length} worker${length === 1 ? '' : 's'}`;
  return `${serverName(target.master)}, ${count}`;
}

export function statusFacts(capture: Capture): StatusFacts {
  const { health, recorded } = capture;
  return {
    state: capture.state,
    recorded: recorded === undefined ? '' : minuteText(recorded.startUnixMs),
    host: capture.host,
    target: targetNow(capture),
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
