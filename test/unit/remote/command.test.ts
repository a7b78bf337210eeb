import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { commandLine } from '../../../extension/remote/ssh/command';
import { MarkerGate } from '../../../extension/remote/ssh/marker-gate';

describe('a command line for any login shell', function () {
  this.timeout(20_000);
  it('holds nothing that a shell touches within single quotes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (argv) => {
        fc.pre(!argv.some((argument) => argument.includes('\0')));
        const [, script] = /^exec \/bin\/sh -c '([^']*)'$/.exec(commandLine(argv, 'marker-')) ?? [];
        assert.ok(script);
        assert.doesNotMatch(script, /[!\n\r]|\\(?!0)/);
      }),
    );
  });

  it('gives a program its arguments', () => {
    const argument = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1, maxLength: 5 }), (argv) => {
        const line = commandLine(['printf', '%s\\0', ...argv], 'marker-');
        const { stdout } = spawnSync('/bin/sh', ['-c', line]);
        const [, output] = /^marker-\d+\n([\s\S]*)$/.exec(stdout.toString()) ?? [];
        assert.deepEqual(output?.split('\0').slice(0, -1), argv.map(wellFormed));
      }),
      { numRuns: 25 },
    );
  });

  it('refuses what no program can be given', () => {
    assert.throws(() => commandLine([], 'm'), /no program/);
    assert.throws(() => commandLine(['a\0b'], 'm'), /zero byte/);
    assert.throws(() => commandLine(['x'.repeat(200_000)], 'm'), /too long/);
  });
});

/** What UTF-8 makes of a lone surrogate. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

describe('the gate behind a login shell', () => {
  const through = async (chunks: readonly string[]): Promise<{ out: string; noise: string }> => {
    let noise = '';
    const gate = new MarkerGate('mark-', (held) => (noise += held.toString()));
    let out = '';
    gate.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const ended = new Promise((resolve) => gate.once('end', resolve));
    for (const chunk of chunks) gate.write(chunk);
    gate.end();
    await ended;
    return { out, noise };
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

  it('gives what was said without a marker to the noise, as much as is of use', async () => {
    const { out, noise } = await through(['x'.repeat(100_000), 'not available\n']);
    assert.equal(out, '');
    assert.equal(noise.length, 64 * 1024);
    assert.ok(noise.endsWith('not available\n'));
  });
});
