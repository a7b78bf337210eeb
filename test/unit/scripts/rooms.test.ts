import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Lines of files by path, and the violations that scripts/check/rooms.mjs prints for them. */
function violations(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'acupoint-rooms-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { status, stderr } = spawnSync('node', ['scripts/check/rooms.mjs', folder], {
      encoding: 'utf8',
    });
    const lines = stderr.split('\n').filter((line) => line !== '');
    assert.equal(status, lines.length > 0 ? 1 : 0);
    return lines.map((line) => line.slice(line.lastIndexOf(`${folder.split('/').pop()}/`)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const include = (...paths: string[]) => paths.map((path) => `#include "${path}"\n`).join('');

function assertOne(files: Record<string, string>, expected: RegExp): void {
  const found = violations(files);
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0] ?? '', expected);
}

describe('the floors of the rooms in C', () => {
  it('lets an include go down', () => {
    assert.deepEqual(
      violations({
        'main.c': include('commands/commands.h'),
        'luajit/vm.c': include('luajit/vm.h', 'host/memory.h', 'vm.h'),
        'luajit/vm.h': '#include <stdint.h>\n',
        'wire/messages.h': include('acupoint.pb.h', 'model/model.h'),
        'instruments/table.c': include('instruments/cpu/cpu.h', 'instruments/jit/jit.h'),
        'instruments/cpu/cpu.c': include('instruments/instrument.h', 'instruments/cpu/cpu.h'),
      }),
      [],
    );
  });

  it('names the line that goes up', () => {
    assertOne(
      { 'host/memory.c': '// Reads memory.\n' + include('host/memory.h', 'trace/failure.h') },
      /host\/memory\.c:3: host\/ includes trace\/failure\.h, which is on a floor above it$/,
    );
  });

  it('keeps instruments apart', () => {
    assertOne(
      { 'instruments/cpu/cpu.c': include('instruments/jit/jit.h') },
      /cpu\.c:1: .*neighbour/,
    );
    assertOne({ 'instruments/instrument.h': include('instruments/jit/jit.h') }, /only table\.c/);
  });

  it('wants a floor for each room', () => {
    assertOne({ 'cellar/wine.c': include('host/memory.h') }, /room cellar\/ has no floor/);
  });
});
