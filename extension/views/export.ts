/** Saves what was captured in the formats that other tools read. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import * as vscode from 'vscode';
import type { Capture } from '../capture/capture';
import { describeTarget } from '../capture/target';
import type * as encoders from '../profile/formats';
import type { Notifier } from './notify';
import { visibleText } from './text';

/** They weigh a tenth of the extension, and stand in a bundle of their own. */
export type Encoders = Pick<typeof encoders, 'foldedLines' | 'toPprof' | 'toSpeedscope'>;

interface Format extends vscode.QuickPickItem {
  readonly ending: string;
  encode(use: Encoders, snapshot: encoders.ProfileSnapshot, name: string): Promise<Uint8Array>;
}

const formats: readonly Format[] = [
  {
    label: 'Folded stacks',
    description: '.folded',
    detail: 'One line a stack; read by FlameGraph, speedscope and many more',
    ending: '.folded',
    encode: async (use, snapshot) => Buffer.from([...use.foldedLines(snapshot)].join('')),
  },
  {
    label: 'speedscope',
    description: '.speedscope.json',
    detail: 'Opens at speedscope.app',
    ending: '.speedscope.json',
    encode: async (use, snapshot, name) =>
      Buffer.from(JSON.stringify(use.toSpeedscope(snapshot, name, 'acupoint'))),
  },
  {
    label: 'pprof',
    description: '.pb.gz',
    detail: 'Read by "go tool pprof", Grafana Pyroscope and Parca; has the hot lines as well',
    ending: '.pb.gz',
    encode: (use, snapshot, name) => promisify(gzip)(use.toPprof(snapshot, name)),
  },
];

/** @param given `{ uri }` to save there without asking; the format is told by the name's ending. */
export async function exportProfile(
  capture: Capture,
  given: unknown,
  encodersOf: () => Encoders,
  notifier: Notifier,
): Promise<void> {
  const query = capture.query();
  const { samples, allocationSamples } = capture.store.tallies;
  if ((query.measure === 'allocated' ? allocationSamples : samples) === 0) {
    notifier.info('There are no samples to export yet.');
    return;
  }
  const uri = givenUri(given) ?? (await ask(capture));
  if (uri === undefined) return;
  const format = formats.find((each) => uri.path.endsWith(each.ending));
  if (format === undefined) {
    const endings = formats.map((each) => each.ending).join(', ');
    notifier.error(`The name must end in one of ${endings}: the ending says the format.`);
    return;
  }
  const { measure = 'cpu', fromUs, toUs } = query;
  const target = capture.target === undefined ? capture.host : describeTarget(capture.target);
  const name = measure === 'cpu' ? target : `${target}, allocations`;
  const snapshot = await capture.analysis.profile.snapshot({ measure, fromUs, toUs });
  await vscode.workspace.fs.writeFile(uri, await format.encode(encodersOf(), snapshot, name));
  const open = {
    title: 'Open',
    run: () => void vscode.commands.executeCommand('vscode.open', uri),
  };
  const only = capture.analysis.focusedOn;
  const what = only === undefined ? 'The profile' : `What ${visibleText(only.name, 100)} took`;
  const saved = `${what} was saved as ${uri.path.slice(uri.path.lastIndexOf('/') + 1)}.`;
  if (format.ending === '.pb.gz') notifier.info(saved);
  else notifier.info(saved, open);
}

async function ask(capture: Capture): Promise<vscode.Uri | undefined> {
  const format = await vscode.window.showQuickPick(formats, { title: 'Export Profile: format' });
  if (format === undefined) return undefined;
  const stamp = new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-');
  const name = `${capture.host.replace(/[^\w.-]+/g, '-')}-${stamp}${format.ending}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showSaveDialog({
    title: 'Export Profile',
    saveLabel: 'Export',
    defaultUri: folder === undefined ? vscode.Uri.file(name) : vscode.Uri.joinPath(folder, name),
  });
  // The dialog lets the ending be typed over; the format that was chosen stands.
  if (chosen === undefined || chosen.path.endsWith(format.ending)) return chosen;
  return chosen.with({ path: chosen.path + format.ending });
}

function givenUri(given: unknown): vscode.Uri | undefined {
  const uri: unknown = (given as { uri?: unknown } | undefined)?.uri;
  return uri instanceof vscode.Uri ? uri : undefined;
}
