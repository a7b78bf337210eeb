/** Attach Tracer, step by step: a host, the connection, a process, the capture. */
import { joined, plain, plainText, type Plain } from '../../common/plain';
import type { LogChannel } from '../../ui/messages';
import { notify } from '../../ui/messages';
import { withProgress } from '../../ui/questions';
import type { Capture } from '../../capture/capture';
import type { Captures } from '../../capture/captures';
import { findTarget, type ChosenTarget } from '../../capture/target';
import type { MasterProcess } from '../../probe';
import { RemoteError, listHosts, patiently, type Destination } from '../../remote';
import type { Notifier } from '../notify';
import { budgetPercent, defaultRateHz, sshConfigFile, wantsRequestLabels } from '../settings';
import { readArguments, type AttachArguments } from './arguments';
import { pickHost } from './hosts';
import { pickProcess } from './processes';
import type { RecentHosts } from './recent';
import { messageOf } from '../../common/errors';

export interface AttachDependencies {
  readonly captures: Captures;
  readonly create: (destination: Destination) => Capture;
  readonly recent: RecentHosts;
  readonly notifier: Notifier;
  readonly log: LogChannel;
  readonly showPanel: (capture: Capture, preserveFocus: boolean) => void;
  readonly closePanel: (capture: Capture) => void;
}

export class Attacher {
  constructor(private readonly use: AttachDependencies) {}

  /**
   * Resolves with the capture once it samples; undefined: it did not come to that, and the user
   * knows.
   */
  async attach(raw?: unknown): Promise<Capture | undefined> {
    try {
      let given = readArguments(raw);
      for (;;) {
        const destination = given.destination ?? (await this.#host());
        if (destination === undefined) return undefined;
        const outcome = await this.#onHost(destination, given);
        if (outcome !== 'back') return outcome;
        const { rateHz } = given;
        given = rateHz === undefined ? {} : { rateHz };
      }
    } catch (error) {
      this.#report(error, raw);
      return undefined;
    }
  }

  #host(): Promise<Destination | undefined> {
    return pickHost({
      title: plain`Attach Tracer: host`,
      local: process.platform === 'linux',
      recent: this.use.recent.names,
      configured: listHosts(sshConfigFile()).catch((error: unknown) => {
        this.use.log.warn(`ssh config not read: ${String(error)}`);
        return [];
      }),
    });
  }

  async #onHost(
    destination: Destination,
    given: AttachArguments,
  ): Promise<Capture | 'back' | undefined> {
    const { captures } = this.use;
    const capture = this.use.create(destination);
    captures.add(capture);
    let keep = false;
    try {
      const masters = await this.#connect(capture);
      await this.use.recent.add(destination);
      const target = await this.#target(capture, masters, given);
      if (target === 'back' || target === undefined) return target;
      const limits = {
        rateHz: given.rateHz ?? defaultRateHz(),
        budgetPercent: budgetPercent(),
        requestLabels: wantsRequestLabels(),
      };
      const attached = capture.attach(target, limits);
      this.use.showPanel(capture, false);
      await attached;
      keep = true;
      return capture;
    } finally {
      if (!keep) {
        this.use.closePanel(capture);
        await captures.remove(capture);
      }
    }
  }

  #connect(capture: Capture): Promise<readonly MasterProcess[]> {
    const title = plainText(capture.host, 100);
    return withProgress(title, async (progress, signal) => {
      const cancelled = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () =>
          reject(new RemoteError('cancelled', 'Attaching was cancelled.')),
        );
      });
      const onProgress = (text: string): void => progress.report(plainText(text, 500));
      const work = (async () => {
        // A page takes a second or two to load: it does so while the probe lands and a process is
        // chosen.
        const onConnected = (): void => {
          if (!signal.aborted) this.use.showPanel(capture, true);
        };
        await capture.connect({ signal, onProgress, onConnected, keepWaiting });
        const looking = 'Looking for nginx processes';
        onProgress(looking);
        return patiently(capture.list(), looking, { onProgress, keepWaiting }, slowList);
      })();
      // The notification goes at once; what was begun is taken back in the background.
      work.catch((error: unknown) => this.use.log.trace(`attach: ${String(error)}`));
      return Promise.race([work, cancelled]);
    });
  }

  async #target(
    capture: Capture,
    masters: readonly MasterProcess[],
    given: AttachArguments,
  ): Promise<ChosenTarget | 'back' | undefined> {
    if (masters.length === 0) return this.#nothingThere(capture);
    if (given.pid !== undefined || given.master !== undefined) {
      const target = findTarget(masters, given);
      if (target === undefined) this.#notThere(capture, given);
      return target;
    }
    const lost = new AbortController();
    const watch = capture.onDidChange((change) => {
      if (change === 'state') lost.abort();
    });
    try {
      const host = plainText(capture.host, 100);
      const answer = await pickProcess(host, masters, () => capture.list(), lost.signal);
      if (lost.signal.aborted) throw new RemoteError('connection-lost', capture.message);
      return answer;
    } finally {
      watch.dispose();
    }
  }

  #nothingThere(capture: Capture): undefined {
    const host = plainText(capture.host, 100);
    this.use.notifier.warn(
      joined(
        [
          plain`No nginx, OpenResty, Kong or APISIX process was found on ${host}.`,
          plain`It may not be running, or run where the account that signed in cannot see it:`,
          plain`start it, or sign in as root or with an account that may use sudo.`,
          plainText(capture.hiddenProcesses, 600),
        ],
        ' ',
      ),
      this.#again(plain`Try Again`, { host: hostArgument(capture) }),
      this.#again(plain`Another Host`, {}),
    );
    return undefined;
  }

  #notThere(capture: Capture, given: AttachArguments): void {
    const what =
      given.pid === undefined ? `nginx master ${given.master}` : `nginx worker ${given.pid}`;
    const host = plainText(capture.host, 100);
    this.use.notifier.warn(
      joined(
        [
          plain`There is no ${what} in the list of ${host}: it has exited, or a reload has replaced it.`,
          plainText(capture.hiddenProcesses, 600),
        ],
        ' ',
      ),
      this.#again(plain`Choose Process`, { host: hostArgument(capture) }),
    );
  }

  #report(error: unknown, raw: unknown): void {
    if (error instanceof RemoteError && error.kind === 'cancelled') {
      this.use.log.info('attaching was cancelled');
      return;
    }
    const detail = error instanceof Error && 'detail' in error ? String(error.detail) : '';
    if (detail !== '') this.use.log.info(detail);
    this.use.notifier.error(plainText(messageOf(error), 1000), this.#again(plain`Try Again`, raw));
  }

  #again(title: Plain, raw: unknown): { title: Plain; run: () => void } {
    return { title, run: () => void this.attach(raw) };
  }
}

/** Asks in the corner; progress goes on being shown, and can be cancelled there as well. */
async function keepWaiting(text: string, signal: AbortSignal): Promise<boolean> {
  const giveUp = plain`Give Up`;
  const message = plain`${plainText(text, 500)}. Wait on?`;
  const answer = notify('warning', message, [plain`Keep Waiting`, giveUp]);
  const over = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined)),
  );
  return (await Promise.race([answer, over])) !== giveUp;
}

function slowList(seconds: number): RemoteError {
  const text =
    `The host did not list its processes within ${seconds} s. It may be overloaded: try again when ` +
    'it has less to do, or see by ssh what keeps it busy.';
  return new RemoteError('timeout', text);
}

/** Returns what `readArguments` reads back as the capture's destination. */
export function hostArgument(capture: Capture): string {
  return capture.destination.kind === 'local' ? 'local' : capture.host;
}
