/** The machine of a recording: it has a name, and is not there. */
import { RemoteError, type Transport } from '../../remote/transport';

export class RecordedTransport implements Transport {
  constructor(readonly label: string) {}

  async spawn(): Promise<never> {
    throw notThere();
  }

  async exec(): Promise<never> {
    throw notThere();
  }

  async upload(): Promise<never> {
    throw notThere();
  }

  onDidClose(): void {}

  dispose(): void {}
}

function notThere(): RemoteError {
  return new RemoteError('failed', 'This is a recording: its host is not connected.');
}
