/**
 * Arguments of `acupoint.attachTracer`, for keybindings, tasks and tests. A given argument is not
 * asked for.
 */
import { parseDestination, thisMachine, type Destination } from '../../remote';
import { validRate } from '../settings';

export interface AttachArguments {
  readonly destination?: Destination;
  readonly pid?: number;
  readonly master?: number;
  readonly rateHz?: number;
}

/**
 * `{ host?: string, pid?: number, master?: number, rateHz?: number }`; host '' or 'localhost:' is
 * no machine, 'local' is this one. With a pid or master and no host, this machine is meant.
 * Throws RemoteError 'config' where host names no host.
 */
export function readArguments(raw: unknown): AttachArguments {
  if (typeof raw !== 'object' || raw === null) return {};
  const given = raw as Record<string, unknown>;
  const pid = validPid(given['pid']);
  const master = validPid(given['master']);
  const rateHz = validRate(given['rateHz']);
  const host = given['host'];
  let destination: Destination | undefined;
  if (typeof host === 'string' && host !== '') {
    destination = host === 'local' ? thisMachine : parseDestination(host);
  } else if (pid !== undefined || master !== undefined) destination = thisMachine;
  return {
    ...(destination === undefined ? {} : { destination }),
    ...(pid === undefined ? {} : { pid }),
    ...(master === undefined ? {} : { master }),
    ...(rateHz === undefined ? {} : { rateHz }),
  };
}

function validPid(value: unknown): number | undefined {
  const fits = typeof value === 'number' && Number.isInteger(value) && value > 0;
  return fits && value < 2 ** 31 ? value : undefined;
}
