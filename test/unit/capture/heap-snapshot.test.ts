import assert from 'node:assert/strict';
import { takeHeapSnapshot } from '../../../extension/capture/heap-snapshot';
import { ProbeError, type ProbeSession } from '../../../extension/probe/session';
import { FakeProbe } from './fake-probe';

/** A snapshot that was refused, as the probe's heap/stream.c writes it. */
function refusal(kind: number, text: string): Uint8Array {
  return Uint8Array.from([
    ...Buffer.from('ACPHEAP1'),
    3,
    text.length + 1,
    kind,
    ...Buffer.from(text),
  ]);
}

describe('takeHeapSnapshot', () => {
  for (const [number, kind] of [
    [9, 'long-pause'],
    [3, 'other'],
  ] as const) {
    it(`says in words why it was refused: ${kind}`, async () => {
      const probe: ProbeSession = new FakeProbe();
      probe.takeHeap = async (_options, piece) => piece(refusal(number, 'It would stand.'));
      const options = {
        pid: 1,
        maxPauseMs: 5,
        rules: [],
        workerFile: '',
        signal: new AbortController().signal,
        onProgress: () => undefined,
      };
      await assert.rejects(takeHeapSnapshot(probe, options), (error) => {
        assert.ok(error instanceof ProbeError);
        assert.deepEqual([error.kind, error.message], [kind, 'It would stand.']);
        return true;
      });
    });
  }
});
