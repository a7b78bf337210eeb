import type { FrameKind } from '../frames';
import { stackSeries } from '../series';
import { fileText } from '../names';
import { DistinctNames, type OwnName } from './distinct-names';
import { mergeByFunction, pathTo } from './function-stacks';
import type { ProfileSnapshot } from './snapshot';

/** The part of speedscope's file format that is written here; weights are in its unit. */
export interface SpeedscopeFile {
  $schema: 'https://www.speedscope.app/file-format-schema.json';
  exporter: string;
  name: string;
  activeProfileIndex: number;
  shared: { frames: SpeedscopeFrame[] };
  profiles: SpeedscopeProfile[];
}

export interface SpeedscopeFrame {
  name: string;
  file?: string;
  /** Where the function is defined. */
  line?: number;
}

export interface SpeedscopeProfile {
  type: 'sampled';
  name: string;
  unit: 'microseconds' | 'bytes' | 'none';
  startValue: number;
  endValue: number;
  samples: number[][];
  weights: number[];
}

/**
 * @param name what was recorded, for the title.
 * @param exporter "acupoint 1.2.3"
 * @param ownName what Lua functions are called, as on the page.
 */
export function toSpeedscope(
  snapshot: ProfileSnapshot,
  name: string,
  exporter: string,
  ownName: OwnName = ({ name }) => name,
): SpeedscopeFile {
  const names = new DistinctNames(snapshot.functions, snapshot.frames, ownName);
  const { nodes, weights, counts } = mergeByFunction(snapshot);
  const frames: SpeedscopeFrame[] = [];
  const indexes = new Map<number, number>();
  const indexOf = (node: number): number => {
    const fn = nodes.functions.data[node]!;
    const kind = nodes.kinds.data[node]! as FrameKind;
    const key = fn * 32 + kind;
    let index = indexes.get(key);
    if (index === undefined) {
      index = frames.push(frameOf(snapshot, names, fn, kind)) - 1;
      indexes.set(key, index);
    }
    return index;
  };

  const samples: number[][] = [];
  const sampleWeights: number[] = [];
  for (let node = 0; node < nodes.length; node++) {
    if (counts[node] === 0 && weights[node] === 0) continue;
    if (node === 0) samples.push([frames.push({ name: '[unknown]' }) - 1]);
    else samples.push(pathTo(nodes, node).map(indexOf));
    sampleWeights.push(weights[node]!);
  }
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter,
    name,
    activeProfileIndex: 0,
    shared: { frames },
    profiles: [
      {
        type: 'sampled',
        name,
        unit: stackSeries[snapshot.measure].exported.speedscope,
        startValue: 0,
        endValue: sampleWeights.reduce((sum, weight) => sum + weight, 0),
        samples,
        weights: sampleWeights,
      },
    ],
  };
}

function frameOf(
  snapshot: ProfileSnapshot,
  names: DistinctNames,
  fn: number,
  kind: FrameKind,
): SpeedscopeFrame {
  const info = snapshot.functions[fn - 1]!;
  const file = fileText(info.file, kind);
  return {
    name: names.of(fn, kind),
    ...(file !== '' && { file }),
    ...(info.line > 0 && { line: info.line }),
  };
}
