/**
 * Stands behind a panel that VS Code brought back after a reload: its capture has ended with the
 * window.
 */
import * as vscode from 'vscode';
import { visible, type AllVisible } from '../../common/outside';
import { emptyTree } from '../../profile/empty-tree';
import type { CallTree } from '../../profile/engine';
import type { FunctionInfo } from '../../profile/frames';
import type { ControlAction, StatusMessage } from '../../page/messages';
import type { FlameGraphSource, Subscription } from './source';

export class EndedSource implements FlameGraphSource {
  readonly functionCount = 0;

  functionInfo(id: number): FunctionInfo {
    throw new RangeError(`function ${id} of none`);
  }

  hasSource(): boolean {
    return false;
  }

  async callTree(): Promise<CallTree> {
    return emptyTree;
  }

  status(): AllVisible<StatusMessage> {
    return {
      type: 'status',
      state: 'idle',
      host: visible(''),
      target: visible(''),
      pids: [],
      rateHz: 0,
      askedHz: 0,
      rateLimit: 'none',
      sampleWeight: 1,
      samplesPerSecond: 0,
      samples: 0,
      lost: 0,
      truncated: 0,
      targetCpuMs: 0,
      probeCpuPercent: 0,
      kernelCpuPercent: 0,
      stoppedPercent: 0,
      budgetPercent: 0,
      sampler: visible(''),
      samplerNote: visible(''),
      lua: { samples: 0, exact: 0, functionOnly: 0, traceRoot: 0, unknown: 0 },
      native: { samples: 0, complete: 0, truncated: 0, ends: [] },
      elapsedMs: 0,
      startUnixMs: 0,
      watched: null,
      instrumentsPercent: 0,
      focus: null,
      message: visible('The window was reloaded, which ended the capture that stood here.'),
    };
  }

  onDidChange(): Subscription {
    return { dispose: () => undefined };
  }

  control(action: ControlAction): void {
    if (action === 'attach') void vscode.commands.executeCommand('acupoint.attachTracer');
    if (action === 'log') void vscode.commands.executeCommand('acupoint.showLog');
  }

  open(): void {
    // There is no frame to open.
  }
}
