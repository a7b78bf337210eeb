import { posix } from 'node:path';
import * as vscode from 'vscode';
import { plain } from '../common/plain';
import type { Capture } from '../capture/capture';
import type { ChunkOrigin } from './chunk-name';
import { includedPaths } from './conf-paths';
import { lineInConf, scanConf } from './conf-scan';
import { sayInPassing } from '../ui/messages';
import { bestMatch } from './suffix-match';
import type { TargetDocuments } from './target-documents';
import type { ResolvedSource } from './resolved-source';
import type { WorkspaceIndex } from './workspace-index';

type Block = ChunkOrigin & { kind: 'block' };

interface Found {
  readonly path: string;
  readonly offset: number;
}

/** Most files that are read in search of one block. */
const MOST_READ = 50;
const SAYING_MS = 10_000;
const LARGEST = 8 * 1024 * 1024;

/**
 * Finds the configuration file that has a block. The chunk name tells the base name, the directive
 * and a line; the file is the one that has that directive in that line.
 */
export class ConfResolver {
  constructor(
    private readonly index: WorkspaceIndex,
    private readonly documents: TargetDocuments,
  ) {}

  /** Throws Error where no file has the block. */
  async resolve(capture: Capture, block: Block): Promise<ResolvedSource> {
    const onTarget = await this.#onTarget(capture, block);
    const local = await this.#inWorkspace(block, onTarget?.path);
    if (local !== undefined) return { ...local, targetPath: onTarget?.path ?? '' };
    if (onTarget === undefined) {
      throw new Error(
        `no file named ${block.conf} has ${block.directive} in line ${block.confLine}`,
      );
    }
    const uri = this.documents.fileUri(capture, onTarget.path, 'master');
    const name = posix.basename(onTarget.path);
    sayInPassing(plain`${name} was read by the rights of the nginx master.`, SAYING_MS);
    return { uri, offset: onTarget.offset, targetPath: onTarget.path };
  }

  /**
   * Follows the includes from the master's configuration file, as the master does at its start: by
   * its rights, since workers often may not read them. The file of that name comes first.
   */
  async #onTarget(capture: Capture, block: Block): Promise<Found | undefined> {
    const root = capture.target?.master.configFile ?? '';
    if (!root.startsWith('/')) return undefined;
    const queue = [root];
    const seen = new Set<string>();
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      if (seen.has(path) || seen.size >= MOST_READ) continue;
      seen.add(path);
      const text = await this.#read(capture, path);
      if (text === undefined) continue;
      const scan = scanConf(text);
      if (posix.basename(path).endsWith(block.conf)) {
        const offset = offsetIn(text, block);
        if (offset !== undefined) return { path, offset };
      }
      const { matching, others } = includedPaths(scan.includes, root, block.conf);
      queue.unshift(...matching);
      queue.push(...others);
    }
    return undefined;
  }

  /** The workspace's file is taken only where the block is at the same place in it. */
  async #inWorkspace(
    block: Block,
    path: string | undefined,
  ): Promise<{ uri: vscode.Uri; offset: number } | undefined> {
    const candidates = await this.index.find(posix.basename(path ?? block.conf));
    const fitting: { file: { uri: vscode.Uri; offset: number }; path: string; atRoot: boolean }[] =
      [];
    for (const candidate of candidates.slice(0, MOST_READ)) {
      const offset = offsetIn(await readLocal(candidate.file), block);
      if (offset !== undefined) {
        fitting.push({ ...candidate, file: { uri: candidate.file, offset } });
      }
    }
    if (path !== undefined) return bestMatch(path, fitting)?.file;
    // The target's own path is not known: only one that is alone can be meant.
    return fitting.length === 1 ? fitting[0]!.file : undefined;
  }

  async #read(capture: Capture, path: string): Promise<string | undefined> {
    try {
      return (await this.documents.read(capture, path, 'master')).text;
    } catch {
      // An include that cannot be read is not the end of the search; resolve() says if it fails.
      return undefined;
    }
  }
}

function offsetIn(text: string, block: Block): number | undefined {
  const line = lineInConf(scanConf(text), block.directive, block.confLine, 1);
  return line === undefined ? undefined : line - 1;
}

async function readLocal(uri: vscode.Uri): Promise<string> {
  try {
    const open = vscode.workspace.textDocuments.find(
      (document) => document.uri.toString() === uri.toString(),
    );
    if (open !== undefined) return open.getText();
    if ((await vscode.workspace.fs.stat(uri)).size > LARGEST) return '';
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return '';
  }
}
