/** The one place that wires. */
import * as vscode from 'vscode';
import { createApi, type AcupointApi } from './api';
import { Capture } from './capture/capture';
import { Captures } from './capture/captures';
import { connector, type Connector } from './capture/connection';
import { fromBundle } from './capture/bundle';
import type { FarEnd } from './capture/far-end';
import { KeptCaptures } from './capture/kept-captures';
import { openRecording } from './capture/open-recording';
import { createEngine } from './capture/engine-loader';
import { registerEditor } from './editor';
import { isOver } from './capture/state';
import { LogChannel } from './ui/messages';
import { ProfileStore } from './profile/store';
import type { Destination } from './remote';
import { SourceOpener } from './source/open';
import { SourceResolver } from './source/resolver';
import { TargetDocuments } from './source/target-documents';
import { WorkspaceIndex } from './source/workspace-index';
import { Attacher } from './views/attach/attach';
import { UiPrompter } from './views/attach/prompts';
import { RecentHosts } from './views/attach/recent';
import { sameTarget, watchCapture } from './views/capture-events';
import { registerCommands } from './views/commands';
import { ContextKeys } from './views/context-keys';
import { exportProfile, saveRecording, type Encoders } from './views/export';
import type { CapturePage } from './views/capture-page';
import { FlameGraphPanels } from './views/panels';
import type { HeapViews, HeapUses } from './views/heap';
import { Notifier } from './views/notify';
import { registerRecordings, showRecording } from './views/recordings';
import { saveInstallation } from './views/installation';
import { removeProbeFrom } from './views/remove-probe';
import { watchGrouping } from './views/grouping';
import { groupingRules, sshConfigFile } from './views/settings';
import { StatusBar } from './views/status-bar';

let captures: Captures | undefined;
let keeping: KeptCaptures | undefined;

export function activate(context: vscode.ExtensionContext): AcupointApi {
  const began = performance.now();
  const path = (...parts: string[]): string =>
    vscode.Uri.joinPath(context.extensionUri, 'dist', ...parts).fsPath;
  const log = new LogChannel('Acupoint');
  const notifier = new Notifier(log);
  const prompter = new UiPrompter();
  const recent = new RecentHosts(context.globalState);
  const stateDir = context.globalStorageUri.fsPath;
  const all = (captures = new Captures());

  const farEnd = fromBundle<FarEnd>(path('probe.js'));
  const encoders = fromBundle<Encoders>(path('formats.js'));
  const connect = connector({
    prompter,
    farEnd,
    probesDir: path('probes'),
    stateDir,
    configFile: sshConfigFile,
    log,
  });
  let lastId = 0;
  const newCapture = (destination: Destination, reach: Connector): Capture => {
    const store = new ProfileStore(createEngine(path('acupoint.node'), (text) => log.info(text)));
    return new Capture(++lastId, destination, store, reach, log, groupingRules());
  };
  const create = (destination: Destination): Capture => {
    const capture = newCapture(destination, connect);
    capture.onNotice(({ kind }) => {
      if (kind === 'worker-joined') documents.refresh(capture);
    });
    watchCapture(capture, notifier, (raw) => void attacher.attach(raw));
    kept.keep(capture, () => sameTarget(capture));
    return capture;
  };

  const index = new WorkspaceIndex();
  const documents = new TargetDocuments(() => all.all);
  const resolver = new SourceResolver(index, documents, log);
  const opener = new SourceOpener(resolver, log);
  const page = fromBundle<CapturePage>(path('capture-page.js'));
  const keptFolder = vscode.Uri.joinPath(
    context.storageUri ?? context.globalStorageUri,
    'captures',
  );
  const kept = (keeping = new KeptCaptures(keptFolder.fsPath, farEnd, log));
  const source = (capture: Capture, again?: Record<string, unknown>) => {
    const keep = { idOf: () => kept.idOf(capture), ...(again && { again }) };
    return new (page().CaptureSource)(capture, opener, (each) => all.activate(each), keep);
  };
  const warn = (error: unknown): void => log.warn(String(error));
  const panels = new FlameGraphPanels(page, context.extensionUri, warn, async (pageState) => {
    const found = await kept.read((pageState as { kept?: unknown } | undefined)?.kept);
    if (found === undefined) return undefined;
    const capture = await openRecording(found.file, farEnd(), newCapture);
    kept.isRestored(capture, found.id);
    all.add(capture);
    return { capture, source: source(capture, found.again) };
  });
  const showPanel = (capture: Capture, preserveFocus = false): void =>
    panels.show(capture, () => source(capture), preserveFocus);

  const attacher = new Attacher({
    captures: all,
    create,
    recent,
    notifier,
    log,
    showPanel,
    closePanel: (capture) => panels.close(capture),
  });
  const status = new StatusBar(all);
  const heapBundle = fromBundle<{ HeapViews: new (use: HeapUses) => HeapViews }>(path('heap.js'));
  let heapViews: HeapViews | undefined;
  const heaps = (): HeapViews => {
    if (heapViews !== undefined) return heapViews;
    const { extensionUri } = context;
    const workerFile = path('heap-worker.js');
    const activate = (each: Capture): void => all.activate(each);
    const use = { extensionUri, workerFile, notifier, opener, activate };
    heapViews = new (heapBundle().HeapViews)(use);
    context.subscriptions.push(heapViews);
    return heapViews;
  };

  context.subscriptions.push(
    log,
    index,
    documents,
    resolver,
    status,
    panels,
    panels.onDidClose((closed) => {
      const capture = all.all.find((each) => each === closed);
      capture?.view.lookAway();
      // A profile that goes on stays, for the editor; one that is over and not shown is done with.
      if (capture === undefined) return;
      void kept.forget(capture).catch(warn);
      if (isOver(capture.state)) void all.remove(capture);
    }),
    new ContextKeys(all),
    watchGrouping(all, notifier),
    registerEditor(all, resolver, log),
    registerRecordings({
      captures: all,
      farEnd,
      create: newCapture,
      log,
      show: (capture, panel) => panels.adopt(capture, panel, source(capture)),
    }),
    registerCommands({
      captures: all,
      attacher,
      notifier,
      log,
      showFlameGraph: (capture) => showPanel(capture),
      showAs: (capture, wished) => panels.showAs(capture, () => source(capture), wished),
      exportProfile: (capture, given) => exportProfile(capture, given, encoders, notifier),
      saveRecording: (capture, given) => saveRecording(capture, given, notifier),
      openRecording: showRecording,
      heapSnapshot: (capture, given) => heaps().take(capture, given),
      heapAction: (action) => heaps().act(action),
      removeProbe: (raw) =>
        removeProbeFrom(raw, { captures: all, recent, notifier, prompter, farEnd, stateDir, log }),
      saveInstallation: (raw) =>
        saveInstallation(raw, {
          recent,
          notifier,
          prompter,
          farEnd,
          stateDir,
          log,
          probesDir: path('probes'),
        }),
      reveal: (capture, id) => panels.reveal(capture, () => source(capture), id),
    }),
  );
  const activationMs = performance.now() - began;
  log.info(`activated in ${activationMs.toFixed(1)} ms`);
  return createApi({ captures: all, notifier, status, opener, activationMs });
}

/** VS Code waits a moment for this; what is not done by then the probe does itself when its input ends. */
export async function deactivate(): Promise<void> {
  await keeping?.leave();
  await captures?.stopAll();
}
