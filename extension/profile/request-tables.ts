/** The probe's tables of requests, by name; see native/probe/instruments/requests. */

/** Of one kind of request. */
interface RequestTables {
  readonly latency: string;
  /** Of it, what the access log does not say. */
  readonly hiddenUs?: string;
  /** Of it, waiting for servers that it was passed to. */
  readonly upstreamUs: string;
  readonly bytesIn?: string;
  readonly bytesOut?: string;
}

/** Clients send requests, which make subrequests of their own server within their time. */
export const requestTables = {
  requests: {
    latency: 'requests.latency',
    hiddenUs: 'requests.hidden',
    upstreamUs: 'requests.upstream_response',
    bytesIn: 'requests.bytes_in',
    bytesOut: 'requests.bytes_out',
  },
  subrequests: {
    latency: 'requests.subrequests',
    upstreamUs: 'requests.subrequests_upstream',
  },
} as const satisfies Readonly<Record<string, RequestTables>>;

export type RequestKind = keyof typeof requestTables;
export const REQUEST_KINDS = Object.keys(requestTables) as readonly RequestKind[];

export function tablesOf(kind: RequestKind): RequestTables {
  return requestTables[kind];
}
