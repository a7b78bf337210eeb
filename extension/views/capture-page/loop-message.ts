/** Iterations of event loops, as the page gets them. */
import {
  type Culprit,
  iterationsOf,
  loopWorkers,
  type Stall,
  STALL_US,
  stallsOf,
  stripOf,
} from '../../analysis/loop';
import type { Capture } from '../../capture/capture';
import { visible, type AllVisible } from '../../common/outside';
import type { LoopCulprit, LoopMessage, LoopStall } from '../../page/messages';
import type { Chunks } from './chunks';

const INSTRUMENT = 'loop';
const LONGEST = 256;
/** More rows than anybody reads. */
const MOST_ROWS = 200;
const MOST_CULPRITS = 3;

/** @param chunks gets those that the page may open. */
export function loopMessage(capture: Capture, chunks: Chunks): AllVisible<LoopMessage> {
  const { store } = capture;
  const query = capture.query();
  const stalls = stallsOf(store, query);
  const { fromUs, columnUs, longestUs } = stripOf(store, query, stalls, store.timeUs + 1);
  const { watchedUs, elapsedUs, lostEvents } = capture.watched(INSTRUMENT, query);
  const { on, missing } = capture.instrument(INSTRUMENT);
  return {
    type: 'loop',
    iterations: iterationsOf(store, query),
    stallUs: STALL_US,
    strip: { fromUs, columnUs, longestUs: [...longestUs] },
    stalls: [...stalls]
      .sort((one, other) => other.lengthUs - one.lengthUs)
      .slice(0, MOST_ROWS)
      .sort((one, other) => one.timeUs - other.timeUs)
      .map((stall) => rowOf(stall, chunks)),
    stallCount: stalls.length,
    stalledUs: stalls.reduce((sum, { lengthUs }) => sum + lengthUs, 0),
    workers: loopWorkers(store, query).slice(0, MOST_ROWS),
    startUnixMs: store.startUnixMs ?? 0,
    watched: elapsedUs > 0 ? Math.min(1, watchedUs / elapsedUs) : null,
    lost: lostEvents,
    on,
    missing: visible(missing, 600),
  };
}

function rowOf(stall: Stall, chunks: Chunks): AllVisible<LoopStall> {
  const { pid, timeUs, lengthUs, exact, functions } = stall;
  const culprits = functions.slice(0, MOST_CULPRITS).map((each) => culpritOf(each, chunks));
  return { pid, timeUs, lengthUs, exact, culprits };
}

function culpritOf(
  { name, file, chunk, line, share }: Culprit,
  chunks: Chunks,
): AllVisible<LoopCulprit> {
  return {
    name: visible(name, LONGEST),
    place: visible(line > 0 && file !== '' ? `${file}:${line}` : file, LONGEST),
    line,
    chunk: chunk === '' ? -1 : chunks.idOf(chunk),
    share,
  };
}
