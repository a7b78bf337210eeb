import type * as probe from '../probe';

/**
 * The part of probe/ that reaches a probe; the rest of the room is types. The wire's decoder is
 * half as large as the rest of the extension, and not needed before the first connection: it stands
 * in a bundle of its own.
 */
export type FarEnd = Pick<
  typeof probe,
  | 'openProbe'
  | 'removeProbe'
  | 'planInstallation'
  | 'isAccountName'
  | 'newRecorder'
  | 'endRecording'
  | 'openRecording'
  | 'RecordedTransport'
>;
