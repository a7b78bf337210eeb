/** Saves what was captured in the formats that other tools read. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import * as vscode from 'vscode';
import { plain, plainText, type Plain } from '../common/plain';
import { askWhereToSave, choose, fileName } from '../ui/questions';
import { handlerName } from '../analysis/handler-name';
import type { Capture } from '../capture/capture';
import type * as encoders from '../profile/formats';
import { defaultMeasure, stackSeries } from '../profile/series';
import type { Action, Notifier } from './notify';

/** They weigh a tenth of the extension, and stand in a bundle of their own. */
export type Encoders = Pick<typeof encoders, 'foldedLines' | 'toPprof' | 'toSpeedscope'>;

interface Format {
  readonly label: Plain;
  readonly description: Plain;
  readonly detail: Plain;
  readonly ending: string;
}

interface Export extends Format {
  encode(use: Encoders, snapshot: encoders.ProfileSnapshot, name: string): Promise<Uint8Array>;
}

const recording: Format = {
  label: plain`Recording`,
  description: plain`.acupoint`,
  detail: plain`All that was captured, heap snapshots too; opens here again, and in \`acupoint --from\``,
  ending: '.acupoint',
};

const formats: readonly Export[] = [
  {
    label: plain`Folded stacks`,
    description: plain`.folded`,
    detail: plain`One line a stack; read by FlameGraph, speedscope and many more`,
    ending: '.folded',
    encode: async (use, snapshot) =>
      Buffer.from([...use.foldedLines(snapshot, handlerName)].join('')),
  },
  {
    label: plain`speedscope`,
    description: plain`.speedscope.json`,
    detail: plain`Opens at speedscope.app`,
    ending: '.speedscope.json',
    encode: async (use, snapshot, name) =>
      Buffer.from(JSON.stringify(use.toSpeedscope(snapshot, name, 'acupoint', handlerName))),
  },
  {
    label: plain`pprof`,
    description: plain`.pb.gz`,
    detail: plain`Read by "go tool pprof", Grafana Pyroscope and Parca; has the hot lines as well`,
    ending: '.pb.gz',
    encode: (use, snapshot, name) => promisify(gzip)(use.toPprof(snapshot, name, handlerName)),
  },
];

/**
 * All that the capture has had, whatever of it is looked at.
 * @param given `{ uri }` to save there without asking.
 */
export async function saveRecording(
  capture: Capture,
  given: unknown,
  notifier: Notifier,
): Promise<void> {
  const uri = givenUri(given) ?? (await askName(capture, recording));
  if (uri === undefined) return;
  await vscode.workspace.fs.writeFile(uri, capture.recording());
  notifier.info(plain`The recording was saved as ${nameOf(uri)}.`, opening(uri));
}

/** @param given `{ uri }` to save there without asking; the name's ending tells the format. */
export async function exportProfile(
  capture: Capture,
  given: unknown,
  encodersOf: () => Encoders,
  notifier: Notifier,
): Promise<void> {
  const query = capture.query();
  const uri = givenUri(given) ?? (await ask(capture));
  if (uri === undefined) return;
  if (uri.path.endsWith(recording.ending)) return saveRecording(capture, { uri }, notifier);
  const { measure = defaultMeasure, fromUs, toUs } = query;
  if (capture.store.tallies.of(measure).samples === 0) {
    notifier.info(plain`There are no samples to export yet.`);
    return;
  }
  const format = formats.find((each) => uri.path.endsWith(each.ending));
  if (format === undefined) {
    const endings = [recording, ...formats].map((each) => each.ending).join(', ');
    notifier.error(plain`The name must end in one of ${endings}: the ending says the format.`);
    return;
  }
  const { title } = stackSeries[measure].exported;
  const name = [capture.targetName || capture.host, title].filter((each) => each !== '').join(', ');
  const snapshot = await capture.analysis.profile.snapshot({ measure, fromUs, toUs });
  await vscode.workspace.fs.writeFile(uri, await format.encode(encodersOf(), snapshot, name));
  const only = capture.analysis.focusedOn;
  const what = only === undefined ? 'The profile' : plain`What ${plainText(only.name, 100)} took`;
  const saved = plain`${what} was saved as ${nameOf(uri)}.`;
  if (format.ending === '.pb.gz') notifier.info(saved);
  else notifier.info(saved, opening(uri));
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}

function opening(uri: vscode.Uri): Action {
  const run = (): void => void vscode.commands.executeCommand('vscode.open', uri);
  return { title: plain`Open`, run };
}

async function ask(capture: Capture): Promise<vscode.Uri | undefined> {
  // A recording that was opened is a file already.
  const offered: readonly Format[] = capture.recorded ? formats : [recording, ...formats];
  const choices = offered.map((each) => ({ ...each, value: each }));
  const format = await choose(choices, { title: plain`Export Profile: format` });
  return format && askName(capture, format);
}

async function askName(capture: Capture, format: Format): Promise<vscode.Uri | undefined> {
  const stamp = new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-');
  const name = `${fileName(capture.host.slice(0, 100))}-${stamp}${format.ending}`;
  const chosen =
    format === recording
      ? await askWhereToSave(plain`Save Recording`, plain`Save`, name)
      : await askWhereToSave(plain`Export Profile`, plain`Export`, name);
  // The dialog lets the ending be typed over; the format that was chosen stands.
  if (chosen === undefined || chosen.path.endsWith(format.ending)) return chosen;
  return chosen.with({ path: chosen.path + format.ending });
}

export function givenUri(given: unknown): vscode.Uri | undefined {
  const uri: unknown = (given as { uri?: unknown } | undefined)?.uri;
  return uri instanceof vscode.Uri ? uri : undefined;
}
