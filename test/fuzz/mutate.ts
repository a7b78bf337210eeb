/** Changes of an input that keep most of it as it was, the same for the same random numbers. */

export type Random = (below: number) => number;

/** Numbers where readers go wrong: bounds of varints, of lengths, of enums. */
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x0f, 0x12, 0x1a, 0x22];
export const VARINTS = [0, 1, 127, 128, 2 ** 16, 2 ** 24, 2 ** 31, 2 ** 32 - 1, 2 ** 53];

type Change = (bytes: Uint8Array, random: Random) => Uint8Array;

const changes: readonly Change[] = [
  (bytes, random) => set(bytes, random, (at) => at ^ (1 << random(8))),
  (bytes, random) => set(bytes, random, () => random(256)),
  (bytes, random) => set(bytes, random, () => EDGES[random(EDGES.length)]!),
  (bytes, random) => set(bytes, random, (at) => at + 1),
  (bytes, random) => splice(bytes, random, random(16), new Uint8Array(0)),
  (bytes, random) => splice(bytes, random, 0, part(bytes, random)),
  (bytes, random) => splice(bytes, random, random(8), part(bytes, random)),
  (bytes, random) => splice(bytes, random, random(3), varint(VARINTS[random(VARINTS.length)]!)),
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
];

/** Of one text of bytes. */
export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  return changes[random(changes.length)]!(bytes, random);
}

/** Of a list: up to `most` times a part is left out, repeated, exchanged or changed. */
export function mutatedList(list: readonly Uint8Array[], random: Random, most = 4): Uint8Array[] {
  const result = [...list];
  for (let left = 1 + random(most); left > 0 && result.length > 0; left--) {
    const at = random(result.length);
    const other = random(result.length);
    const one = result[at]!;
    switch (random(8)) {
      case 0:
        result.splice(at, 1);
        break;
      case 1:
        result.splice(other, 0, one);
        break;
      case 2:
        [result[at], result[other]] = [result[other]!, one];
        break;
      case 3:
        result[at] = Buffer.concat([one, part(result[other]!, random)]);
        break;
      default:
        result[at] = mutated(one, random);
    }
  }
  return result;
}

function set(bytes: Uint8Array, random: Random, to: (now: number) => number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = random(Math.max(1, bytes.length));
  changed[at] = to(bytes[at] ?? 0);
  return changed;
}

function splice(bytes: Uint8Array, random: Random, left: number, put: Uint8Array): Uint8Array {
  const at = random(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + left)]);
}

function part(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random(bytes.length + 1);
  return bytes.subarray(from, from + random(64));
}

export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.of(...bytes, rest);
}
