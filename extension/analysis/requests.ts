/** How many requests there were, for what a request costs. */

/** A probe's count of requests; see its Health. */
export interface RequestCount {
  readonly handledRequests: number;
  readonly requestScope: 'none' | 'workers' | 'master';
  readonly requestsMissing: string;
}

/** A number, or why there is none. */
export type Requests = { readonly count: number } | { readonly missing: string };

/** @param allWorkers whether all workers of the master are traced. */
export function requestsOf(counted: RequestCount | undefined, allWorkers: boolean): Requests {
  if (counted === undefined) return { missing: 'The probe has not counted requests yet.' };
  const { handledRequests, requestScope, requestsMissing } = counted;
  if (requestScope === 'none')
    return { missing: requestsMissing || 'The requests of this nginx cannot be counted.' };
  if (requestScope === 'master' && !allWorkers)
    return {
      missing:
        'nginx counts the requests of all its workers together, and only one of them is traced. ' +
        'Trace the master to see what a request costs.',
    };
  if (handledRequests <= 0) return { missing: 'No request was handled in this time.' };
  return { count: handledRequests };
}
