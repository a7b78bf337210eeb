import { NotUnderstood } from './reader';

/** RFC 3492, with Rust's underscore in place of the hyphen. */
export function punycode(text: string): string {
  const cut = text.lastIndexOf('_');
  const out = Array.from(text.slice(0, Math.max(cut, 0)), (letter) => letter.codePointAt(0)!);
  let [code, index, bias] = [128, 0, 72];
  for (let at = cut + 1; at < text.length;) {
    const before = index;
    for (let weight = 1, k = 36; ; k += 36) {
      const digit = digitOf(text[at++]);
      index += digit * weight;
      const threshold = Math.min(26, Math.max(1, k - bias));
      if (digit < threshold) break;
      weight *= 36 - threshold;
    }
    const length = out.length + 1;
    bias = adapt(index - before, length, before === 0);
    code += Math.floor(index / length);
    if (!(code <= 0x10ffff)) throw new NotUnderstood();
    index %= length;
    out.splice(index++, 0, code);
  }
  return String.fromCodePoint(...out);
}

function digitOf(letter: string | undefined): number {
  const code = letter?.charCodeAt(0) ?? 0;
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 48 && code <= 57) return code - 22;
  throw new NotUnderstood();
}

function adapt(delta: number, length: number, isFirst: boolean): number {
  let left = Math.floor(delta / (isFirst ? 700 : 2));
  left += Math.floor(left / length);
  let k = 0;
  for (; left > 455; k += 36) left = Math.floor(left / 35);
  return k + Math.floor((36 * left) / (left + 38));
}
