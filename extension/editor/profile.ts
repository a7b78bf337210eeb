import { posix } from 'node:path';
import * as vscode from 'vscode';
import { visible } from '../common/outside';
import type { Report } from '../analysis/report';
import { handlerOf } from '../analysis/claims';
import type { Capture } from '../capture/capture';
import type { Captures } from '../capture/captures';
import type { Log } from '../common/log';
import type { Subscription } from '../common/emitter';
import type { CallTree, FunctionTable, Query } from '../profile/engine';
import { defaultMeasure, type Measure, stackSeries } from '../profile/series';
import { readChunkName } from '../source/chunk-name';
import type { ResolvedSource } from '../source/resolved-source';
import type { SourceResolver } from '../source/resolver';
import { Allocated, besides } from './allocated';
import { isOtherCode } from './other-code';
import { chunkShares, needsTree, rowsByChunk, type ChunkShares } from './shares';
import type { Freshness } from './stale';
import type { Staleness } from './staleness';
import { Throttle } from '../common/throttle';

/** Everything known of a document. Lines are of the document, from 1. */
export interface DocumentProfile extends ChunkShares {
  readonly capture: Capture;
  /** Of all shares. */
  readonly measure: Measure;
  /** Allocated bytes, of functions by line and of any share; undefined: not watched. */
  readonly allocated: { byLine: Map<number, string>; cost(share: number): string } | undefined;
  readonly freshness: Freshness;
  /** How many functions ran in this file that are not in this text: of another version of it. */
  readonly otherCode: number;
}

/** A plugin's part of all, of 1. */
export interface PluginShare {
  readonly capture: Capture;
  readonly measure: Measure;
  /** Its allocations, "≈ 3.2 KB per request"; '' where another measure is shown. */
  readonly cost: string;
  readonly name: string;
  readonly share: number;
}

interface Snapshot {
  readonly capture: Capture;
  readonly measure: Measure;
  readonly allocated: Allocated | undefined;
  readonly table: FunctionTable;
  readonly rows: Map<string, number[]>;
  readonly tree: () => Promise<CallTree>;
  readonly report: () => Promise<Report>;
  readonly documents: Map<string, Promise<DocumentProfile | undefined>>;
}

const INTERVAL_MS = 1000;
/** Functions whose sources are looked up ahead. */
const WARM = 20;

/**
 * The active capture's figures for the documents that are looked at, renewed about once a second.
 */
export class EditorProfile implements vscode.Disposable {
  #snapshot: Snapshot | undefined;
  #capture: Subscription | undefined;
  readonly #throttle = new Throttle(INTERVAL_MS, () => this.#renew());
  readonly #changes = new vscode.EventEmitter<void>();
  /** At most once a second. */
  readonly onDidChange = this.#changes.event;
  readonly #subscriptions: Subscription[];

