import {
  Function,
  Label,
  Line,
  Location,
  Mapping,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { FrameKind } from '../frames';
import { visible } from '../../common/outside';
import { stackSeries } from '../series';
import { fileText, isLua } from '../names';
import { DistinctNames, type OwnName } from './distinct-names';
import type { ProfileSnapshot } from './snapshot';

/**
 * The profile as pprof knows it, not compressed. Functions carry the line where they are defined,
 * locations the line that was executing, so that both "which function" and "which line of it" can
 * be asked. Samples have two values: their number, and on-CPU nanoseconds or bytes; as labels they
 * have their phase, and method, host and URI of their request, as far as these are known.
 * @param name what was recorded; stands where pprof has the name of the binary.
 * @param ownName what Lua functions are called, as on the page.
 */
export function toPprof(
  snapshot: ProfileSnapshot,
  name: string,
  ownName: OwnName = ({ name }) => name,
): Uint8Array {
  const strings = new StringTable();
  const id = (text: string) => strings.dedup(text);
  const names = new DistinctNames(snapshot.functions, snapshot.frames, ownName);
  const dictionary = new Dictionary(snapshot, names, id);
  const { stacks, labelGroups, requestGroups, weights, counts } = snapshot.labelled;
  const { type, unit, scale } = stackSeries[snapshot.measure].exported.pprof;
  const sample = Array.from(
    stacks,
    (stack, row) =>
      new Sample({
        locationId: dictionary.locationsOf(stack),
        value: [counts[row]!, weights[row]! * scale],
        label: labelsOf(snapshot, labelGroups[row]!, requestGroups[row]!).map(
          ([key, text]) => new Label({ key: id(key), str: id(text) }),
        ),
      }),
  );
  const value = () => new ValueType({ type: id(type), unit: id(unit) });
  const profile = new Profile({
    sampleType: [new ValueType({ type: id('samples'), unit: id('count') }), value()],
    sample,
    // All that can be named has been: pprof need not look for a binary.
    mapping: [
      new Mapping({
        id: 1,
        filename: id(name),
        hasFunctions: true,
        hasFilenames: true,
        hasLineNumbers: true,
        hasInlineFrames: true,
      }),
    ],
    location: dictionary.locations,
    function: dictionary.functions,
    stringTable: strings,
    timeNanos: BigInt(Math.round(snapshot.startUnixMs)) * 1_000_000n,
    durationNanos: Math.round(snapshot.durationUs * 1000),
    periodType: value(),
    period: snapshot.period * scale,
    defaultSampleType: id(type),
  });
  return profile.encode();
}

/** Names and values of what is known. */
function labelsOf(snapshot: ProfileSnapshot, phase: number, request: number): [string, string][] {
  const { method = '', host = '', uri = '' } = snapshot.requests[request - 1] ?? {};
  const labels: [string, string][] = [
    ['phase', snapshot.phases[phase] ?? ''],
    ['method', method],
    ['host', host],
    ['uri', uri],
  ];
  return labels.filter(([, text]) => text !== '').map(([key, text]) => [key, visible(text)]);
}

/** Functions and locations that the samples need; ids are 1-based, in order of first use. */
class Dictionary {
  readonly functions: Function[] = [];
  readonly locations: Location[] = [];
  private readonly functionIds = new Map<number, number>();
  private readonly locationIds = new Map<string, number>();
  private unknown = 0;

  constructor(
    private readonly snapshot: ProfileSnapshot,
    private readonly names: DistinctNames,
    private readonly string: (text: string) => number,
  ) {}

  /** From the leaf to the root. */
  locationsOf(leaf: number): number[] {
    if (leaf === 0) return [this.unknownLocation()];
    const ids: number[] = [];
    for (let stack = leaf; stack !== 0; stack = this.snapshot.stackParents[stack - 1]!) {
      const frame = this.snapshot.frames[this.snapshot.stackFrames[stack - 1]! - 1]!;
      const kind = frame.kind === FrameKind.LuaJit ? FrameKind.Lua : frame.kind;
      ids.push(this.location(frame.function, kind, frame.line));
    }
    return ids;
  }

  private location(fn: number, kind: FrameKind, line: number): number {
    const key = `${fn} ${kind} ${line}`;
    let id = this.locationIds.get(key);
    if (id === undefined) {
      id = this.addLocation(this.function(fn, kind), line);
      this.locationIds.set(key, id);
    }
    return id;
  }

  private addLocation(functionId: number, line: number): number {
    const id = this.locations.length + 1;
    this.locations.push(new Location({ id, mappingId: 1, line: [new Line({ functionId, line })] }));
    return id;
  }

  private function(fn: number, kind: FrameKind): number {
    const key = fn * 32 + kind;
    let id = this.functionIds.get(key);
    if (id === undefined) {
      const info = this.snapshot.functions[fn - 1]!;
      const file = fileText(info.file, kind);
      const symbol = isLua(kind) ? `${file}:${info.line}` : (info.symbol ?? '');
      id = this.addFunction(this.names.of(fn, kind), visible(symbol), file, info.line);
      this.functionIds.set(key, id);
    }
    return id;
  }

  /**
   * @param symbol what the compiler calls it; '' where that is the name. One that differs keeps
   *   pprof from taking the name for C++ and removing what looks like arguments.
   */
  private addFunction(name: string, symbol: string, file: string, startLine: number): number {
    const id = this.functions.length + 1;
    this.functions.push(
      new Function({
        id,
        name: this.string(name),
        systemName: this.string(symbol || name),
        filename: this.string(file),
        startLine,
      }),
    );
    return id;
  }

  /** Samples without a frame are samples all the same. */
  private unknownLocation(): number {
    if (this.unknown === 0)
      this.unknown = this.addLocation(this.addFunction('[unknown]', '', '', 0), 0);
    return this.unknown;
  }
}
