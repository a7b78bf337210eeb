/** What the views say of a capture, read off it once for all of them. */
import type { Capture } from '../capture/capture';
import { describeTarget } from '../capture/target';
import type { StatusMessage } from '../../webview/messages';
import type { StatusFacts } from './status-text';

export function statusFacts(capture: Capture): StatusFacts {
  const { health, target } = capture;
  return {
    state: capture.state,
    host: capture.host,
    target: target === undefined ? '' : describeTarget(target),
    workers: capture.workers.length,
    samplesPerSecond: capture.samplesPerSecond,
    samples: capture.store.tallies.samples,
    lost: health.lost,
    probeCpuPercent: health.probeCpuPercent + health.kernelCpuPercent,
    memory: health.memory,
    sampler: capture.sampler,
    message: capture.message,
  };
}

export function statusMessage(capture: Capture): StatusMessage {
  const { health } = capture;
  const facts = statusFacts(capture);
  return {
    type: 'status',
    state: facts.state,
    host: facts.host,
    target: facts.target,
    pids: [...capture.workers],
    rateHz: health.rateHz,
    samplesPerSecond: facts.samplesPerSecond,
    samples: facts.samples,
    lost: facts.lost,
    truncated: health.truncated,
    probeCpuPercent: health.probeCpuPercent,
    kernelCpuPercent: health.kernelCpuPercent,
    sampler: facts.sampler,
    lua: {
      samples: health.luaSamples,
      exact: health.luaExact,
      functionOnly: health.luaFunction,
      traceRoot: health.luaTraceRoot,
      unknown: health.luaUnknown,
    },
    elapsedMs: capture.elapsedMs,
    message: panelMessage(facts),
  };
}

/**
 * Other profilers stop recording on pause; whoever expects that is to see that this one does not.
 */
function panelMessage({ state, message }: StatusFacts): string {
  if (state !== 'paused') return message;
  const paused = 'The view is paused; the recording goes on, and Resume shows all of it.';
  return message === '' ? paused : `${paused} ${message}`;
}
