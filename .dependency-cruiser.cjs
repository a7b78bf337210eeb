// Who may know whom. ARCHITECTURE.md says why.
const rooms = 'common|ui|remote|probe|profile|page|analysis|capture|source|editor|views|cli';
/** Files that every room may import. */
const common = '^extension/common/';
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: `^(extension/(${rooms})|webview)/`, pathNot: `${common}|${allowed}` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Types included: files that know each other can only be read together.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'vscode-only-at-the-edge',
      comment: 'The model, the far end and the terminal command run without VS Code.',
      severity: 'error',
      from: { path: '^extension/(common|remote|probe|profile|page|analysis|cli)' },
      to: { path: '^vscode$|@types/vscode' },
    },
    {
      name: 'pure-means-no-io',
      severity: 'error',
      from: { path: '^extension/(common|profile|page|analysis)/' },
      to: { dependencyTypes: ['core'] },
    },
    only(
      'common-knows-nobody',
      '^extension/common/',
      '^extension/common/',
      'Every room imports it.',
    ),
    only('ui-knows-nobody', '^extension/ui/', '^extension/ui/', 'It shows text, whatever it says.'),
    only(
      'profile-knows-nobody',
      '^extension/profile/',
      '^extension/profile/',
      'The model is pure.',
    ),
    only(
      'page-knows-the-model',
      '^extension/page/',
      '^extension/(page|profile)/',
      'What page and extension say to each other lies below both.',
    ),
    only('analysis-knows-the-model', '^extension/analysis/', '^extension/(analysis|profile)/'),
    only('remote-knows-nobody', '^extension/remote/', '^extension/remote/'),
    only('probe-knows-remote-and-model', '^extension/probe/', '^extension/(probe|remote|profile)/'),
    only(
      'capture-knows-the-far-end-and-the-model',
      '^extension/capture/',
      '^extension/(capture|remote|probe|profile|page|analysis)/',
    ),
    only(
      'source-stays-below-the-views',
      '^extension/source/',
      '^extension/(source|ui|capture|probe|profile)/',
    ),
    only(
      'editor-and-views',
      '^extension/(editor|views)/',
      '^extension/(editor|views|ui|source|capture|probe|profile|page|analysis|remote)/',
    ),
    {
      name: 'cli-commands-stand-alone',
      comment: 'The table alone knows commands; two commands share what stands above their folder.',
      severity: 'error',
      from: { path: '^extension/cli/(?!commands/index\\.ts)' },
      to: { path: '^extension/cli/commands/' },
    },
    only('webview-knows-the-model', '^webview/', '^webview/|^extension/(profile|page)/'),
    only(
      'webview-common-knows-nobody',
      '^webview/common/',
      '^webview/common/|^extension/(profile|page)/',
    ),
    only(
      'graph-knows-no-pane',
      '^webview/graph/',
      '^webview/(common|graph)/|^extension/(profile|page)/',
    ),
    only(
      'panes-know-the-graph',
      '^webview/panes/',
      '^webview/(common|graph|panes)/|^extension/(profile|page)/',
    ),
    only(
      'heap-knows-the-graph',
      '^webview/heap/',
      '^webview/(common|graph|heap)/|^extension/(profile|page)/',
    ),
    {
      name: 'a-pane-knows-no-other',
      comment: 'Each is one row of the table of panes.',
      severity: 'error',
      from: { path: '^webview/panes/([^/]+)/' },
      to: { path: '^webview/panes/[^/]+/', pathNot: '^webview/panes/$1/' },
    },
    {
      name: 'capture-page-in-its-own-bundle',
      comment: 'It is read when a page is first shown: others import its types.',
      severity: 'error',
      from: { path: '^extension/', pathNot: '^extension/views/capture-page/' },
      to: {
        path: '^extension/views/capture-page/',
        pathNot: '/view-type\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'toolkit-behind-one-module',
      comment: 'It is deprecated: replacing it must stay a one-file change.',
      severity: 'error',
      from: { pathNot: '^webview/common/toolkit\\.ts$' },
      to: { path: '@vscode/webview-ui-toolkit' },
    },
    {
      name: 'ssh2-behind-one-folder',
      severity: 'error',
      from: { path: '^(extension|webview)/', pathNot: '^extension/remote/ssh/' },
      to: { path: 'node_modules/ssh2|^ssh2' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|out)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
  },
};
