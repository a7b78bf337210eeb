/** The second question of Attach Tracer: which process. */
import * as vscode from 'vscode';
import type { ChosenTarget } from '../../capture/target';
import type { MasterProcess } from '../../probe';
import { processRows, type ProcessRow } from './process-items';

export type ProcessAnswer = ChosenTarget | 'back' | undefined;

interface ProcessItem extends vscode.QuickPickItem {
  readonly row: ProcessRow;
}

/**
 * @param list asks the host anew; the list is refreshed by a button.
 * @returns 'back': another host; undefined: the user left, or the connection was lost.
 */
export async function pickProcess(
  host: string,
  masters: readonly MasterProcess[],
  list: () => Promise<readonly MasterProcess[]>,
  lost: AbortSignal,
): Promise<ProcessAnswer> {
  const pick = vscode.window.createQuickPick<ProcessItem>();
  const refresh: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('refresh'),
    tooltip: 'List the processes again',
  };
  pick.title = `Attach Tracer: process on ${host}`;
  pick.placeholder = 'Choose a worker, or a master with all its workers';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  pick.buttons = [vscode.QuickInputButtons.Back, refresh];
  pick.items = items(masters);

  return new Promise<ProcessAnswer>((resolve, reject) => {
    const finish = (answer: ProcessAnswer): void => {
      lost.removeEventListener('abort', leave);
      resolve(answer);
      pick.dispose();
    };
    const leave = (): void => finish(undefined);
    const again = async (): Promise<void> => {
      pick.busy = true;
      try {
        pick.items = items(await list());
      } catch (error) {
        lost.removeEventListener('abort', leave);
        pick.dispose();
        reject(error instanceof Error ? error : new Error(String(error)));
      } finally {
        pick.busy = false;
      }
    };
    lost.addEventListener('abort', leave);
    pick.onDidTriggerButton((button) => {
      if (button === refresh) void again();
      else finish('back');
    });
    pick.onDidAccept(() => {
      const chosen = pick.selectedItems[0]?.row.chosen;
      if (chosen !== undefined) finish(chosen);
    });
    pick.onDidHide(leave);
    pick.show();
  });
}

function items(masters: readonly MasterProcess[]): ProcessItem[] {
  return processRows(masters).map((row) => ({
    label: row.label,
    ...(row.description === undefined ? {} : { description: row.description }),
    ...(row.detail === undefined ? {} : { detail: row.detail }),
    ...(row.separator ? { kind: vscode.QuickPickItemKind.Separator } : {}),
    row,
  }));
}
