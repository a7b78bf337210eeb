/** What a click on the status bar item offers. */
import * as vscode from 'vscode';
import type { Capture } from '../capture/capture';
import { isOver, isRecording } from '../capture/state';

interface MenuItem extends vscode.QuickPickItem {
  readonly command: string;
}

export async function showMenu(capture: Capture | undefined): Promise<void> {
  const chosen = await vscode.window.showQuickPick(menuItems(capture), {
    title: 'Acupoint',
    placeHolder: capture === undefined ? 'No worker is traced' : capture.host,
  });
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command);
}

function menuItems(capture: Capture | undefined): MenuItem[] {
  const attach = item('add', 'Attach Tracer…', 'attachTracer');
  const open = item('folder-opened', 'Open Recording…', 'openRecording');
  const log = item('output', 'Show Log', 'showLog');
  if (capture?.target === undefined) return [attach, open, log];
  const { state } = capture;
  return [
    item('flame', 'Show Flame Graph', 'showFlameGraph'),
    item('pie-chart', 'CPU by Plugin', 'showOwners'),
    item('graph-line', 'Memory of Workers', 'showMemory'),
    ...(isRecording(state) ? [item('symbol-array', 'Allocation Profile', 'showAllocations')] : []),
    ...(state === 'running' ? [item('debug-pause', 'Pause the View', 'pause')] : []),
    ...(state === 'paused' ? [item('debug-continue', 'Resume the View', 'resume')] : []),
    ...(isRecording(state) ? [item('clear-all', 'Reset the Profile', 'reset')] : []),
    ...(isOver(state) && !capture.recorded?.heaps.length
      ? []
      : [item('database', 'Heap Snapshot', 'heapSnapshot')]),
    ...(isOver(state) ? [] : [item('debug-stop', 'Stop Tracer', 'stop')]),
    ...(capture.recorded ? [] : [item('save', 'Save Recording…', 'saveRecording')]),
    item('export', 'Export Profile…', 'exportProfile'),
    open,
    attach,
    log,
  ];
}

function item(icon: string, label: string, command: string): MenuItem {
  return { label: `$(${icon}) ${label}`, command: `acupoint.${command}` };
}
