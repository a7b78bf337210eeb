import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeptCaptures } from '../../../extension/capture/kept-captures';
import { silentLog } from '../../../extension/common/log';
import * as probe from '../../../extension/probe';
import type { FarEnd } from '../../../extension/capture/far-end';
import { frame } from '../../../extension/probe/framing';
import { waitFor } from '../../fixtures/wait';
import { randomOf, Run } from '../probe/recording/dialogue';
import { answers, live, reopened, until } from '../probe/recording/replayed';

const { endRecording } = probe;
const farEnd: FarEnd = { ...probe, endRecording };

describe('Captures that a reload ends', () => {
  let folder: string;
  const kept = (most?: number): KeptCaptures =>
    new KeptCaptures(join(folder, 'captures'), () => farEnd, silentLog, most);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-kept-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function begin(keeping: KeptCaptures) {
    const { capture, script } = await live(1_700_000_000_000);
    keeping.keep(capture, () => ({ host: 'web1', master: 7 }));
    const run = new Run(randomOf(3));
    for (let i = 0; i < 300; i++) script.bytes(frame(run.batch()));
    await until(capture, 300 * 250_000);
    return { capture };
  }

  it('are there as they were, and say what ended them and what to attach to', async () => {
    const keeping = kept();
    const { capture } = await begin(keeping);
    const id = await waitFor('the file', () => keeping.idOf(capture) || undefined);
    // Another window's: nothing was said of an end, as when the extension host is killed.
    const found = await kept().read(id);
    assert.deepEqual(found?.again, { host: 'web1', master: 7 });
    const again = await reopened(found.file);
    assert.deepEqual(await answers(again), await answers(capture));
    assert.match(again.message, /^The window was reloaded.*is kept until this tab is closed\.$/);
    await capture.stop();
  });

  it('have all that there was when the window went, and not the end that it brought', async () => {
    const keeping = kept();
    const { capture } = await begin(keeping);
    const id = await waitFor('the file', () => keeping.idOf(capture) || undefined);
    await keeping.leave();
    await capture.stop();
    const again = await reopened((await kept().read(id))!.file);
    assert.equal(again.store.tallies.samples, capture.store.tallies.samples);
    assert.match(again.message, /^The window was reloaded/);
  });

  it('are readable by their owner alone, and gone when their tab is closed', async () => {
    const keeping = kept();
    const { capture } = await begin(keeping);
    await waitFor('the file', () => keeping.idOf(capture) || undefined);
    const names = await readdir(join(folder, 'captures'));
    assert.equal(names.length, 2);
    for (const name of names)
      assert.equal((await stat(join(folder, 'captures', name))).mode & 0o77, 0, name);
    await keeping.forget(capture);
    assert.deepEqual(await readdir(join(folder, 'captures')), []);
    await capture.stop();
  });

  it('that had ended before keep their own reason', async () => {
    const keeping = kept();
    const { capture } = await begin(keeping);
    const id = await waitFor('the file', () => keeping.idOf(capture) || undefined);
    await capture.stop();
    const again = await waitFor('the end', async () => {
      const one = await reopened((await kept().read(id))!.file);
      return one.message === '' ? one : undefined;
    });
    assert.equal(again.state, 'stopped');
  });

  it('are kept up to a cap, and say so', async () => {
    const keeping = kept(20_000);
    const { capture } = await begin(keeping);
    const id = await waitFor('the file', () => keeping.idOf(capture) || undefined);
    const found = await kept().read(id);
    assert.ok(found!.file.length < 21_000, `${found!.file.length}`);
    assert.match((await reopened(found!.file)).message, /its first \d+ MB are kept/);
    await capture.stop();
  });

  it('are read up to where a file is damaged, and nothing else is read by their name', async () => {
    const keeping = kept();
    const { capture } = await begin(keeping);
    const id = await waitFor('the file', () => keeping.idOf(capture) || undefined);
    const path = join(folder, 'captures', `${id}.acupoint`);
    await truncate(path, (await stat(path)).size - 3);
    assert.match((await reopened((await kept().read(id))!.file)).message, /damaged/);
    await writeFile(join(folder, 'x.acupoint'), 'x');
    for (const name of ['../x', '', 'f'.repeat(16), undefined, {}, `${id}/`])
      assert.equal(await kept().read(name), undefined);
    await capture.stop();
  });
});
