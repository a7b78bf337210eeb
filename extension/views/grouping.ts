/** The user's grouping rules reach the captures, and what is wrong with them reaches the user. */
import * as vscode from 'vscode';
import { plainText } from '../common/plain';
import type { Captures } from '../capture/captures';
import type { Notifier } from './notify';
import { groupingRules } from './settings';

export function watchGrouping(captures: Captures, notifier: Notifier): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration('acupoint.grouping')) return;
    for (const capture of captures.all) capture.regroup(groupingRules());
    const [problem] = groupingRules().problems;
    if (problem !== undefined) notifier.warn(plainText(problem, 500));
  });
}
