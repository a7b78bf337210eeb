import tseslint from 'typescript-eslint';

const browserGlobals = ['document', 'window', 'navigator'];

const onlyInUi =
  'Text goes to VS Code through extension/ui, which takes text that is harmless there.';
/** Methods of VS Code that show a text. */
const vscodeSinks = [
  'showErrorMessage',
  'showWarningMessage',
  'showInformationMessage',
  'showInputBox',
  'createInputBox',
  'showQuickPick',
  'createQuickPick',
  'showSaveDialog',
  'showOpenDialog',
  'showWorkspaceFolderPick',
  'withProgress',
  'withScmProgress',
  'setStatusBarMessage',
  'createStatusBarItem',
  'createOutputChannel',
  'createTerminal',
  'createTreeView',
  'registerTreeDataProvider',
  'createWebviewPanel',
  'createDiagnosticCollection',
  'createCommentController',
  'createSourceControl',
  'registerFileDecorationProvider',
  'registerTerminalLinkProvider',
];
/** Its classes that hold one. */
const vscodeTexts = [
  'MarkdownString',
  'Hover',
  'CodeLens',
  'InlayHint',
  'TreeItem',
  'Diagnostic',
  'CodeAction',
  'CompletionItem',
  'SignatureInformation',
  'DocumentLink',
  'FileDecoration',
  'NotebookCellOutputItem',
].join('|');
const uiOnly = [
  `NewExpression[callee.property.name=/^(${vscodeTexts})$/]`,
  // Each reaches a sink past the rules above.
  "ImportDeclaration[source.value='vscode'][importKind!='type'] > ImportSpecifier",
  "VariableDeclarator[init.name='vscode'] > ObjectPattern",
  "VariableDeclarator[init.object.name='vscode'] > ObjectPattern",
  "MemberExpression[object.object.name='vscode'][computed=true]",
  'Property[key.name=/^(contentText|hoverMessage|tooltip|detail|placeHolder)$/][value.type=/^(Literal|TemplateLiteral|BinaryExpression)$/]',
  'AssignmentExpression[left.property.name=/^(title|tooltip|prompt|placeholder|validationMessage|contentText)$/]',
].map((selector) => ({ selector, message: onlyInUi }));

const onlyInOutput =
  'cli/output.ts and cli/terminal.ts write to the terminal: they make text harmless.';
const terminalOnly = [
  "MemberExpression[object.property.name=/^std(out|err)$/][property.name='write']",
  "MemberExpression[object.name='console']",
].map((selector) => ({ selector, message: onlyInOutput }));

// A difference between series is a property in the table of them.
const seriesName = '/^(cpu|allocated|offcpu)$|^(cpu|allocations|offcpu|requests|jit)\\./';
const noSeriesNames = [
  `BinaryExpression[operator=/^[!=]==?$/] > Literal[value=${seriesName}]`,
  `SwitchCase > Literal[value=${seriesName}]`,
].map((selector) => ({
  selector,
  message: 'No comparison of a series by name: extension/profile/series.ts has what differs.',
}));

const noMarkup = [
  'AssignmentExpression[left.property.name=/^(innerHTML|outerHTML|srcdoc)$/]',
  'CallExpression[callee.property.name=/^(insertAdjacentHTML|setHTML|setHTMLUnsafe|parseFromString|createContextualFragment|write|writeln)$/]',
  'MemberExpression[property.name=/^(innerHTML|outerHTML)$/]',
].map((selector) => ({ selector, message: 'Text goes into the page by textContent.' }));

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'out/',
      '.cache/',
      'node_modules/',
      'native/',
      '**/generated/',
      '*.cjs',
      '**/page/**/*.js',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './webview/tsconfig.json', './scripts/tsconfig.json'],
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksConditionals: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', 500],
      'no-restricted-globals': ['error', 'name', 'event'],
    },
  },
  {
    // Values that scripts read (options, package files) have no types of their own.
    files: ['**/*.mjs'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['extension/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...browserGlobals],
      'no-restricted-syntax': ['error', ...noSeriesNames],
    },
  },
  {
    files: ['extension/**/*.ts'],
    ignores: ['extension/ui/**', 'extension/cli/**', 'extension/cli.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...vscodeSinks.map((property) => ({ property, message: onlyInUi })),
      ],
      'no-restricted-syntax': ['error', ...uiOnly, ...terminalOnly, ...noSeriesNames],
    },
  },
  {
    files: ['extension/cli/**/*.ts', 'extension/cli.ts'],
    ignores: ['extension/cli/output.ts'],
    rules: { 'no-restricted-syntax': ['error', ...terminalOnly, ...noSeriesNames] },
  },
  {
    files: ['webview/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...noMarkup, ...noSeriesNames] },
  },
);
