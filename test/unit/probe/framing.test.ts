import assert from 'node:assert/strict';
import fc from 'fast-check';
import { frame, FrameReader } from '../../../extension/probe/framing';
import { ProbeError } from '../../../extension/probe/session';

const corrupt = (error: unknown): boolean =>
  error instanceof ProbeError && error.kind === 'corrupt-stream';

function read(chunks: readonly Uint8Array[], maxBytes?: number): Buffer[] {
  const reader = new FrameReader(maxBytes);
  const messages: Buffer[] = [];
  for (const chunk of chunks) reader.push(chunk, (bytes) => messages.push(Buffer.from(bytes)));
  return messages;
}

describe('framing', function () {
  this.timeout(20_000);
  const messages = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 });

  it('gives the messages back, wherever the stream is cut', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(1000)), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(frame));
        const places = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort(
          (a, b) => a - b,
        );
        const edges = [0, ...places, stream.length];
        const chunks = edges.slice(1).map((end, index) => stream.subarray(edges[index], end));
        assert.deepEqual(
          read(chunks),
          sent.map((message) => Buffer.from(message)),
        );
      }),
    );
  });

  it('knows at every byte whether a message was cut', () => {
    const stream = Buffer.concat([frame(Buffer.alloc(200, 1)), frame(Buffer.alloc(3, 2))]);
    const whole = [0, 202, 206];
    for (let end = 0; end <= stream.length; end++) {
      const reader = new FrameReader();
      let count = 0;
      reader.push(stream.subarray(0, end), () => count++);
      assert.equal(reader.inMessage, !whole.includes(end), `after ${end} bytes`);
      assert.equal(count, whole.filter((edge) => edge > 0 && edge <= end).length);
    }
  });

  it('takes a message of the largest size, and refuses one more byte before it is there', () => {
    assert.equal(read([frame(Buffer.alloc(1000))], 1000).length, 1);
    assert.throws(() => read([frame(Buffer.alloc(1001)).subarray(0, 2)], 1000), corrupt);
  });

  it('refuses lengths without end, and those over 32 bits', () => {
    assert.throws(() => read([Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80])]), corrupt);
    assert.throws(() => read([Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f])]), corrupt);
    assert.throws(() => read([Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f])]), corrupt);
  });

  it('never fails but as it says', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (chunks) => {
        try {
          read(chunks);
        } catch (error) {
          assert.ok(corrupt(error), String(error));
        }
      }),
    );
  });

  it('takes time in proportion to the bytes', () => {
    const reader = new FrameReader();
    const stream = frame(Buffer.alloc(4 * 1024 * 1024));
    let count = 0;
    // Copying what is there for each new byte would be 8 TB.
    for (let at = 0; at < stream.length; at += 7) {
      reader.push(stream.subarray(at, at + 7), () => count++);
    }
    assert.equal(count, 1);
  });
});
