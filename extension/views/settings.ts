/** The settings that are read outside of the editor's own features. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { GroupingRules } from '../analysis/grouping';

export function defaultRateHz(): number {
  const rate = vscode.workspace.getConfiguration('acupoint').get<number>('rateHz', 99);
  return validRate(rate) ?? 99;
}

/** Most CPU that a trace may cost, in percent of each worker; 0: no limit. */
export function budgetPercent(): number {
  const given = vscode.workspace.getConfiguration('acupoint').get<number>('budgetPercent', 1);
  return Number.isFinite(given) ? Math.min(50, Math.max(0, given)) : 1;
}

/** undefined where it is no rate that a probe takes. */
export function validRate(rate: unknown): number | undefined {
  const fits = typeof rate === 'number' && Number.isInteger(rate) && rate >= 1 && rate <= 4999;
  return fits ? rate : undefined;
}

/** Whether samples are to carry method, host and URI of their requests. */
export function wantsRequestLabels(): boolean {
  return vscode.workspace.getConfiguration('acupoint').get<boolean>('requestLabels', true);
}

/** How long a worker may stand for a heap snapshot, in ms. */
export function heapMaxPauseMs(): number {
  const most = vscode.workspace.getConfiguration('acupoint').get<number>('heap.maxPauseMs', 200);
  return Math.min(10_000, Math.max(1, Math.round(Number.isFinite(most) ? most : 200)));
}

/** The user's rules of whose a Lua file is. */
export function groupingRules(): GroupingRules {
  return new GroupingRules(vscode.workspace.getConfiguration('acupoint').get('grouping', []));
}

/** undefined: the user's own ssh configuration and the system's. */
export function sshConfigFile(): string | undefined {
  const file = vscode.workspace.getConfiguration('acupoint').get<string>('ssh.configFile', '');
  const path = file.startsWith('~/') ? join(homedir(), file.slice(2)) : file;
  return path === '' ? undefined : path;
}
