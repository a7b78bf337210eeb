/** The work of LuaJIT's compiler, as the page gets it. */
import { abortsOf, blacklistedIn, vmStates } from '../../analysis/jit';
import { meaningOf } from '../../analysis/jit-reasons';
import type { Capture } from '../../capture/capture';
import { visible, type AllVisible } from '../../common/outside';
import type { JitMessage, JitPlace } from '../../page/messages';
import { FrameKind } from '../../profile/frames';
import { fileText } from '../../profile/names';
import type { Chunks } from './chunks';

const INSTRUMENT = 'jit';
const LONGEST = 256;
/** More rows than anybody reads. */
const MOST_ROWS = 200;

/** @param chunks gets those that the page may open. */
export function jitMessage(capture: Capture, chunks: Chunks): AllVisible<JitMessage> {
  const { store } = capture;
  const query = capture.query();
  const place = ({ file, line }: { file: string; line: number }): AllVisible<JitPlace> => ({
    file: visible(fileText(file, FrameKind.Lua), LONGEST),
    line,
    chunk: chunks.idOf(file),
  });
  const aborts = abortsOf(store, query);
  const blacklisted = blacklistedIn(store, query);
  const { on, missing } = capture.instrument(INSTRUMENT);
  return {
    type: 'jit',
    vms: vmStates(store, query).slice(0, MOST_ROWS),
    aborts: aborts.slice(0, MOST_ROWS).map((abort) => ({
      ...place(abort),
      reason: visible(abort.reason, LONGEST),
      meaning: visible(meaningOf(abort.reason), LONGEST),
      count: abort.count,
    })),
    blacklisted: blacklisted.slice(0, MOST_ROWS).map((each) => ({
      ...place(each),
      kind: visible(each.kind, 60),
    })),
    left: Math.max(0, aborts.length - MOST_ROWS) + Math.max(0, blacklisted.length - MOST_ROWS),
    on,
    missing: visible(missing, 600),
  };
}
