import * as vscode from 'vscode';

/**
 * The group where a document is to be shown so that the flame graph's stays as it is: where the
 * document is already, else another group that there is, else a new one beside the panel.
 */
export function otherColumn(
  uri: vscode.Uri,
  panelColumn: number | undefined,
  toSide: boolean,
): vscode.ViewColumn {
  const groups = vscode.window.tabGroups.all.filter((group) => group.viewColumn !== panelColumn);
  if (!toSide) {
    const holds = (group: vscode.TabGroup): boolean =>
      group.tabs.some(
        (tab) =>
          tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString(),
      );
    const group = groups.find(holds) ?? nearest(groups, panelColumn);
    if (group !== undefined) return group.viewColumn;
  }
  return beside(panelColumn);
}

function nearest(
  groups: readonly vscode.TabGroup[],
  panelColumn: number | undefined,
): vscode.TabGroup | undefined {
  if (panelColumn === undefined) {
    return groups.find((group) => group.isActive) ?? groups[0];
  }
  const distance = (group: vscode.TabGroup): number => Math.abs(group.viewColumn - panelColumn);
  return [...groups].sort((a, b) => distance(a) - distance(b))[0];
}

/** Naming a column one past the last makes a new group. */
function beside(panelColumn: number | undefined): vscode.ViewColumn {
  if (panelColumn === undefined) return vscode.ViewColumn.Beside;
  return Math.min(vscode.window.tabGroups.all.length + 1, vscode.ViewColumn.Nine);
}
