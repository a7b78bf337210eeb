/** Every way to VS Code's screen, driven with what a hostile host may say; reads what VS Code got. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { fromOutside } from '../../extension/common/outside';
import { plain, plainText, type Plain } from '../../extension/common/plain';
import { confirm, LogChannel, notify, sayInPassing, shownError } from '../../extension/ui/messages';
import {
  askWhereToSave,
  askWhichToOpen,
  choose,
  inputBox,
  Picker,
  withProgress,
} from '../../extension/ui/questions';
import {
  codeLens,
  hover,
  openTab,
  retitle,
  StatusBarItem,
  textBehind,
} from '../../extension/ui/widgets';
import { aLink, anySyntax, hidden, tricks } from '../fixtures/tricks';

type Window = Record<string, (...given: never[]) => unknown>;
const window = vscode.window as unknown as Window;

/** Takes the place of a method of vscode.window while `work` runs. @returns what it was given. */
async function given(
  method: string,
  answer: (...args: unknown[]) => unknown,
  work: () => unknown,
): Promise<unknown[]> {
  const real = window[method]!;
  let seen: unknown[] | undefined;
  window[method] = (...args: unknown[]) => {
    seen = args;
    return answer(...args);
  };
  try {
    await work();
  } finally {
    window[method] = real;
  }
  assert.ok(seen, `${method} was not called`);
  return seen;
}

/** All texts in it, however deep; an icon of ours is taken off. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value.replace(/^\$\([a-z~-]+\) /, '')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

function assertPlain(value: unknown, where: string): void {
  const texts = textsOf(value);
  assert.ok(texts.length > 0, where);
  for (const text of texts) {
    assert.doesNotMatch(text, aLink, where);
    assert.doesNotMatch(text, anySyntax, where);
    // Lines below each other are ours.
    assert.doesNotMatch(text.replaceAll('\n', ''), hidden, where);
    assert.ok(text.length < 10_000, `${where}: ${text.length} characters`);
  }
}

let tab: vscode.WebviewPanel | undefined;
const never = (): Promise<undefined> => Promise.resolve(undefined);

/** Gives VS Code a text, by the sink. */
const sinks: Record<string, (text: Plain) => Promise<unknown>> = {
  'error notification': (text) =>
    given('showErrorMessage', never, () => notify('error', text, [text])),
  'warning notification': (text) =>
    given('showWarningMessage', never, () => notify('warning', text, [text])),
  'information notification': (text) =>
    given('showInformationMessage', never, () => notify('information', text, [text])),
  dialog: (text) => given('showWarningMessage', never, () => confirm(text, text, text)),
  'status message': (text) => given('setStatusBarMessage', never, () => sayInPassing(text, 10)),
  progress: async (text) => {
    const reports: unknown[] = [];
    const token = new vscode.CancellationTokenSource().token;
    const run = (options: unknown, work: unknown): unknown => {
      reports.push((options as { title: string }).title);
      const bar = { report: (step: unknown) => reports.push(step) };
      return (work as (bar: unknown, token: unknown) => unknown)(bar, token);
    };
    await given('withProgress', run, () =>
      withProgress(text, async (progress) => progress.report(text, 10)),
    );
    return reports;
  },
  'input box': async (text) => {
    const box = inputBox({ title: text, prompt: text, secret: true, complaint: text });
    const { title, prompt, validationMessage } = box;
    box.dispose();
    return { title, prompt, validationMessage };
  },
  'quick pick': (text) =>
    given('showQuickPick', never, () =>
      choose([{ icon: 'flame', label: text, description: text, detail: text }], {
        title: text,
        placeHolder: text,
      }),
    ),
  'quick pick that changes': async (text) => {
    const real = vscode.window.createQuickPick();
    await given(
      'createQuickPick',
      () => real,
      () => {
        const picker = new Picker<number>(text, text);
        picker.choices = [
          { icon: 'vm', label: text, description: text, detail: text, value: 1 },
          { label: text, separator: true },
        ];
        picker.hint(text);
      },
    );
    const { title, placeholder } = real;
    const items = real.items.map(({ label, description, detail }) => [label, description, detail]);
    real.dispose();
    return { title, placeholder, items };
  },
  'status bar item and its tooltip': async (text) => {
    const item = new StatusBarItem('acupoint.test', text, 'acupoint.menu');
    item.show('flame', text, [text, text], true);
    const shown = [item.text, item.tooltip];
    item.dispose();
    return shown;
  },
  tab: async (text) => {
    // One for all: a tab takes the window a moment.
    if (tab === undefined) tab = openTab('acupoint.test', text, true);
    else retitle(tab, text);
    return tab.title;
  },
  'lens above a function': async (text) => {
    const { command } = codeLens(0, { title: text, tooltip: text, command: 'x', arguments: [] });
    return [command?.title, command?.tooltip];
  },
  'text behind a line': async (text) =>
    textBehind(new vscode.Range(0, 0, 0, 1), text).renderOptions?.after?.contentText,
  'dialog for a file to save': (text) =>
    given('showSaveDialog', never, () => askWhereToSave(text, text, 'x')),
  'dialog for a file to open': (text) =>
    given('showOpenDialog', never, () => askWhichToOpen(text, { x: ['y'] })),
  'error in the place of an editor': async (text) =>
    shownError(undefined, fromOutside(text)).message,
};

