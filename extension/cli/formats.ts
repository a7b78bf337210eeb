import { gzipSync } from 'node:zlib';
import { foldedLines, toPprof, toSpeedscope, type ProfileSnapshot } from '../profile/formats';
import { handlerName } from '../analysis/handler-name';
import { version } from './version';

export type ExportFormat = 'folded' | 'speedscope' | 'pprof';
/** A recording has all that there was, and can be opened again. */
export type Format = ExportFormat | 'recording';

export const formats: readonly Format[] = ['recording', 'folded', 'speedscope', 'pprof'];

const endings: readonly [string, Format][] = [
  ['.acupoint', 'recording'],
  ['.folded', 'folded'],
  ['.speedscope.json', 'speedscope'],
  ['.pb.gz', 'pprof'],
];

export function formatOfPath(path: string): Format | undefined {
  return endings.find(([ending]) => path.toLowerCase().endsWith(ending))?.[1];
}

/** @param title what was recorded, for the formats that show it. */
export function encode(format: ExportFormat, snapshot: ProfileSnapshot, title: string): Uint8Array {
  switch (format) {
    case 'folded':
      return Buffer.concat(
        Array.from(foldedLines(snapshot, handlerName), (line) => Buffer.from(line)),
      );
    case 'speedscope':
      return Buffer.from(
        JSON.stringify(toSpeedscope(snapshot, title, `acupoint ${version}`, handlerName)),
      );
    case 'pprof':
      return gzipSync(toPprof(snapshot, title, handlerName));
  }
}
