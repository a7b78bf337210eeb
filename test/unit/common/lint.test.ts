/** The linter refuses every way past extension/ui: one that it does not know is found to be open. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ESLint, Linter } from 'eslint';
import { parser } from 'typescript-eslint';
import { repositoryRoot } from '../../fixtures/root';

/** Each line is wrong by itself. */
const wrong: Record<string, readonly string[]> = {
  'extension/views/menu.ts': [
    'void vscode.window.showErrorMessage(text);',
    'const { window } = vscode;',
    'const { showErrorMessage } = vscode.window;',
    'const notify = vscode.window.showInformationMessage;',
    "void vscode['window'].showWarningMessage(text);",
    'void vscode.window.createInputBox();',
    'void vscode.window.showQuickPick([text]);',
    'vscode.window.setStatusBarMessage(text);',
    'void vscode.window.createTerminal(text);',
    'void new vscode.MarkdownString(text);',
    'void new vscode.TreeItem(text);',
    'panel.title = text;',
    'process.stdout.write(text);',
    'console.log(text);',
  ],
  'extension/cli/commands/list.ts': ['process.stdout.write(text);', 'console.error(text);'],
  'extension/profile/store.ts': [
    "if (measure === 'cpu') go();",
    "const bytes = 'allocated' !== measure;",
    "switch (measure) { case 'offcpu': go(); }",
    "const found = all.find(({ name }) => name === 'requests.latency');",
  ],
  'webview/common/dom.ts': [
    "const unit = measure === 'cpu' ? 1 : 2;",
    'element.innerHTML = text;',
    "element.insertAdjacentHTML('beforeend', text);",
    'element.outerHTML = text;',
    'document.write(text);',
  ],
};

const restrictions = ['no-restricted-properties', 'no-restricted-syntax'];
/** With them text from outside comes into no other text unseen. They know types. */
const ofTypes = ['restrict-template-expressions', 'restrict-plus-operands', 'no-base-to-string'];

describe('The linter', function () {
  this.timeout(60_000);

  for (const [file, lines] of Object.entries(wrong)) {
    it(`refuses in ${file} what goes past the one way`, async () => {
      const rules = await rulesFor(file);
      const kept = restrictions.map((name) => [name, rules[name] ?? 'off'] as const);
      const config = { languageOptions: { parser }, rules: Object.fromEntries(kept) };
      const passed = lines.filter((line) => new Linter().verify(line, config).length === 0);
      assert.deepEqual(passed, []);
    });
  }

  it('refuses text from outside in templates and sums', async () => {
    const rules = await rulesFor('extension/views/menu.ts');
    for (const name of ofTypes) {
      const rule = rules[`@typescript-eslint/${name}`];
      assert.equal(Array.isArray(rule) ? rule[0] : rule, 2, name);
    }
  });
});

async function rulesFor(file: string): Promise<Linter.RulesRecord> {
  const eslint = new ESLint({ cwd: repositoryRoot });
  const config = (await eslint.calculateConfigForFile(join(repositoryRoot, file))) as {
    rules: Linter.RulesRecord;
  };
  return config.rules;
}
