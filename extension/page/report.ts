/** The topic `report`: whose CPU time or memory it was. */
import type { Measure } from '../profile/series';

/** The keys of rows or columns in a table of owners; see extension/analysis/dimensions.ts. */
export type TableKey = 'owner' | 'phase' | 'uri' | 'route' | 'host' | 'method';

export type OwnerKind = 'plugin' | 'core' | 'module' | 'nginx' | 'kernel' | 'other';

/** The only samples that are shown: those of a row of a table. */
export interface FocusedRow {
  by: TableKey;
  /** As the report has it. */
  key: string;
  kind: OwnerKind;
}

export interface ReportKeys {
  readonly rows: TableKey;
  readonly columns: TableKey;
}

/** The owners of CPU time or memory: each sample is in exactly one row and one column. */
export interface ReportMessage {
  type: 'report';
  measure: Measure;
  rows: TableKey;
  columns: TableKey;
  columnNames: string[];
  entries: ReportEntry[];
  /** Of all samples: on-CPU microseconds, or bytes. */
  weight: number;
  samples: number;
  /** In which somebody created a timer: what entries have caused is estimated from these. */
  causedSamples: number;
  /** Of bytes: those during bursts. null: not known, and `requestsMissing` says why. */
  requests: number | null;
  requestsMissing: string;
  /** The cost of a request in all, in the measure's unit; of bytes an estimate. null: not known. */
  perRequest: number | null;
  /** Bytes a second in all, an estimate; null: not known, or not of bytes. */
  perSecond: number | null;
  /** "Kong 3.9.1"; '' where it is not known. */
  gateway: string;
  /** Says what is wrong with the grouping rules. */
  problems: string[];
}

export interface ReportEntry {
  /** Finds the row again. */
  key: string;
  /** The same as it is shown. */
  name: string;
  kind: OwnerKind;
  weight: number;
  /**
   * Where it was watched in bursts: half of the interval of 95 % of its share, in percent. null: not
   * known yet.
   */
  burstError?: number | null;
  samples: number;
  garbageCollector: number;
  jitCompiler: number;
  /** An estimate: what it has caused in other rows by timers, or, below 0, others in it. */
  caused: number;
  /** Requests that cost what the row did. null: not known, or it is of none. */
  requests: number | null;
  /** Weight by column. */
  cells: number[];
  /**
   * Cores used in each of the last seconds, oldest first, or the part of the bytes; null: for
   * some of that second nobody sampled. Only of owners.
   */
  trend: (number | null)[];
}
