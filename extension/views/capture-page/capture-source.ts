/** A capture as the flame-graph panel wants to see it. */
import * as vscode from 'vscode';
import { treeErrors, type TreeErrors } from '../../analysis/tree-errors';
import { isOfRequests, requestInstrument } from '../../analysis/row-requests';
import { visible, type AllVisible } from '../../common/outside';
import { plain } from '../../common/plain';
import { confirm } from '../../ui/messages';
import type { Capture } from '../../capture/capture';
import type { Subscription } from '../../common/emitter';
import { isOver } from '../../capture/state';
import type { CallTree } from '../../profile/engine';
import { FrameKind, type FunctionInfo } from '../../profile/frames';
import { defaultMeasure, stackSeries } from '../../profile/series';
import { fileText, isLua } from '../../profile/names';
import { readChunkName } from '../../source/chunk-name';
import type { SourceOpener } from '../../source/open';
import type {
  ControlAction,
  FocusedRow,
  LatencyOptions,
  OptionsOf,
  ReportKeys,
  StatusMessage,
  Topic,
  TreeView,
} from '../../page/messages';
import { sameTarget } from '../capture-events';
import { statusMessage } from './status-message';
import type { FlameGraphSource, SourceChange } from './source';
import { Chunks } from './chunks';
import { errorsMessage } from './errors-message';
import { jitMessage } from './jit-message';
import { latencyMessage } from './latency-message';
import { loopMessage } from './loop-message';
import { reportMessage } from './report-message';

export class CaptureSource implements FlameGraphSource {
  constructor(
    readonly capture: Capture,
    private readonly opener: SourceOpener,
    /** The buttons are commands, which act on the active capture: this one, from then on. */
    private readonly activate: (capture: Capture) => void,
    private readonly keep: {
      readonly idOf: () => string;
      /** Of a capture that a reload has ended: arguments that attach to the same process. */
      readonly again?: Record<string, unknown>;
    },
  ) {}

  private readonly chunks = new Chunks();
  /** Instruments by the topic that is looked at. */
  private readonly needs = new Map<Topic, string>();

  get functionCount(): number {
    return this.capture.store.functions.length;
  }

  functionInfo(id: number): FunctionInfo {
    const info = this.capture.store.functionInfo(id);
    if (info === undefined) throw new RangeError(`function ${id} of ${this.functionCount}`);
    return info;
  }

  hasSource(id: number): boolean {
    const { file } = this.functionInfo(id);
    return this.capture.store.kindsOf(id).some(isLua) && readChunkName(file) !== undefined;
  }

  callTree(view: TreeView): Promise<CallTree> {
    this.capture.view.look(view);
    return this.capture.analysis.profile.callTree(this.capture.query());
  }

  async treeErrors(tree: CallTree): Promise<TreeErrors | undefined> {
    const { capture, functionCount } = this;
    const query = capture.query();
    const { inBursts, instrument } = stackSeries[query.measure ?? defaultMeasure];
    if (!inBursts) return undefined;
    const parts = capture.burstParts(instrument, query);
    return treeErrors(capture.analysis.profile, tree, parts, functionCount);
  }

  painted(samples: number): void {
    if (samples > 0) this.capture.painted();
  }

  status(): AllVisible<StatusMessage> {
    const kept = this.keep.idOf();
    return {
      ...statusMessage(this.capture),
      ...(kept !== '' && { kept: visible(kept, 64) }),
      ...(this.keep.again !== undefined && { again: true }),
    };
  }

  onDidChange(listener: (change: SourceChange) => void): Subscription {
    return this.capture.onDidChange((change) => {
      if (change === 'view') listener('view');
      else listener(change === 'samples' || change === 'focus' ? 'samples' : 'status');
    });
  }

  readonly answers = {
    report: (by: ReportKeys) => reportMessage(this.capture, by),
    latency: async (options: LatencyOptions) => latencyMessage(this.capture, options),
    errors: async () => errorsMessage(this.capture, this.chunks),
    jit: async () => jitMessage(this.capture, this.chunks),
    loop: async () => loopMessage(this.capture, this.chunks),
  };

  /** Two topics may need one instrument. */
  looked(topic: Topic, options: OptionsOf<Topic> | null): void {
    const before = this.needs.get(topic);
    const now = options === null ? undefined : instrumentOf(topic, options);
    if (now === undefined) this.needs.delete(topic);
    else this.needs.set(topic, now);
    const needed = new Set(this.needs.values());
    for (const instrument of [before, now])
      if (instrument !== undefined) this.capture.watch(instrument, needed.has(instrument));
  }

  memory() {
    return this.capture.memory;
  }

  heap(pid: number): void {
    this.activate(this.capture);
    void vscode.commands.executeCommand('acupoint.heapSnapshot', { pid });
  }

  focus(row: FocusedRow | null): void {
    this.activate(this.capture);
    this.capture.focus(row === null ? undefined : { by: row.by, name: row.key, kind: row.kind });
  }

  control(action: ControlAction): void {
    this.activate(this.capture);
    const { recorded, state } = this.capture;
    const same = this.keep.again ?? (recorded === undefined ? sameTarget(this.capture) : undefined);
    const given = action === 'attach' && isOver(state) && same !== undefined ? [same] : [];
    if (action === 'reset') return void this.resetIfWanted();
    void vscode.commands.executeCommand(commandOf[action], ...given);
  }

  /** A click beside Pause must not cost what was captured for an hour. */
  private async resetIfWanted(): Promise<void> {
    const samples = String(this.capture.store.tallies.samples);
    const question = plain`Discard ${samples} samples and start over?`;
    const detail = plain`Save a recording first to keep them.`;
    if (!(await confirm(question, detail, plain`Discard`))) return;
    await vscode.commands.executeCommand(commandOf.reset);
  }

  openChunk(id: number, line: number, toSide: boolean, panelColumn: number | undefined): void {
    const file = this.chunks.nameOf(id);
    if (file === undefined) return;
    this.activate(this.capture);
    const info = { name: fileText(file, FrameKind.Lua), file, line, lastLine: line };
    void this.opener.open(this.capture, info, { line, toSide, panelColumn });
  }

  open(functionId: number, line: number, toSide: boolean, panelColumn: number | undefined): void {
    this.activate(this.capture);
    const info = this.functionInfo(functionId);
    void this.opener.open(this.capture, info, { line, toSide, panelColumn });
  }
}

/** The instrument that has to be on for a topic; none for the others. */
const INSTRUMENTS: { readonly [T in Topic]?: string } = {
  latency: 'requests',
  errors: 'errors',
  jit: 'jit',
  loop: 'loop',
};

/** Costs of requests, by what they were for, want them counted by that. */
function instrumentOf(topic: Topic, options: OptionsOf<Topic>): string | undefined {
  if (topic === 'report' && 'rows' in options && isOfRequests(options.rows))
    return requestInstrument;
  return INSTRUMENTS[topic];
}

const commandOf: Record<ControlAction, string> = {
  pause: 'acupoint.pause',
  resume: 'acupoint.resume',
  reset: 'acupoint.reset',
  stop: 'acupoint.stop',
  attach: 'acupoint.attachTracer',
  export: 'acupoint.exportProfile',
  heap: 'acupoint.heapSnapshot',
  log: 'acupoint.showLog',
};
