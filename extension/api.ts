/**
 * The part of Acupoint that other extensions and tests may read:
 * `extensions.getExtension(...).exports`.
 */
import type * as vscode from 'vscode';
import type { Capture } from './capture/capture';
import type { Captures } from './capture/captures';
import type { TimingSummary } from './capture/timings';
import type { SourceOpener } from './source/open';
import type { Notifier } from './views/notify';
import type { StatusBar } from './views/status-bar';

export interface AcupointApi {
  readonly captures: readonly Capture[];
  readonly active: Capture | undefined;
  /** Of the active capture. */
  readonly lastTimings: TimingSummary | undefined;
  readonly activationMs: number;
  readonly statusText: string;
  /** Shows the source of a function of the active capture; line 0: where it is defined. */
  openSource(
    functionId: number,
    line?: number,
    panelColumn?: vscode.ViewColumn,
  ): Promise<vscode.TextEditor | undefined>;
  /** Texts of notifications, oldest first. */
  readonly notifications: readonly string[];
}

interface Parts {
  readonly captures: Captures;
  readonly notifier: Notifier;
  readonly status: StatusBar;
  readonly opener: SourceOpener;
  readonly activationMs: number;
}

export function createApi(parts: Parts): AcupointApi {
  return {
    get captures() {
      return parts.captures.all;
    },
    get active() {
      return parts.captures.active;
    },
    get lastTimings() {
      return parts.captures.active?.timings.summary();
    },
    get statusText() {
      return parts.status.text;
    },
    get notifications() {
      return parts.notifier.history;
    },
    openSource: async (functionId, line = 0, panelColumn = undefined) => {
      const capture = parts.captures.active;
      const info = capture?.store.functionInfo(functionId);
      if (capture === undefined || info === undefined) return undefined;
      return parts.opener.open(capture, info, { line, toSide: false, panelColumn });
    },
    activationMs: parts.activationMs,
  };
}
