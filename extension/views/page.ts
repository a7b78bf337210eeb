/** Puts one of the product's pages into a webview. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { pageHtml } from './html';

/** @param name of its script and style sheet in dist/webview. */
export function loadPage(
  webview: vscode.Webview,
  extensionUri: vscode.Uri,
  name: 'main' | 'heap',
  title: string,
): void {
  const dist = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  webview.options = {
    enableScripts: true,
    localResourceRoots: [dist, vscode.Uri.joinPath(extensionUri, 'media')],
  };
  const uri = (ending: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(dist, `${name}.${ending}`)).toString();
  const { cspSource } = webview;
  const uris = { cspSource, script: uri('js'), style: uri('css') };
  webview.html = pageHtml(uris, randomBytes(18).toString('base64'), title);
}

export interface PageConfig {
  readonly type: 'config';
  readonly swapClicks: boolean;
  readonly inverted: boolean;
}

/** The settings that pages with a flame graph have in common. */
export function readPageConfig(): PageConfig {
  const config = vscode.workspace.getConfiguration('acupoint.flameGraph');
  return {
    type: 'config',
    swapClicks: config.get('swapClicks', false),
    inverted: config.get('inverted', true),
  };
}
