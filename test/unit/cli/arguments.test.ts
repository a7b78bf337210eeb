import assert from 'node:assert/strict';
import { commands } from '../../../extension/cli/commands';
import { parseCommand } from '../../../extension/cli/command-line/parse';
import { stackSeries } from '../../../extension/profile/series';
import { UsageError } from '../../../extension/cli/exit';

const parsed = (line: string) => parseCommand(commands, line === '' ? [] : line.split(' '));
/** The name of the command, and what it is asked to do. */
const parse = (line: string) => {
  const given = parsed(line);
  assert.ok(given.kind === 'run');
  return { command: given.command.name, ...given.request } as Record<string, unknown>;
};

describe('The command line', () => {
  it('is read for record', () => {
    const { series, ...command } = parse(
      'record root@web1:2222 --pid 42 --no-request-labels --seconds 2.5 --rate 999 --out a/x.pb.gz',
    );
    assert.deepEqual(command, {
      command: 'record',
      destination: { kind: 'ssh', host: 'web1', user: 'root', port: 2222 },
      sshConfig: undefined,
      verbose: false,
      json: false,
      target: { pid: 42 },
      rateHz: 999,
      requestLabels: false,
      budgetPercent: 1,
      sampler: undefined,
      seconds: 2.5,
      watch: [],
      out: { path: 'a/x.pb.gz', format: 'pprof' },
      heap: false,
    });
    assert.equal(series, stackSeries.cpu);
  });

  it('is read for install', () => {
    assert.deepEqual(parse('install web1 --group ops --by sudo --out x.sh'), {
      command: 'install',
      destination: { kind: 'ssh', host: 'web1' },
      sshConfig: undefined,
      verbose: false,
      json: false,
      remove: false,
      by: 'sudo',
      to: { group: 'ops' },
      now: false,
      out: 'x.sh',
    });
  });

  it('names nobody to install for whom a host cannot know, or a script show', () => {
    for (const name of ['a:b', 'ann,root', 'a\nb', '\u202ex', '\u001b[2J', '+x', ''])
      assert.throws(
        () => parse(`install web1 --for=${name}`),
        (error) => error instanceof UsageError && /cannot be the name/.test(error.message),
      );
  });

  it('is read for top, on this machine unless told otherwise', () => {
    assert.deepEqual(parse('top --master 7 --window 0 --json -v -F /etc/c'), {
      command: 'top',
      destination: { kind: 'local' },
      sshConfig: '/etc/c',
      verbose: true,
      json: true,
      target: { master: 7 },
      rateHz: 99,
      requestLabels: true,
      budgetPercent: 1,
      sampler: undefined,
      seconds: Infinity,
      windowSeconds: Infinity,
      rows: 20,
    });
  });

  it('tells formats by the ending of the name, or by --format', () => {
    const formatOf = (rest: string) => {
      const { out } = parse(`record --pid 1 ${rest}`) as { out?: { format: string } };
      return out?.format;
    };
    assert.equal(formatOf('--out x.folded'), 'folded');
    assert.equal(formatOf('--out x.speedscope.json'), 'speedscope');
    assert.equal(formatOf('-o X.PB.GZ'), 'pprof');
    assert.equal(formatOf('-o x.acupoint --heap'), 'recording');
    assert.equal(formatOf('-o - --format speedscope'), 'speedscope');
    assert.equal(formatOf('--json'), undefined);
  });

  it('is read for recordings', () => {
    const common = { destination: { kind: 'local' }, sshConfig: undefined, verbose: false };
    const { rules, ...plugins } = parse('plugins --from x.acupoint --by uri --json');
    assert.ok(rules);
    assert.deepEqual(plugins, {
      command: 'plugins',
      ...common,
      json: true,
      from: 'x.acupoint',
      by: 'uri',
    });
    assert.deepEqual(parse('heap --from x.acupoint --snapshot 2'), {
      command: 'heap',
      ...common,
      json: false,
      from: 'x.acupoint',
      snapshot: 2,
      pid: undefined,
      out: undefined,
      maxPauseMs: 200,
      compare: undefined,
      folded: undefined,
      groups: [],
    });
  });

  it('is read for instruments', () => {
    const { by, rows, target } = parse('requests --master 7 --by status --rows 3 --json');
    assert.deepEqual([by, rows, target], ['status', 3, { master: 7 }]);
    assert.equal(parse('offcpu --pid 7').rows, undefined);
    assert.equal(parse('jit --from x.acupoint').from, 'x.acupoint');
    const recorded = parse('record --pid 7 --offcpu --watch jit --watch requests -o x.acupoint');
    assert.equal(recorded.series, stackSeries.offcpu);
    assert.deepEqual(recorded.watch, ['jit', 'requests']);
  });

  it('asks for help and version', () => {
    const helped = (line: string) => {
      const given = parsed(line);
      return given.kind === 'help' ? (given.command?.name ?? 'all') : given.kind;
    };
    assert.equal(helped('--help'), 'all');
    assert.equal(helped('record --help'), 'record');
    assert.equal(helped('record -h --pid x'), 'record');
    assert.equal(helped('help top'), 'top');
    assert.equal(helped('help nothing'), 'all');
    assert.equal(helped('--version'), 'version');
  });

  it('names the command whose help says more', () => {
    assert.throws(
      () => parsed('top --pid 1 --rows 0'),
      (error) => error instanceof UsageError && error.command === 'top',
    );
  });

  const wrong: [string, RegExp][] = [
    ['', /command is missing/],
    ['frobnicate', /"frobnicate" is not a command/],
    ['list a b', /"b" is one too many/],
    ['list -F', /argument missing/],
    ['list --pid 3', /Unknown option '--pid'/],
    ['list -oProxyCommand=x', /Unknown option/],
    ['record --pid 1', /Say where to write/],
    ['record --pid 1 --out x.svg', /"x.svg"/],
    ['record --pid 1 --out -', /--format/],
    ['record --pid 1 --out x.folded --format svg', /"svg" is not a format/],
    ['record --pid 1 --out - --format folded --json', /both want stdout/],
    ['record --out x.folded', /--pid for one worker/],
    ['record --pid 1 --master 2 --out x.folded', /--pid for one worker/],
    ['record --pid 1x --out x.folded', /--pid takes a number/],
    ['record --pid -1 --out x.folded', /--pid/],
    ['record --pid 1.5 --out x.folded', /whole number/],
    ['record --pid 1 --out x.folded --rate 0', /1 to 4999/],
    ['record --pid 1 --out x.folded --rate 5000', /1 to 4999/],
    ['record --pid 1 --out x.folded --seconds 0', /0.1 to 86400/],
    ['record --pid 1 --out x.folded --seconds 1e3', /--seconds/],
    ['top --pid 1 --rows 0', /--rows/],
    ['plugins --from x.acupoint --pid 1', /--pid cannot change it/],
    ['plugins --from x.acupoint --seconds 3', /--seconds cannot change it/],
    ['plugins web1 --from x.acupoint', /no host/],
    ['record --from x.acupoint --out y.acupoint', /a recording already/],
    ['record --pid 1 --out x.folded --heap', /--heap goes into a recording/],
    ['record --pid 1 --out x.folded --watch jit', /--watch goes into a recording/],
    ['record --pid 1 --out x.acupoint --watch cpu', /"cpu" is not an instrument/],
    ['record --pid 1 --out x.folded --allocations --offcpu', /a file shows one/],
    ['record --from x.acupoint --watch jit --json', /--watch cannot change it/],
    ['requests --pid 1 --by owner', /"owner" is not a key/],
    ['requests --from x.acupoint --budget 2', /--budget cannot change it/],
    ['jit', /--pid for one worker/],
    ['heap --from x.acupoint --out y.acupoint', /--out cannot change it/],
    ['heap --pid 1 --snapshot 1', /give --from/],
    ['heap --pid 1 --out x.folded', /must end in \.acupoint/],
    ['heap', /--pid/],
    ['install web1 --by doas', /"doas" is not a way/],
    ['install web1 --for ann --group ops', /not both/],
    ['install web1 --remove --for ann', /--remove takes all away/],
    ['install web1 --now --out x', /nothing to write/],
  ];
  for (const [line, message] of wrong)
    it(`is refused: acupoint ${line}`, () => {
      assert.throws(
        () => parsed(line),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    });
});
