/**
 * Turns a compiler's symbol into its name in its own language: C++ by the Itanium ABI, without
 * parameters, and Rust in both of its schemes. A symbol not understood whole stays as it is: a raw
 * name is a nuisance, a wrong one a lie.
 * @see https://itanium-cxx-abi.github.io/cxx-abi/abi.html#mangling
 * @see https://doc.rust-lang.org/rustc/symbol-mangling/v0.html
 */
import type { FunctionInfo } from '../frames';
import { demangleCpp } from './cpp';
import { demangleLegacyRust } from './rust-legacy';
import { demangleRust } from './rust';

/** No symbol that people read is longer; the work grows with the length. */
const LONGEST = 4096;

/** @returns undefined where it is none of theirs, or more than is understood. */
export function demangle(symbol: string): string | undefined {
  if (symbol.length > LONGEST) return undefined;
  if (symbol.startsWith('_R')) return demangleRust(symbol);
  if (!symbol.startsWith('_Z')) return undefined;
  return demangleLegacyRust(symbol) ?? demangleCpp(symbol);
}

/**
 * Functions under their own language's names, their symbols kept; Lua's names are what they are. A
 * symbol is read once, whatever refers to it, and only so many are: to read one takes up to a
 * millisecond, and hostile ones can come by the hundred thousand. The others keep their raw names.
 */
export class OwnNames {
  private readonly known = new Map<string, string | undefined>();

  constructor(private readonly mostSymbols: number) {}

  of(info: FunctionInfo): FunctionInfo {
    if (!/^_[ZR]/.test(info.name) || info.line > 0) return info;
    const name = this.read(info.name);
    return name === undefined ? info : { ...info, name, symbol: info.name };
  }

  private read(symbol: string): string | undefined {
    if (this.known.has(symbol)) return this.known.get(symbol);
    if (this.known.size >= this.mostSymbols) return undefined;
    const name = demangle(symbol);
    this.known.set(symbol, name);
    return name;
  }
}
