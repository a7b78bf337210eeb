import { amountOf, atMost, corrupt, countOf, nameOf, textOf } from './corrupt';
import type * as wire from './generated/acupoint_pb';
import { limits } from './limits';
import type { InstrumentState, RequestScope } from './session';

/** In the order of the enum in acupoint.proto. */
export const SCOPES: readonly RequestScope[] = ['none', 'workers', 'master'];

/** Throws ProbeError 'corrupt-stream'. */
export function decodeInstruments(states: readonly wire.InstrumentState[]): InstrumentState[] {
  atMost(states.length, limits.instruments, 'instruments');
  const names = new Set(states.map(({ instrument }) => instrument));
  if (names.size < states.length) throw corrupt('instruments: one twice');
  return states.map((state) => ({
    instrument: textOf(state.instrument, 'instrument', limits.seriesName),
    on: state.on,
    watchedUs: countOf(state.watchedUs, 'instrument watched'),
    elapsedUs: countOf(state.elapsedUs, 'instrument elapsed'),
    events: countOf(state.events, 'instrument events'),
    value: countOf(state.value, 'instrument value'),
    lostEvents: countOf(state.lostEvents, 'instrument lost events'),
    lostValue: countOf(state.lostValue, 'instrument lost value'),
    requests: countOf(state.requests, 'instrument requests'),
    requestScope: nameOf(SCOPES, state.requestScope, 'instrument request scope'),
    costPercent: amountOf(state.costPercent, 'instrument cost'),
    missing: textOf(state.missing, 'instrument missing'),
  }));
}
