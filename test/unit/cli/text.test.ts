import assert from 'node:assert/strict';
import { jsonText } from '../../../extension/cli/output';
import { tricks } from '../../fixtures/tricks';
import { commands } from '../../../extension/cli/commands';
import { helpOf, overview } from '../../../extension/cli/command-line/help';
import { hotFunctions } from '../../../extension/cli/hot-functions';
import { noSamplesText } from '../../../extension/cli/no-samples';
import { progressLine } from '../../../extension/cli/progress';
import { fit, tableLines } from '../../../extension/cli/table';
import { noHealth } from '../../../extension/capture/health';
import { sinceStart } from '../../../extension/profile/store';
import { sampleStore } from '../profile/sample-profile';
import { wilson } from '../../../extension/profile/interval';

describe('The terminal command shows', () => {
  it('how far a recording is, in as much room as there is', () => {
    assert.equal(progressLine(0, 10, 0, 45), `[${' '.repeat(17)}] 0.0 of 10.0 s  0 samples`);
    assert.equal(progressLine(5, 10, 316, 45), '[=======>       ] 5.0 of 10.0 s  316 samples');
    assert.match(progressLine(99, 10, 990, 200), /^\[={40}\] 10\.0 of 10\.0 s {2}990 samples$/);
    assert.equal(progressLine(5, 10, 316, 20), '5.0 of 10.0 s  316 samples');
  });

  it('why there is no sample, by the CPU time that there was', () => {
    const text = (given: Partial<typeof noHealth>) => noSamplesText({ ...noHealth, ...given });
    assert.match(text({ rateHz: 99 }), /used no CPU time while they were traced/);
    assert.match(text({ rateHz: 99, targetCpuUs: 4000 }), /used 4\.0 ms.*one sample in 10\.1 ms/);
    assert.match(
      text({ rateHz: 99, targetCpuUs: 2e6 }),
      /although.*2000\.0 ms.*gave the probe none/,
    );
    assert.match(
      text({ rateHz: 99, targetCpuUs: 2e6, lost: 7 }),
      /all 7 that were taken were lost/,
    );
    assert.equal(noSamplesText(undefined), 'There are no samples.');
  });

  it('hot functions, by self and by total', async () => {
    const store = sampleStore();
    const bySelf = await hotFunctions(store, sinceStart, 3);
    assert.deepEqual(
      bySelf.rows.map(({ name, self }) => [name, self * 16]),
      [
        ['burn', 7],
        ['do_syscall_64', 6],
        ['[garbage collector]', 2],
      ],
    );
    const [burn] = bySelf.rows;
    assert.deepEqual(burn, {
      name: 'burn',
      file: '/srv/kong/plugins/burner/handler.lua',
      line: 42,
      kinds: ['Lua (interpreted)', 'Lua (JIT)'],
      self: 7 / 16,
      selfInterval: wilson(7 / 16, 16),
      tied: false,
      total: 9 / 16,
      totalInterval: wilson(9 / 16, 16),
      hottestLine: 44,
      place: 'handler.lua:42',
    });
    const byTotal = await hotFunctions(store, sinceStart, 1, 'total');
    assert.equal(byTotal.rows[0]?.total, 10 / 16);
    assert.equal(byTotal.samples, 16);
  });

  it('a table whose lines are no wider than the terminal', async () => {
    const { rows } = await hotFunctions(sampleStore(), sinceStart, 10);
    const lines = tableLines(rows, 200);
    assert.equal(
      lines[1],
      '   43.8  23.1–66.8     56.3  Lua (both)         burn  handler.lua:42, most at line 44',
    );
    assert.ok(lines.every((line) => !/[\u0000-\u001f\u202e]/.test(line)));
    for (const width of [1, 10, 40])
      for (const line of tableLines(rows, width)) assert.ok(line.length <= width);
  });

  it('text cut by the columns that it takes', () => {
    assert.equal(fit('abcdef', 6), 'abcdef');
    assert.equal(fit('abcdef', 4), 'abc…');
    assert.equal(fit('名前空間', 5), '名前…');
    assert.equal(fit('e\u0301e\u0301', 2), 'e\u0301e\u0301');
  });

  it('help that fits a terminal', () => {
    for (const text of [overview(commands), ...commands.map(helpOf)])
      for (const line of text.split('\n')) assert.ok(line.length <= 100, line);
  });

  it('help with the range and the default of each option', () => {
    const top = helpOf(commands.find(({ name }) => name === 'top')!);
    assert.match(top, /^Usage: acupoint top \[user@host\] --pid P\|--master P \[options\]\n/);
    assert.match(top, /\n {6}--rate HZ {5}samples a second .*, 1 to 4999 \(99\)\n/);
    assert.match(top, /\n {2}-v, --verbose {5}say on stderr/);
    for (const { name, options } of commands) {
      const flags = Object.values(options).map(({ flag }) => flag);
      assert.equal(new Set(flags).size, flags.length, name);
    }
  });
});

const seenByNobody = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('output for machines', () => {
  it('is the same to a reader, and cannot be obeyed by a terminal', () => {
    for (const [trick, text] of Object.entries(tricks)) {
      for (const indent of [0, 2] as const) {
        const json = jsonText({ [trick]: text, rows: [text] }, indent);
        assert.deepEqual(JSON.parse(json), { [trick]: text, rows: [text] });
        for (const line of json.split('\n')) assert.doesNotMatch(line, seenByNobody);
      }
    }
  });
});
