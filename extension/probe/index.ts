/** The far end: what the rest of the extension uses of this room. */
import type { Log } from '../common/log';
import type { Transport } from '../remote/transport';
import { readProbes } from './choose';
import { clearHost, deploy } from './deploy';
import { endRecording, Recorder } from './recording/recorder';
import { readRecordingFile } from './recording/read-file';
import { ReplaySession } from './recording/replay';
import { RecordedTransport } from './recording/transport';
import type { CaptureRecorder, ProbeSession } from './session';
import { isAccountName, planInstallation, planRemoval, type Grant, type Plan } from './install';
import { startProbe, type SamplerName, type StartingOptions } from './start';

export * from './session';

export {
  endRecording,
  isAccountName,
  planInstallation,
  planRemoval,
  readRecordingFile,
  RecordedTransport,
};
export type { Grant, Plan, ReplaySession, SamplerName };

export interface OpenProbeOptions extends StartingOptions {
  /** Holds `<arch>/acupoint-probe` for each architecture that is supported (dist/probes). */
  readonly probesDir: string;
}

/**
 * Lands the probe on the machine where it is not there yet, starts it with what privilege it can
 * get and shakes hands. Throws ProbeError, or the transport's RemoteError. The session owns the
 * probe, not the transport.
 */
export async function openProbe(
  transport: Transport,
  options: OpenProbeOptions,
): Promise<ProbeSession> {
  const { probesDir, signal, log, onProgress = () => undefined } = options;
  onProgress(`Looking at ${transport.label}`);
  const landed = await deploy(transport, await readProbes(probesDir), log, onProgress);
  signal.throwIfAborted();
  onProgress('Starting the probe');
  const client = await startProbe(transport, landed, options);
  log.info(
    `Probe ${client.hello.probeVersion} runs as process ${client.hello.probePid} on ` +
      `${client.hello.architecture}, kernel ${client.hello.kernel}, sampler ` +
      `${client.hello.sampler}`,
  );
  return client;
}

/** Deletes every probe that we landed on the machine; resolves with the paths that were deleted. */
export function removeProbe(transport: Transport, log: Log): Promise<string[]> {
  return clearHost(transport, log);
}

/** Returns a recorder of what a session hears: {@link ProbeSession.record}. */
export function newRecorder(): CaptureRecorder {
  return new Recorder();
}

/** Throws ProbeError 'recording' where the file is no recording that can be read. */
export function openRecording(
  file: Uint8Array,
  onProgress?: (part: number) => void,
): Promise<ReplaySession> {
  return ReplaySession.open(file, onProgress);
}
