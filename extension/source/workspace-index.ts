import * as vscode from 'vscode';
import type { Candidate } from './suffix-match';

/** Most files of one name that are looked at. */
const MOST_FILES = 500;
const MOST_NAMES = 2000;

/**
 * The workspace's files by base name, found when first asked for and remembered until files come or
 * go.
 */
export class WorkspaceIndex implements vscode.Disposable {
  readonly #byName = new Map<string, Promise<readonly Candidate<vscode.Uri>[]>>();
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #changes = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changes.event;

  constructor() {
    const forget = (uris: readonly vscode.Uri[]): void => {
      const known = uris.filter((uri) => this.#byName.delete(baseName(uri.path)));
      if (known.length > 0) this.#changes.fire();
    };
    const forgetAll = (): void => {
      this.#byName.clear();
      this.#changes.fire();
    };
    // Only Lua files are watched by name; any other is noticed when VS Code itself moves it.
    const watcher = vscode.workspace.createFileSystemWatcher('**/*.lua', false, true, false);
    this.#subscriptions.push(
      watcher,
      watcher.onDidCreate((uri) => forget([uri])),
      watcher.onDidDelete((uri) => forget([uri])),
      vscode.workspace.onDidCreateFiles((event) => forget(event.files)),
      vscode.workspace.onDidDeleteFiles(forgetAll),
      vscode.workspace.onDidRenameFiles(forgetAll),
      vscode.workspace.onDidChangeWorkspaceFolders(forgetAll),
    );
  }

  find(name: string): Promise<readonly Candidate<vscode.Uri>[]> {
    let found = this.#byName.get(name);
    if (found === undefined) {
      // Names come from the target: what was asked for first is forgotten first.
      const oldest = this.#byName.keys().next();
      if (this.#byName.size >= MOST_NAMES && oldest.done !== true) {
        this.#byName.delete(oldest.value);
      }
      found = search(name);
      this.#byName.set(name, found);
    }
    return found;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions, this.#changes).dispose();
  }
}

async function search(name: string): Promise<readonly Candidate<vscode.Uri>[]> {
  if (vscode.workspace.workspaceFolders === undefined) return [];
  const uris = await vscode.workspace.findFiles(`**/${asGlob(name)}`, undefined, MOST_FILES);
  return uris
    .filter((uri) => baseName(uri.path) === name)
    .map((uri) => ({ file: uri, path: uri.path, atRoot: isAtRoot(uri) }));
}

/** A glob that matches `name`: what has a meaning in globs is matched as any character. */
export function asGlob(name: string): string {
  return name.replace(/[*?[\]{}!,\\]/g, '?');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function isAtRoot(uri: vscode.Uri): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  return (
    folder !== undefined &&
    uri.path === `${folder.uri.path.replace(/\/$/, '')}/${baseName(uri.path)}`
  );
}
