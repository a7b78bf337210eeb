import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecordingFile } from '../../../../extension/probe/recording/read-file';
import { Recorder } from '../../../../extension/probe/recording/recorder';
import { ReplaySession } from '../../../../extension/probe/recording/replay';
import type { ProbeError } from '../../../../extension/probe/session';
import { batchesOf } from '../bounds/wires';
import { hello } from './dialogue';

describe('What is opened as a recording', function () {
  this.timeout(60_000);
  let folder = '';
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'acupoint-bounded-'))));
  after(() => rm(folder, { recursive: true }));

  it('is read where it is a file of a size that recordings have', async () => {
    const path = join(folder, 'small');
    await writeFile(path, 'abc');
    assert.equal(Buffer.from(await readRecordingFile(path)).toString(), 'abc');
  });

  it('is refused, not waited for, where it is a pipe, a device or a folder', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero', '/dev/null', folder])
      await assert.rejects(readRecordingFile(path), {
        kind: 'recording',
        message: /is no regular file, so nothing was read from it/,
      });
  });

  it('is refused where it is larger, also where its size does not say so', async () => {
    const path = join(folder, 'large');
    await writeFile(path, Buffer.alloc(3 * 2 ** 20));
    const tooLarge = { kind: 'recording', message: /more than 2 MB, which no recording has/ };
    await assert.rejects(readRecordingFile(path, 2 * 2 ** 20), tooLarge);
    // A file of /proc has no size until it is read.
    await assert.rejects(readRecordingFile('/proc/self/maps', 0), /has more than 0 MB/);
  });

  it('is shown up to where one capture may take no more memory', async () => {
    const recorder = new Recorder();
    recorder.heard(hello());
    let sent = 0;
    for (const bytes of batchesOf('functions')) {
      if (++sent > 20) break;
      recorder.heard(bytes);
    }
    const file = recorder.write({ host: 'h', target: 't' }, '');
    assert.ok(file.length < 8 * 2 ** 20, `a small file: ${file.length} bytes`);
    const session = await ReplaySession.open(file);
    let batches = 0;
    const ended = new Promise<ProbeError | undefined>((closed) =>
      session.listen({ batch: () => batches++, closed }),
    );
    await session.play();
    assert.match((await ended)!.message, /^The recording holds more than one capture may take/);
    assert.ok(batches > 10 && batches < 20, `${batches} batches`);
  });
});
