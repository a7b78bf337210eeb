import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FrameFlag, FrameKind, Quality, VmState } from '../../../extension/profile/frames';
import { repositoryRoot } from '../../fixtures/root';

const proto = readFileSync(join(repositoryRoot, 'native/wire/acupoint.proto'), 'utf8');

/** The values of an enum of the wire, names in camel case without their prefix. */
function wireEnum(name: string, prefix: string): Record<string, number> {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(proto)?.[1] ?? '';
  const entries = [...body.matchAll(/^\s*(\w+) = (\d+);/gm)].map(([, key = '', value]) => {
    const words = key.replace(prefix, '').toLowerCase();
    return [words.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), Number(value)];
  });
  return Object.fromEntries(entries) as Record<string, number>;
}

/** The names of an enum as wireEnum writes them. */
function modelEnum(numbers: object, renamed: Record<string, string> = {}): Record<string, number> {
  const entries = Object.entries(numbers).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const name = renamed[key] ?? key;
      return [name[0]!.toLowerCase() + name.slice(1), value as number];
    }),
  );
}

describe("The model's numbers are those of the wire", () => {
  it('for kinds of frames', () => {
    const kinds = modelEnum(FrameKind, { GarbageCollector: 'gc' });
    assert.deepEqual(kinds, wireEnum('FrameKind', 'FRAME_'));
  });

  it('for flags of frames', () => {
    assert.deepEqual({ none: 0, ...FrameFlag }, wireEnum('FrameFlag', 'FRAME_FLAG_'));
  });

  it('for states of the VM', () => {
    assert.deepEqual(modelEnum(VmState), wireEnum('VmState', 'VM_'));
  });

  it('for the quality of stacks', () => {
    const qualities = modelEnum(Quality, { FunctionOnly: 'function' });
    assert.deepEqual(qualities, wireEnum('Quality', 'QUALITY_'));
  });
});
