/** The menu that a click on the status bar item opens. */
import * as vscode from 'vscode';
import { plain, plainText, type Plain } from '../common/plain';
import { choose, type Choice } from '../ui/questions';
import type { Capture } from '../capture/capture';
import { isOver, isRecording } from '../capture/state';

type MenuItem = Choice<string>;

export async function showMenu(capture: Capture | undefined): Promise<void> {
  const command = await choose(menuItems(capture), {
    title: plain`Acupoint`,
    placeHolder: capture === undefined ? plain`No worker is traced` : plainText(capture.host, 200),
  });
  if (command !== undefined) await vscode.commands.executeCommand(command);
}

function menuItems(capture: Capture | undefined): MenuItem[] {
  const attach = item('add', plain`Attach Tracer…`, 'attachTracer');
  const open = item('folder-opened', plain`Open Recording…`, 'openRecording');
  const log = item('output', plain`Show Log`, 'showLog');
  if (capture?.target === undefined) return [attach, open, log];
  const { state } = capture;
  return [
    item('flame', plain`Show Flame Graph`, 'showFlameGraph'),
    item('pie-chart', plain`CPU by Plugin`, 'showOwners'),
    item('watch', plain`Latency of Requests`, 'showLatency'),
    item('error', plain`Errors by Line`, 'showErrors'),
    item('sync', plain`Event Loop`, 'showLoop'),
    item('dashboard', plain`JIT Compiler`, 'showJit'),
    item('graph-line', plain`Memory of Workers`, 'showMemory'),
    ...(isRecording(state)
      ? [
          item('symbol-array', plain`Allocation Profile`, 'showAllocations'),
          item('debug-pause', plain`Off-CPU Profile`, 'showOffCpu'),
          item('watch', plain`Waiting Requests`, 'showWaiting'),
          item('error', plain`Exception Profile`, 'showExceptions'),
        ]
      : []),
    ...(state === 'running' ? [item('debug-pause', plain`Pause the View`, 'pause')] : []),
    ...(state === 'paused' ? [item('debug-continue', plain`Resume the View`, 'resume')] : []),
    ...(isRecording(state) ? [item('clear-all', plain`Reset the Profile`, 'reset')] : []),
    ...(isOver(state) && !capture.recorded?.heaps.length
      ? []
      : [item('database', plain`Heap Snapshot`, 'heapSnapshot')]),
    ...(isOver(state) ? [] : [item('debug-stop', plain`Stop Tracer`, 'stop')]),
    ...(capture.recorded ? [] : [item('save', plain`Save Recording…`, 'saveRecording')]),
    item('export', plain`Export Profile…`, 'exportProfile'),
    open,
    attach,
    log,
  ];
}

function item(icon: string, label: Plain, command: string): MenuItem {
  return { icon, label, value: `acupoint.${command}` };
}
