import { NotUnderstood, Reader, understood } from './reader';

const ESCAPES: Readonly<Record<string, string>> = {
  SP: '@',
  BP: '*',
  RF: '&',
  LT: '<',
  GT: '>',
  LP: '(',
  RP: ')',
  C: ',',
};

/** Rust's first scheme: a C++ name whose last part is a hash, `17h` and 16 hexadecimal digits. */
export function demangleLegacyRust(symbol: string): string | undefined {
  const body = /^_ZN(.+)17h[0-9a-f]{16}E(?:\.llvm\.[0-9A-F@]+)?$/.exec(symbol)?.[1];
  if (body === undefined) return undefined;
  return understood(() => {
    const reader = new Reader(body);
    const parts: string[] = [];
    while (!reader.isDone) parts.push(unescape(reader.chars(reader.number())));
    return parts.join('::');
  });
}

function unescape(part: string): string {
  const text = part.startsWith('_$') ? part.slice(1) : part;
  return text.replace(/\$([^$]*)\$|\.\.|[^\w.$]/g, (found, name: string | undefined) => {
    if (found === '..') return '::';
    const code = /^u([0-9a-f]{1,6})$/.exec(name ?? '')?.[1];
    const value = code === undefined ? ESCAPES[name ?? ''] : character(parseInt(code, 16));
    if (value === undefined) throw new NotUnderstood();
    return value;
  });
}

function character(code: number): string | undefined {
  return code >= 0x20 && code <= 0x10ffff && code !== 0x7f ? String.fromCodePoint(code) : undefined;
}