  constructor(
    private readonly captures: Captures,
    private readonly resolver: SourceResolver,
    private readonly staleness: Staleness,
    private readonly log: Log,
  ) {
    const ask = (): void => this.#throttle.ask();
    this.#subscriptions = [
      captures.onDidChangeActive(() => this.#follow()),
      resolver.onDidChange(ask),
      staleness.onDidChange(ask),
      vscode.workspace.onDidChangeTextDocument(ask),
      vscode.workspace.onDidSaveTextDocument(ask),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('acupoint.editor')) ask();
      }),
    ];
    this.#follow();
  }

  /** undefined: nothing of the profile is in this document. */
  of(document: vscode.TextDocument): Promise<DocumentProfile | undefined> {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return Promise.resolve(undefined);
    const key = `${document.version} ${document.uri.toString()}`;
    let profile = snapshot.documents.get(key);
    if (profile === undefined) {
      profile = this.#profile(snapshot, document);
      snapshot.documents.set(key, profile);
    }
    return profile;
  }

  /** Cost of the plugin that this file is the handler of; undefined: no worker has it. */
  async plugin(document: vscode.TextDocument): Promise<PluginShare | undefined> {
    const snapshot = this.#snapshot;
    const name = handlerOf(document.uri.path);
    if (snapshot === undefined || name === undefined) return undefined;
    const { capture, measure } = snapshot;
    const { rows, weight } = await snapshot.report();
    const row = rows.find((each) => each.kind === 'plugin' && each.name === name);
    if (row === undefined) return undefined;
    const share = weight > 0 ? row.weight / weight : 0;
    const cost = measure === besides ? (snapshot.allocated?.cost(share) ?? '') : '';
    return { capture, measure, name, share, cost };
  }

  dispose(): void {
    this.#throttle.dispose();
    this.#capture?.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changes.dispose();
  }

  #follow(): void {
    this.#capture?.dispose();
    this.#capture = this.captures.active?.onDidChange((change) => {
      if (change !== 'health') this.#throttle.ask();
    });
    this.#throttle.ask();
  }

  async #renew(): Promise<void> {
    const capture = this.captures.active;
    try {
      this.#snapshot = capture?.life.hasRun === true ? await take(capture) : undefined;
      if (this.#snapshot !== undefined) this.#warm(this.#snapshot);
    } catch (error) {
      this.log.warn(`shares not computed: ${String(error)}`);
    }
    this.#changes.fire();
  }

  /** Finds the sources of the costliest functions before anybody asks: they will be opened. */
  #warm({ capture, table }: Snapshot): void {
    const hottest = Array.from(table.total.keys())
      .sort((a, b) => table.total[b]! - table.total[a]!)
      .slice(0, WARM);
    for (const row of hottest) {
      const chunk = capture.store.functionInfo(table.functions[row]!)?.file ?? '';
      if (readChunkName(chunk) !== undefined) void this.resolver.resolve(capture, chunk);
    }
  }

  async #profile(
    snapshot: Snapshot,
    document: vscode.TextDocument,
  ): Promise<DocumentProfile | undefined> {
    const { capture, measure, table, rows, allocated } = snapshot;
    const { functions } = capture.store;
    const uri = document.uri.toString();
    // One file can have several names, and one configuration file has many blocks.
    const byOffset = new Map<number, { own: number[]; chunks: string[] }>();
    let source: ResolvedSource | undefined;
    let otherCode = 0;
    const lineText = (line: number): string | undefined =>
      line <= document.lineCount ? document.lineAt(line - 1).text : undefined;
    for (const [chunk, own] of rows) {
      if (!mayBe(chunk, document.uri)) continue;
      const resolved = await this.resolver.resolve(capture, chunk);
      if (resolved?.uri.toString() !== uri) continue;
      source ??= resolved;
      const known = byOffset.get(resolved.offset) ?? { own: [], chunks: [] };
      const fitting = own.filter((row) => {
        const info = functions[table.functions[row]! - 1]!;
        // While it is being edited its lines move, and all of it is stale anyway.
        return document.isDirty || !isOtherCode(info, resolved.offset, lineText);
      });
      otherCode += own.length - fitting.length;
      known.own.push(...fitting);
      known.chunks.push(chunk);
      byOffset.set(resolved.offset, known);
    }
    const parts: ChunkShares[] = [];
    const byLine = new Map<number, string>();
    for (const [offset, { own, chunks }] of byOffset) {
      const tree = needsTree(table, functions, own) ? await snapshot.tree() : undefined;
      parts.push(moved(chunkShares(table, functions, own, tree), offset));
      const costs = (await allocated?.costs(chunks)) ?? [];
      for (const [line, cost] of costs) byLine.set(inDocument(line, offset), cost);
    }
    if (source === undefined) return undefined;
    return {
      capture,
      measure,
      allocated: allocated && { byLine, cost: (share) => allocated.cost(share) },
      functions: parts.flatMap((part) => part.functions),
      lines: parts.flatMap((part) => part.lines),
      freshness: await this.staleness.of(capture, document, source),
      otherCode,
    };
  }
}

async function take(capture: Capture): Promise<Snapshot> {
  const query = capture.query();
  const { measure = defaultMeasure } = query;
  const { profile } = capture.analysis;
  const table = await profile.functionTable(query);
  let report: Promise<Report> | undefined;
  let tree: Promise<CallTree> | undefined;
  return {
    capture,
    measure,
    allocated: await takeAllocated(capture, query),
    table,
    rows: rowsByChunk(table, capture.store.functions),
    tree: () => (tree ??= profile.callTree(query)),
    report: () => (report ??= capture.analysis.report(query, 'owner', 'phase')),
    documents: new Map(),
  };
}

async function takeAllocated(capture: Capture, query: Query): Promise<Allocated | undefined> {
  const { store, analysis } = capture;
  if (store.tallies.of(besides).weight === 0) return undefined;
  const { profile } = analysis;
  const ofBytes = { ...query, measure: besides };
  const table = await profile.functionTable(ofBytes);
  let tree: Promise<CallTree> | undefined;
  const treeOf = () => (tree ??= profile.callTree(ofBytes));
  const figures = capture.watched(stackSeries[besides].instrument, query);
  return new Allocated(table, treeOf, store.functions, figures);
}

/**
 * A quick look before the workspace is searched: hundreds of chunks take part, few are looked at.
 */
function mayBe(chunk: string, uri: vscode.Uri): boolean {
  const origin = readChunkName(chunk);
  const base = posix.basename(uri.path);
  switch (origin?.kind) {
    case undefined:
      return false;
    case 'file':
      return [origin.path, visible(origin.path, 4096)].some(
        (path) => posix.basename(path) === base,
      );
    case 'block':
      return base.endsWith(origin.conf);
    case 'text':
      return uri.scheme === 'acupoint-target';
  }
}

/** From lines of the chunk to lines of the document. The main chunk stands at its first line. */
function moved(shares: ChunkShares, offset: number): ChunkShares {
  const at = (line: number): number => inDocument(line, offset);
  return {
    functions: shares.functions.map((each) => ({ ...each, line: at(each.line) })),
    lines: shares.lines.map((each) => ({ ...each, line: at(each.line) })),
  };
}

function inDocument(line: number, offset: number): number {
  return Math.max(line, 1) + offset;
}
