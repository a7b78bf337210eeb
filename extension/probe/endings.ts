/** The ways in which a session ends without having been asked to, in the words of the user. */
import { ProbeError } from './session';

const KEPT = 'Your samples are kept.';
/** native/probe/commands/watchdog.h: EXIT_SILENCE. */
const SILENCE_CODE = 75;
/** Of the 1.7 s that a probe waits, what one ping and its way take is not this process's. */
const STOOD_STILL_MS = 1200;
/** native/probe/host/reach.c: EXIT_NO_KEEPER. */
const NO_KEEPER_CODE = 71;
/** Of a command that a signal ended, as a shell in between says it. */
const SIGSYS_CODE = 128 + 31;

export function cutOff(detail: string): ProbeError {
  return new ProbeError(
    'connection-lost',
    'The connection to the host was lost. The probe there ends itself within two seconds. ' +
      `${KEPT} ` +
      'Attach again when the host can be reached.',
    detail,
  );
}

/** @param stoodStillMs the longest that this process itself stood still lately. */
export function died(
  code: number | null,
  signal: string | null,
  detail: string,
  stoodStillMs = 0,
): ProbeError {
  if (code === SILENCE_CODE) return silenced(detail, stoodStillMs);
  if (code === NO_KEEPER_CODE) return keeperGone(detail);
  if (signal === 'SIGSYS' || code === SIGSYS_CODE) return filtered(detail);
  const how = code === null ? `by ${signal}` : `with exit code ${code}`;
  const last = detail.split('\n').at(-1)?.trim();
  return new ProbeError(
    'probe-died',
    `The probe on the host ended ${how}${last ? `: ${last.slice(0, 300)}` : ''}. ${KEPT} ` +
      'Attach again; if it happens again, the log says more.',
    detail,
  );
}

/** Who was silent is known here alone: the probe sees both alike. */
function silenced(detail: string, stoodStillMs: number): ProbeError {
  const seconds = (stoodStillMs / 1000).toFixed(1);
  const why =
    stoodStillMs >= STOOD_STILL_MS
      ? `this process stood still for ${seconds} s and sent nothing, as when another extension keeps ` +
        'it busy, or the machine sleeps'
      : 'all that was sent from here was held up on its way, or by the host itself, which may be busy';
  return new ProbeError(
    'silenced',
    'The probe heard nothing for 1.7 s and left, as it does when a connection is cut: ' +
      `${why}. ${KEPT} Attach again to go on.`,
    detail,
  );
}

function keeperGone(detail: string): ProbeError {
  return new ProbeError(
    'probe-died',
    'The probe on the host ended because its second process, which holds its privileges, was ended ' +
      `there: by somebody, or by the kernel when memory was short. ${KEPT} ` +
      'Attach again; if it happens again, see whether the host is short of memory.',
    detail,
  );
}

function filtered(detail: string): ProbeError {
  return new ProbeError(
    'probe-died',
    'The kernel ended the probe on the host, because it made a system call that its own filter ' +
      'forbids: the probe has a fault, or a process that it read tried to take it over. The call ' +
      `was not carried out. ${KEPT} ` +
      'Report it with the log, and do not attach to that process again before the cause is known.',
    detail,
  );
}

export function noHello(seconds: number): ProbeError {
  return new ProbeError(
    'other',
    `The probe was started but did not answer within ${Math.round(seconds)} s, though the ` +
      'connection is whole. The host may be overloaded, or sudo on it hangs; try again.',
  );
}

export function protocolMismatch(theirs: number, ours: number): ProbeError {
  return new ProbeError(
    'other',
    `The probe speaks protocol ${theirs}, this extension ${ours}: they belong to different ` +
      'versions. ' +
      'Reload the window; if an own build is used, rebuild extension and probe.',
  );
}

export function gone(): ProbeError {
  return new ProbeError('other', 'The session with the probe is over. Attach again to go on.');
}
