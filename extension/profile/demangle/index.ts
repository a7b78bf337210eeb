/**
 * What a compiler's symbol is called in its own language: C++ by the Itanium ABI, without
 * parameters, and Rust in both of its schemes. What is not understood whole stays as it is: a raw
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

/** The function under its own language's name, its symbol kept; Lua's names are what they are. */
export function underOwnName(info: FunctionInfo): FunctionInfo {
  if (!/^_[ZR]/.test(info.name) || info.line > 0) return info;
  const name = demangle(info.name);
  return name === undefined ? info : { ...info, name, symbol: info.name };
}
