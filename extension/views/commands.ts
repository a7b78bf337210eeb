/** Commands as a table: their ids are those of package.json, which says when each makes sense. */
import * as vscode from 'vscode';
import type { Capture } from '../capture/capture';
import type { Captures } from '../capture/captures';
import type { LayoutMessage } from '../page/messages';
import type { Attacher } from './attach/attach';
import { showMenu } from './menu';
import type { Notifier } from './notify';
import type { LogChannel } from '../ui/messages';
import { plain, plainText } from '../common/plain';
import { messageOf } from '../common/errors';

export interface CommandDependencies {
  readonly captures: Captures;
  readonly attacher: Attacher;
  readonly notifier: Notifier;
  readonly log: LogChannel;
  readonly showFlameGraph: (capture: Capture) => void;
  /** Shows the page of a capture like this. */
  readonly showAs: (capture: Capture, wished: Omit<LayoutMessage, 'type'>) => void;
  readonly exportProfile: (capture: Capture, given: unknown) => Promise<void>;
  readonly saveRecording: (capture: Capture, given: unknown) => Promise<void>;
  readonly openRecording: (given: unknown) => Promise<void>;
  readonly heapSnapshot: (capture: Capture, given: unknown) => Promise<void>;
  /** Of the tab of snapshots that is in front. */
  readonly heapAction: (action: 'compare' | 'text') => Promise<void>;
  readonly removeProbe: (raw: unknown) => Promise<void>;
  readonly saveInstallation: (raw: unknown) => Promise<void>;
  readonly reveal: (capture: Capture, functionId: number) => void;
}

type Handler = (...given: unknown[]) => unknown;

export function registerCommands(use: CommandDependencies): vscode.Disposable {
  const { captures } = use;
  /**
   * A command of the active capture; without one there is nothing to do, and the command says so.
   */
  const active =
    (run: (capture: Capture, given: unknown) => unknown): Handler =>
    (given) => {
      const capture = captures.active;
      if (capture !== undefined) return run(capture, given);
      use.notifier.info(plain`No worker is traced. Run "Acupoint: Attach Tracer" first.`);
      return undefined;
    };
  const shown = (wished: Omit<LayoutMessage, 'type'>): Handler =>
    active((capture) => use.showAs(capture, wished));
  const table: Record<string, Handler> = {
    attachTracer: async (given) => (await use.attacher.attach(given))?.id,
    showFlameGraph: active(use.showFlameGraph),
    showOwners: shown({ layout: 'owners', measure: 'cpu' }),
    showAllocations: shown({ measure: 'allocated' }),
    showOffCpu: shown({ measure: 'offcpu' }),
    showWaiting: shown({ measure: 'waiting' }),
    showLatency: shown({ layout: 'latency' }),
    showExceptions: shown({ measure: 'exceptions' }),
    showErrors: shown({ layout: 'errors' }),
    showLoop: shown({ layout: 'loop' }),
    showJit: shown({ layout: 'jit' }),
    showMemory: shown({ layout: 'memory' }),
    pause: active((capture) => capture.pause()),
    resume: active((capture) => capture.resume()),
    reset: active((capture) => capture.reset()),
    stop: active((capture) => capture.stop()),
    exportProfile: active(use.exportProfile),
    saveRecording: active(use.saveRecording),
    openRecording: (given) => use.openRecording(given),
    heapSnapshot: active(use.heapSnapshot),
    heapCompare: () => use.heapAction('compare'),
    heapText: () => use.heapAction('text'),
    removeProbe: (given) => use.removeProbe(given),
    saveInstallation: (given) => use.saveInstallation(given),
    showLog: () => use.log.show(),
    menu: () => showMenu(captures.active),
    focusPlugin: (name, id) => {
      const capture = captures.all.find((each) => each.id === id) ?? captures.active;
      if (capture === undefined || typeof name !== 'string') return;
      capture.focus({ by: 'owner', name, kind: 'plugin' });
      use.showAs(capture, { layout: 'owners' });
    },
    revealFunction: (functionId, id) => {
      const capture = captures.all.find((each) => each.id === id) ?? captures.active;
      if (capture === undefined || typeof functionId !== 'number') return;
      if (capture.store.functionInfo(functionId) !== undefined) use.reveal(capture, functionId);
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(table).map(([id, run]) =>
      vscode.commands.registerCommand(`acupoint.${id}`, (...given: unknown[]) =>
        guarded(run, given, use.notifier),
      ),
    ),
  );
}

/**
 * VS Code would show the bare message of what is thrown; here it goes the way of every other error.
 */
async function guarded(run: Handler, given: unknown[], notifier: Notifier): Promise<unknown> {
  try {
    return await run(...given);
  } catch (error) {
    notifier.error(plainText(messageOf(error), 1000));
    return undefined;
  }
}
