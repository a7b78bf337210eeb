import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ProbeError } from '../../../../extension/probe';
import { block } from '../../../../extension/probe/recording/blocks';
import {
  FIRST_LINE,
  headerRecord,
  Kind,
  markRecord,
  record,
} from '../../../../extension/probe/recording/format';
import { Recorder } from '../../../../extension/probe/recording/recorder';
import type { Capture } from '../../../../extension/capture/capture';
import { encode } from '../scripted-probe';
import { hello, listing, randomOf, Run, start, started } from './dialogue';
import { reopened } from './replayed';

const words = { host: 'web1', target: 'nginx' };

function recording(batches: number): Uint8Array {
  const recorder = new Recorder(2 ** 24, () => 5);
  const run = new Run(randomOf(7));
  recorder.heard(hello());
  recorder.heard(listing());
  recorder.said(start());
  recorder.heard(started(1_700_000_000_000));
  for (let i = 0; i < batches; i++) recorder.heard(run.batch());
  recorder.heap(101, [new Uint8Array(30_000).fill(7), new Uint8Array(20_000)]);
  for (let i = 0; i < batches; i++) recorder.heard(run.batch());
  return recorder.write(words, '');
}

/** A file of these records. */
function fileOf(...records: Uint8Array[]): Uint8Array {
  const head = headerRecord({ ...words, savedUnixMs: 5 });
  return block(Buffer.concat([Buffer.from(FIRST_LINE), head, ...records]));
}

const heard = (message: Uint8Array) => record(Kind.heard, message);
const end = () => markRecord({ event: 'end', at: 5, text: '' });

/** Opens it, or says that it cannot be; anything else is a failure of the reader. */
async function attempt(file: Uint8Array): Promise<Capture | undefined> {
  try {
    return await reopened(file);
  } catch (error) {
    assert.ok(error instanceof ProbeError && error.kind === 'recording', String(error));
    return undefined;
  }
}

const refused = (file: Uint8Array, message: RegExp) =>
  assert.rejects(
    reopened(file),
    (error) => error instanceof ProbeError && message.test(error.message),
  );

describe('A damaged or hostile recording', function () {
  this.timeout(120_000);
  const whole = recording(300);
  let all: number;

  before(async () => {
    const capture = await reopened(whole);
    assert.equal(capture.message, '');
    all = capture.store.tallies.samples;
    assert.equal(capture.recorded?.heaps.length, 1);
  });

  it('opens up to where it was cut, and says so', async () => {
    let last = 0;
    let opened = 0;
    for (let length = 0; length < whole.length; length += 997) {
      const capture = await attempt(whole.subarray(0, length));
      if (capture === undefined) continue;
      opened++;
      const { samples } = capture.store.tallies;
      assert.ok(samples >= last && samples <= all, `${samples} after ${last} at ${length}`);
      last = samples;
      assert.match(capture.message, /damaged|was cut/);
    }
    assert.ok(opened > 10, `${opened} opened`);
    assert.ok(last > all / 2);
  });

  it('is known as cut at the end of a block as well', async () => {
    const capture = await attempt(whole.subarray(0, whole.length - block(end()).length));
    assert.match(capture?.message ?? '', /cut/);
  });

  it('never takes a flipped bit for data', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
        const file = Uint8Array.from(whole);
        file[at]! ^= 1 << bit;
        const capture = await attempt(file);
        if (capture === undefined) return;
        const { samples } = capture.store.tallies;
        // Some bits of a gzip header say nothing.
        if (samples === all && capture.message === '') return;
        assert.ok(samples <= all);
        assert.match(capture.message, /damaged|was cut/);
      }),
      { numRuns: 150 },
    );
  });

  it('is refused with words where it is none, or newer', async () => {
    await refused(new Uint8Array(), /is no recording of Acupoint/);
    await refused(Buffer.from('{"nodes":[]}'), /is no recording/);
    await refused(gzipSync('a;b 1\n'), /is no recording/);
    await refused(block(Buffer.from('something else\n')), /is no recording/);
    await refused(
      block(Buffer.from('acupoint recording 2\nwhatever')),
      /newer Acupoint \(format 2/,
    );
    await refused(block(Buffer.from('acupoint recording x\n')), /is no recording/);
    await refused(fileOf(end()), /damaged at its very beginning/);
  });

  it('does not grow in memory by what a few bytes can become', async () => {
    const bomb = block(new Uint8Array(16 * 1024 * 1024));
    const capture = await attempt(Buffer.concat([fileOf(heard(hello())), bomb]));
    assert.match(capture?.message ?? '', /damaged/);
  });

  it('is shown up to what the wire would not allow', async () => {
    const run = new Run(randomOf(9));
    const good = [hello(), started(5), run.batch(), run.batch()].map(heard);
    const { store } = (await attempt(fileOf(...good, end())))!;
    const bad: Record<string, Uint8Array> = {
      'a record of no kind': record(99, new Uint8Array()),
      'no message': heard(Uint8Array.of(255, 255)),
      'a message that asks': record(Kind.said, Uint8Array.of(0x12, 0)),
      'a batch out of order': heard(new Run(randomOf(9)).batch()),
      'an answer to nothing': heard(encode({ case: 'pong', value: { request: 1 } })),
      'a stack of nothing': heard(
        encode({
          case: 'batch',
          value: { sequence: 3, timeUs: 9_000_000n, stacks: [{ series: 1, stacks: [1000] }] },
        }),
      ),
      'a mark that is none': record(Kind.mark, Buffer.from('{"at":1,"event":"boo"}')),
      'a mark without time': record(Kind.mark, Buffer.from('{"at":"x","event":"reset"}')),
      'an empty record': Uint8Array.of(0),
      'a length without end': Uint8Array.of(255, 255, 255, 255, 255, 255),
    };
    for (const [what, bytes] of Object.entries(bad)) {
      const capture = await attempt(fileOf(...good, bytes, end()));
      assert.equal(capture?.store.tallies.samples, store.tallies.samples, what);
      assert.match(capture.message, /damaged/, what);
    }
  });

  it('does no harm whatever its records are', async () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(hello(), started(9), listing(), start(), new Run(randomOf(1)).batch()),
      fc.json().map((text) => Buffer.from(text)),
    );
    const records = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), payload), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(records, async (made) => {
        const bytes = made.map(([kind, content]) => record(kind, content));
        await attempt(fileOf(heard(hello()), ...bytes, end()));
      }),
      { numRuns: 300 },
    );
  });
});
