/** Does one thing on a host, outside of any capture: with progress, and until somebody cancels. */
import { plainText, type Plain } from '../common/plain';
import { connect, RemoteError, type Destination, type Prompter, type Transport } from '../remote';
import type { LogChannel } from '../ui/messages';
import { withProgress } from '../ui/questions';
import { sshConfigFile } from './settings';

export interface ConnectionDependencies {
  readonly prompter: Prompter;
  readonly stateDir: string;
  readonly log: LogChannel;
}

/** Undefined: it was cancelled. Throws what `use` throws, and RemoteError. */
export async function overConnection<T>(
  destination: Destination,
  title: Plain,
  { prompter, stateDir, log }: ConnectionDependencies,
  use: (transport: Transport) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await withProgress(title, async (progress, signal) => {
      const configFile = sshConfigFile();
      const transport = await connect(destination, prompter, {
        ...(configFile === undefined ? {} : { configFile }),
        signal,
        log,
        stateDir,
        onProgress: (text) => progress.report(plainText(text, 500)),
      });
      try {
        return await use(transport);
      } finally {
        transport.dispose();
      }
    });
  } catch (error) {
    if (error instanceof RemoteError && error.kind === 'cancelled') return undefined;
    throw error;
  }
}
