/** The life of a capture as a table: which event leads from which state to which. */

export type CaptureState =
  'idle' | 'connecting' | 'choosing' | 'attaching' | 'running' | 'paused' | 'stopped' | 'failed';

export type CaptureEvent =
  'connect' | 'list' | 'attach' | 'run' | 'pause' | 'resume' | 'stop' | 'fail';

type Row = Partial<Record<CaptureEvent, CaptureState>>;

const over = { stop: 'stopped', fail: 'failed' } as const;

const table: Record<CaptureState, Row> = {
  idle: { connect: 'connecting', ...over },
  connecting: { list: 'choosing', attach: 'attaching', ...over },
  // Somebody is asked which process it is to be.
  choosing: { attach: 'attaching', ...over },
  attaching: { run: 'running', ...over },
  running: { pause: 'paused', ...over },
  paused: { resume: 'running', ...over },
  stopped: {},
  failed: {},
};

/** undefined: the event means nothing in this state, and the state stays. */
export function next(state: CaptureState, event: CaptureEvent): CaptureState | undefined {
  return table[state][event];
}

/** Whether samples are being recorded: a paused view does not stop the recording. */
export function isRecording(state: CaptureState): boolean {
  return state === 'running' || state === 'paused';
}

export function isOver(state: CaptureState): boolean {
  return state === 'stopped' || state === 'failed';
}
