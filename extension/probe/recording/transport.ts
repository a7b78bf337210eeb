/** The machine of a recording: it is not there, and only when it was booted is known. */
import { RemoteError, type ExecResult, type Transport } from '../../remote/transport';
import type { Recorded } from './contract';

export class RecordedTransport implements Transport {
  readonly label: string;

  constructor(private readonly recorded: Recorded) {
    this.label = recorded.host;
  }

  async spawn(): Promise<never> {
    throw notThere();
  }

  /** The only question that is asked of the host besides the probe, as /proc/stat answers it. */
  async exec(): Promise<ExecResult> {
    const { bootUnixMs } = this.recorded;
    if (bootUnixMs === 0) throw notThere();
    const stdout = Buffer.from(`btime ${Math.round(bootUnixMs / 1000)}\n`);
    return { code: 0, signal: null, stdout, stderr: '' };
  }

  async upload(): Promise<never> {
    throw notThere();
  }

  onDidClose(): void {}

  dispose(): void {}
}

function notThere(): RemoteError {
  return new RemoteError('failed', 'This is a recording: the host is not connected.');
}
