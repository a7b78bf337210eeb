/** The status of a capture, as the page shows it. */
import { visible, type AllVisible, type Visible } from '../../common/outside';
import type { Capture } from '../../capture/capture';
import { Quality } from '../../profile/frames';
import { stackSeries } from '../../profile/series';
import type { StatusMessage, WatchedFacts } from '../../page/messages';
import { statusFacts } from '../facts';
import type { StatusFacts } from '../status-text';

/** Of a text of the panel, in characters. */
const LONGEST = 1024;
/** More than a chart has room for. */
const MOST_GAPS = 200;

export function statusMessage(capture: Capture): AllVisible<StatusMessage> {
  const { health } = capture;
  // Of the rows and not of the health, which comes later: they add up to the samples shown.
  const { tallies } = capture.store;
  const facts = statusFacts(capture);
  return {
    type: 'status',
    state: facts.state,
    host: visible(facts.host, LONGEST),
    target: visible(facts.target, LONGEST),
    pids: [...capture.workers],
    rateHz: health.rateHz,
    askedHz: facts.askedHz,
    rateLimit: health.rateLimit,
    sampleWeight: health.sampleWeight,
    samplesPerSecond: facts.samplesPerSecond,
    samples: facts.samples,
    lost: facts.lost,
    truncated: health.truncated,
    targetCpuMs: health.targetCpuUs / 1000,
    probeCpuPercent: health.probeCpuPercent,
    kernelCpuPercent: health.kernelCpuPercent,
    stoppedPercent: health.stoppedPercent,
    budgetPercent: facts.budgetPercent,
    sampler: visible(facts.sampler),
    samplerNote: visible(facts.samplerNote, LONGEST),
    lua: {
      samples: tallies.luaSamples,
      exact: tallies.byQuality[Quality.Exact]!,
      functionOnly: tallies.byQuality[Quality.FunctionOnly]!,
      traceRoot: tallies.byQuality[Quality.TraceRoot]!,
      unknown: tallies.byQuality[Quality.Unknown]!,
    },
    native: {
      samples: health.nativeSamples,
      complete: health.nativeComplete,
      truncated: health.nativeTruncated,
      ends: health.walkEnds,
    },
    elapsedMs: capture.elapsedMs,
    startUnixMs: capture.store.startUnixMs ?? 0,
    ...(capture.store.gaps.length > 0 && { gaps: capture.store.gaps.slice(-MOST_GAPS) }),
    watched: stackSeries[capture.view.measure].always ? null : watchedFacts(capture),
    instrumentsPercent: capture.instrumentsPercent,
    ...(facts.recorded !== '' && { recorded: visible(facts.recorded) }),
    focus: focusedRow(capture),
    message: panelMessage(facts),
  };
}

function watchedFacts(capture: Capture): AllVisible<WatchedFacts> {
  const { instrument } = stackSeries[capture.view.measure];
  const { on, missing } = capture.instrument(instrument);
  const figures = capture.watched(instrument, capture.query());
  return {
    measure: capture.view.measure,
    on,
    watchedMs: figures.watchedUs / 1000,
    elapsedMs: figures.elapsedUs / 1000,
    value: figures.value,
    lostValue: figures.lostValue,
    samples: capture.store.tallies.of(capture.view.measure).samples,
    perSecond: figures.perSecond,
    perRequest: figures.perRequest,
    missing: visible(missing, LONGEST),
  };
}

function focusedRow(capture: Capture): StatusMessage['focus'] {
  const focus = capture.analysis.focusedOn;
  return focus === undefined ? null : { by: focus.by, key: focus.name, kind: focus.kind };
}

/**
 * Other profilers stop recording on pause; whoever expects that is to see that this one does not.
 */
function panelMessage({ state, message }: StatusFacts): Visible {
  if (state !== 'paused') return visible(message, LONGEST);
  const paused = 'The view is paused; the recording goes on, and Resume shows all of it.';
  return visible(message === '' ? paused : `${paused} ${message}`, LONGEST);
}
