/** The second question of Attach Tracer: which process. */
import * as vscode from 'vscode';
import type { ChosenTarget } from '../../capture/target';
import type { MasterProcess } from '../../probe';
import { plain, type Plain } from '../../common/plain';
import { button, Picker } from '../../ui/questions';
import { processRows } from './process-items';

export type ProcessAnswer = ChosenTarget | 'back' | undefined;

/**
 * @param list asks the host again; a button refreshes the list.
 * @returns 'back': another host; undefined: the user left, or the connection was lost.
 */
export async function pickProcess(
  host: Plain,
  masters: readonly MasterProcess[],
  list: () => Promise<readonly MasterProcess[]>,
  lost: AbortSignal,
): Promise<ProcessAnswer> {
  const refresh = button('refresh', plain`List the processes again`);
  const pick = new Picker<ChosenTarget>(
    plain`Attach Tracer: process on ${host}`,
    plain`Choose a worker, or a master with all its workers`,
    {
      matchOnDetail: true,
      ignoreFocusOut: true,
      buttons: [vscode.QuickInputButtons.Back, refresh],
    },
  );
  const show = (masters: readonly MasterProcess[]): void => {
    pick.choices = processRows(masters).map(({ chosen, ...row }) =>
      chosen === undefined ? row : { ...row, value: chosen },
    );
  };
  show(masters);

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
        show(await list());
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
    pick.onDidAccept((chosen) => {
      if (chosen !== undefined) finish(chosen);
    });
    pick.onDidHide(leave);
    pick.show();
  });
}
