import * as vscode from 'vscode';

export interface EditorSettings {
  readonly codeLens: boolean;
  readonly lines: boolean;
  /** Smallest share that is shown, of 1. */
  readonly threshold: number;
}

export function editorSettings(uri: vscode.Uri): EditorSettings {
  const settings = vscode.workspace.getConfiguration('acupoint.editor', uri);
  const threshold = settings.get<number>('threshold', 0.5);
  return {
    codeLens: settings.get<boolean>('codeLens', true),
    lines: settings.get<boolean>('lines', true),
    threshold: Number.isFinite(threshold) ? threshold / 100 : 0,
  };
}
