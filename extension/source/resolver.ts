import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { Capture } from '../capture/capture';
import type { Log } from '../common/log';
import { readChunkName, type ChunkOrigin } from './chunk-name';
import { ConfResolver } from './conf-resolver';
import type { ResolvedSource } from './resolved-source';
import { applySourceMap } from './source-map';
import { bestMatch } from './suffix-match';
import type { TargetDocuments } from './target-documents';
import type { WorkspaceIndex } from './workspace-index';

type Known = Map<string, Promise<ResolvedSource | undefined>>;

const RETRY_MS = 10_000;

/**
 * From chunk names to documents. Answers are remembered for each capture until the workspace
 * changes.
 */
export class SourceResolver implements vscode.Disposable {
  #known = new WeakMap<Capture, Known>();
  readonly #subscriptions: vscode.Disposable[];
  readonly #changes = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changes.event;
  readonly #confs: ConfResolver;

  constructor(
    private readonly index: WorkspaceIndex,
    readonly documents: TargetDocuments,
    private readonly log: Log,
  ) {
    this.#confs = new ConfResolver(index, documents);
    const forget = (): void => {
      this.#known = new WeakMap();
      this.#changes.fire();
    };
    this.#subscriptions = [
      index.onDidChange(forget),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('acupoint.sourceMap')) forget();
      }),
    ];
  }

  /** undefined: there is no source to show. Never throws. */
  resolve(capture: Capture, chunkName: string): Promise<ResolvedSource | undefined> {
    const known =
      this.#known.get(capture) ?? new Map<string, Promise<ResolvedSource | undefined>>();
    this.#known.set(capture, known);
    let resolved = known.get(chunkName);
    if (resolved === undefined) {
      resolved = this.#resolve(capture, chunkName).catch((error: unknown) => {
        this.log.info(`source of ${chunkName.slice(0, 200)}: ${String(error)}`);
        // Asked for again later: the target may be readable then.
        setTimeout(() => known.delete(chunkName), RETRY_MS).unref();
        return undefined;
      });
      known.set(chunkName, resolved);
    }
    return resolved;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions, this.#changes).dispose();
  }

  async #resolve(capture: Capture, chunkName: string): Promise<ResolvedSource | undefined> {
    const origin = readChunkName(chunkName);
    switch (origin?.kind) {
      case undefined:
        return undefined;
      case 'text': {
        const uri = this.documents.textUri(capture, origin.text);
        return { uri, offset: 0, targetPath: '' };
      }
      case 'block':
        return this.#confs.resolve(capture, origin);
      case 'file':
        return this.#file(capture, origin);
    }
  }

  async #file(capture: Capture, origin: ChunkOrigin & { kind: 'file' }): Promise<ResolvedSource> {
    const targetPath = absolutePath(capture, origin.path);
    const local = mappedFile(targetPath) ?? (await this.#inWorkspace(targetPath));
    const uri = local ?? this.documents.fileUri(capture, targetPath);
    return { uri, offset: 0, targetPath };
  }

  async #inWorkspace(path: string): Promise<vscode.Uri | undefined> {
    const candidates = await this.index.find(posix.basename(path));
    const match = bestMatch(path, candidates);
    if (match?.ambiguous === true) {
      this.log.info(
        `several workspace files fit ${path} equally well; ${match.file.path} is taken. ` +
          'The setting acupoint.sourceMap can say which is meant.',
      );
    }
    return match?.file;
  }
}

/**
 * A relative name is relative to where the worker stands, which is its prefix unless it went
 * elsewhere.
 */
function absolutePath(capture: Capture, path: string): string {
  if (path.startsWith('/')) return posix.normalize(path);
  return posix.resolve('/', capture.target?.master.prefix ?? '/', path);
}

function mappedFile(path: string): vscode.Uri | undefined {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const map = vscode.workspace
    .getConfiguration('acupoint', folders[0]?.uri ?? null)
    .get<unknown>('sourceMap');
  const mapped = applySourceMap(map, path);
  if (mapped === undefined) return undefined;
  const base = mappedFolder(mapped.folder, folders[0]?.uri);
  return base && (mapped.rest === '' ? base : vscode.Uri.joinPath(base, mapped.rest));
}

function mappedFolder(folder: string, workspace: vscode.Uri | undefined): vscode.Uri | undefined {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(folder)) return vscode.Uri.parse(folder);
  const absolute = folder.startsWith('/') || /^[a-z]:[\\/]/i.test(folder);
  if (!absolute) return workspace && vscode.Uri.joinPath(workspace, folder);
  // An absolute folder is on the machine that the workspace is on, which need not be this one.
  return workspace === undefined || workspace.scheme === 'file'
    ? vscode.Uri.file(folder)
    : workspace.with({ path: folder });
}
