/** C data by type. */
import { visible } from '../../common/outside';
import { type CType, type HeapGraph, ObjectType } from './graph';

export interface CdataRow {
  readonly type: string;
  readonly count: number;
  readonly bytes: number;
  /** Of them, those with a finalizer. */
  readonly finalizers: number;
}

const FINALIZER = 2 ** 31;
const Kind = {
  number: 0,
  struct: 1,
  pointer: 2,
  array: 3,
  void: 4,
  enum: 5,
  function: 6,
  typedef: 7,
} as const;
const Flag = { bool: 0x08000000, float: 0x04000000, unsigned: 0x00800000, union: 0x00800000 };

export function cdataRows(graph: HeapGraph): CdataRow[] {
  const rows = new Map<string, { count: number; bytes: number; finalizers: number }>();
  const names = new Map<number, string>();
  for (let id = 1; id <= graph.count; id++) {
    if (graph.types[id] !== ObjectType.cdata) continue;
    const detail = graph.details[id]!;
    const ctype = detail % FINALIZER;
    const name = names.get(ctype) ?? ctypeName(graph.ctypes, ctype);
    names.set(ctype, name);
    const row = rows.get(name) ?? { count: 0, bytes: 0, finalizers: 0 };
    row.count++;
    row.bytes += graph.sizes[id]!;
    row.finalizers += detail >= FINALIZER ? 1 : 0;
    rows.set(name, row);
  }
  return [...rows]
    .map(([type, row]) => ({ type, ...row }))
    .sort((left, right) => right.bytes - left.bytes);
}

/** As in C; what cannot be told has the number that LuaJIT gives it. */
export function ctypeName(types: readonly CType[], id: number, depth = 0): string {
  const type = types[id];
  if (type === undefined || depth > 8) return `ctype ${id}`;
  const kind = type.info >>> 28;
  const child = () => ctypeName(types, type.info & 0xffff, depth + 1);
  if (kind === Kind.struct) {
    const word = (type.info & Flag.union) !== 0 ? 'union' : 'struct';
    const name = type.name === '' ? typedefOf(types, id) : `${word} ${type.name}`;
    return name === undefined ? `${word} of ${type.size} bytes` : visible(name);
  }
  if (kind === Kind.number) return numberName(type);
  if (kind === Kind.pointer) return `${child()} *`;
  if (kind === Kind.array) return `${child()}[]`;
  if (kind === Kind.void) return 'void';
  if (kind === Kind.enum) return `enum ${visible(type.name)}`.trim();
  if (kind === Kind.function) return 'function';
  return type.name === '' ? child() : visible(type.name);
}

/** The name that was given to a type without one. */
function typedefOf(types: readonly CType[], id: number): string | undefined {
  return types.find(
    ({ info, name }) => info >>> 28 === Kind.typedef && (info & 0xffff) === id && name !== '',
  )?.name;
}

function numberName({ info, size }: CType): string {
  if ((info & Flag.bool) !== 0) return 'bool';
  if ((info & Flag.float) !== 0) return size === 4 ? 'float' : 'double';
  return `${(info & Flag.unsigned) !== 0 ? 'u' : ''}int${size * 8}_t`;
}