describe('what a hostile host says', () => {
  after(() => {
    tab?.dispose();
  });

  for (const [name, sink] of Object.entries(sinks)) {
    it(`is text and nothing else in: ${name}`, async () => {
      for (const [trick, text] of Object.entries(tricks)) {
        assertPlain(await sink(plainText(text, 500)), `${name}, ${trick}`);
        assertPlain(await sink(plain`It says ${text}.`), `${name}, ${trick}`);
      }
    });
  }

  it('is text and nothing else in a hover, as VS Code renders it', async () => {
    for (const [trick, text] of Object.entries(tricks)) {
      const [markdown] = hover([plainText(text, 500), plain`and ${text}`]).contents;
      assert.ok(markdown instanceof vscode.MarkdownString);
      assert.ok(!markdown.isTrusted && !markdown.supportHtml && !markdown.supportThemeIcons);
      const html = await vscode.commands.executeCommand<string>(
        'markdown.api.render',
        markdown.value,
      );
      // Before the text stands an element of VS Code's own.
      const tags = [...html.slice(html.indexOf('<p ')).matchAll(/<\/?([a-z0-9]+)/gi)].map(
        ([, tag]) => tag,
      );
      assert.deepEqual([...new Set(tags)], ['p'], `${trick}: ${html.slice(0, 500)}`);
    }
  });

  it('is one entry in the log, whatever lines it has', async () => {
    const written: string[] = [];
    const write = (line: string): void => void written.push(line);
    const channel = { trace: write, info: write, warn: write, error: write };
    let log: LogChannel | undefined;
    await given(
      'createOutputChannel',
      () => channel,
      () => (log = new LogChannel('Test')),
    );
    for (const text of Object.values(tricks)) {
      for (const level of ['trace', 'info', 'warn', 'error'] as const) log?.[level](text);
    }
    assert.equal(written.length, 4 * Object.keys(tricks).length);
    for (const entry of written) {
      const [first, ...others] = entry.split('\n');
      assert.doesNotMatch(first ?? '', hidden);
      for (const line of others) {
        assert.match(line, /^ {4}/);
        assert.doesNotMatch(line, hidden);
      }
      assert.ok(entry.length <= 900_000);
    }
  });

  it('names no file outside the folder that was offered', async () => {
    for (const [trick, text] of Object.entries(tricks)) {
      const [options] = await given('showSaveDialog', never, () =>
        askWhereToSave(plain`Save`, plain`Save`, text),
      );
      const { defaultUri } = options as vscode.SaveDialogOptions;
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri.path ?? '';
      const name = defaultUri?.path.slice(folder.length + 1) ?? '';
      assert.ok(defaultUri?.path.startsWith(`${folder}/`), trick);
      assert.match(name, /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/, trick);
    }
  });
});
