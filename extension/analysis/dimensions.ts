/**
 * Dimensions that a table can be made by: whose samples are, when they were taken, for which
 * request.
 */
import type { RequestInfo, SampleLabels } from '../profile/frames';

export const dimensions = ['owner', 'phase', 'uri', 'route', 'host', 'method'] as const;
export type Dimension = (typeof dimensions)[number];
export type RequestDimension = Exclude<Dimension, 'owner' | 'phase'>;

/** No Lua ran, or it does not say in which phase. */
export const noPhase = 'other';

export function phaseOf(labels: SampleLabels | undefined): string {
  return labels === undefined || labels.phase === '' ? noPhase : labels.phase;
}

export function inTimer(labels: SampleLabels | undefined): boolean {
  return labels?.phase === 'timer';
}

export function requestKey(by: RequestDimension, request: RequestInfo): string {
  const key = by === 'route' ? routeOf(request.uri) : request[by];
  return key === '' ? `(no ${by})` : key;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const number = /^\d+$/;
const digest = /^(?=.*\d)[0-9a-f]{12,}$/i;

/** The path with what looks like a number, a UUID or a digest replaced: requests of one kind. */
export function routeOf(uri: string): string {
  return uri
    .slice(0, 1024)
    .split('/')
    .map((part) => (number.test(part) || uuid.test(part) || digest.test(part) ? '{id}' : part))
    .join('/');
}

/** In the order in which a request goes through them; those that are not known come after. */
const order = [
  'init_worker',
  'ssl_certificate',
  'certificate',
  'server_rewrite',
  'set',
  'rewrite',
  'access',
  'content',
  'balancer',
  'header_filter',
  'body_filter',
  'log',
  'timer',
];

export function comparePhases(a: string, b: string): number {
  const place = (phase: string): number => {
    if (phase === noPhase) return order.length + 1;
    const at = order.indexOf(phase);
    return at < 0 ? order.length : at;
  };
  return place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0);
}
