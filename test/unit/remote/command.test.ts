import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { commandLine, goAhead } from '../../../extension/remote/ssh/command';
import { MarkerGate } from '../../../extension/remote/ssh/marker-gate';

describe('a command line for any login shell', function () {
  this.timeout(20_000);
  it('holds nothing that a shell touches within single quotes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (argv) => {
        fc.pre(!argv.some((argument) => argument.includes('\0')));
        for (const careful of [false, true]) {
          const line = commandLine(argv, 'marker-', careful);
          const [, script] = /^exec \/bin\/sh -c '([^']*)'$/.exec(line) ?? [];
          assert.ok(script);
          assert.doesNotMatch(script, /[!\n\r]|\\(?!0)/);
        }
      }),
    );
  });

  it('gives a program its arguments', () => {
    const argument = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 5 }), (argv) => {
        const line = commandLine(['printf', '%s\\0', ...argv], 'marker-');
        const { stdout, stderr } = spawnSync('/bin/sh', ['-c', line]);
        assert.match(stderr.toString(), /^\nmarker-\d+\n$/);
        const [, output] = /^\nmarker-\d+\n([\s\S]*)$/.exec(stdout.toString()) ?? [];
        assert.deepEqual(output?.split('\0').slice(0, -1), argv.map(wellFormed));
      }),
      { numRuns: 25 },
    );
  });

  it('does not hold its marker, so that whoever prints it has not printed the marker', () => {
    for (const careful of [false, true]) {
      const line = commandLine(['true'], 'marker-', careful);
      assert.ok(!line.includes('marker-'));
      const script = line.replace(/\\0(\d{3})/g, (_, octal: string) =>
        String.fromCharCode(parseInt(octal, 8)),
      );
      assert.ok(!script.includes('marker-'), script);
    }
  });

  it('drops lines of input that came before the program, where it is careful', () => {
    const line = commandLine(['cat'], 'marker-', true);
    const input = `for somebody else\nmarker-g\n${goAhead('marker-')}for\nthe program`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', line], { input });
    assert.match(stdout.toString(), /^\nmarker-\d+\nfor\nthe program$/);
    assert.match(stderr.toString(), /^\nmarker-\d+\n$/);
  });

  it('refuses what no program can be given', () => {
    assert.throws(() => commandLine([], 'm'), /no program/);
    assert.throws(() => commandLine(['a\0b'], 'm'), /zero byte/);
    assert.throws(() => commandLine(['x'.repeat(200_000)], 'm'), /too long/);
  });
});

/** Returns what UTF-8 makes of a lone surrogate. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

describe('the gate behind a login shell', () => {
  const through = async (chunks: readonly string[]): Promise<{ out: string; noise: string }> => {
    const gate = new MarkerGate('mark-');
    let out = '';
    gate.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const ended = new Promise((resolve) => gate.once('end', resolve));
    for (const chunk of chunks) gate.write(chunk);
    gate.end();
    await ended;
    return { out, noise: gate.noise.toString() };
  };

  it('lets through what follows the marker, wherever the stream is cut', async () => {
    const text = 'Welcome\nmark-42\nmark-7\noutput';
    for (let at = 0; at <= text.length; at++) {
      const { out, noise } = await through([text.slice(0, at), text.slice(at)]);
      assert.deepEqual([out, noise], ['mark-7\noutput', '']);
    }
    const { out } = await through([...text]);
    assert.equal(out, 'mark-7\noutput');
  });

  it('takes a marker only as a line of its own', async () => {
    const text = '[audit] echo mark-1\nmark-$$\nmark-12 more\nxmark-3\nmark-4\nout';
    assert.equal((await through([text])).out, 'out');
    assert.equal((await through([...text])).out, 'out');
  });

  it('knows a terminal in between', async () => {
    const gate = new MarkerGate('mark-');
    const opened = once(gate, 'open');
    gate.end('\r\nmark-42-tty\r\n');
    await opened;
    assert.deepEqual([gate.pid, gate.behindTerminal], [42, true]);
  });

  it('gives what was said without a marker to the noise, as much as is of use', async () => {
    const { out, noise } = await through(['x'.repeat(100_000), 'not available\n']);
    assert.equal(out, '');
    assert.equal(noise.length, 64 * 1024);
    assert.ok(noise.endsWith('not available\n'));
  });
});
