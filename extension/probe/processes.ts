/** The servers of a machine, and which of their processes a trace is of. */

export type ServerKind = 'nginx' | 'OpenResty' | 'Kong' | 'APISIX';

export interface WorkerProcess {
  readonly pid: number;
  readonly startTime: number;
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly title: string;
  /** The kernel does not let this probe trace it. */
  readonly refused: boolean;
}

export interface MasterProcess {
  readonly pid: number;
  readonly kind: ServerKind;
  readonly version: string;
  readonly nginxVersion: string;
  readonly executable: string;
  readonly commandLine: string;
  readonly prefix: string;
  readonly configFile: string;
  readonly listen: readonly string[];
  readonly container: string;
  readonly user: string;
  readonly lua: boolean;
  readonly workers: readonly WorkerProcess[];
}

export type Target = { readonly pid: number } | { readonly master: number };

export interface StartOptions {
  readonly target: Target;
  readonly rateHz: number;
  /** Most CPU the trace may cost, in percent of a worker; 0: no limit. */
  readonly budgetPercent: number;
  /** Samples carry method, host and URI of their requests. False: none of it leaves the host. */
  readonly requestLabels: boolean;
}
