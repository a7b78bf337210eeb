import assert from 'node:assert/strict';
import type { CaptureState } from '../../extension/page/messages';
import { waitFor } from '../fixtures/wait';
import { statusOf } from './driver';
import { gateway } from './stacks';
import { describePage } from './with-page';

describePage('states of the capture', (current) => {
  const placeholder = () => current.page.page.locator('.placeholder');
  const button = (name: string) => current.page.page.getByRole('button', { name, exact: true });

  async function clear(): Promise<void> {
    await current.page.send({ type: 'reset' });
  }

  it('say why there is nothing and what to do next', async () => {
    await clear();
    const expected: [CaptureState, RegExp][] = [
      ['idle', /Attach to a running/],
      ['connecting', /Connecting to root@edge-7/],
      ['choosing', /Choose a process on root@edge-7/],
      ['attaching', /Attaching to Kong/],
      ['paused', /Resume to go on/],
      ['stopped', /Attach again while the worker serves requests/],
      ['failed', /cannot trace/],
    ];
    for (const [state, text] of expected) {
      const message = state === 'failed' ? 'This user cannot trace: CAP_BPF is missing.' : '';
      await current.page.send(statusOf({ state, message }));
      assert.match(await placeholder().innerText(), text, state);
    }
  });

  it('are not live where no worker is left', async () => {
    const message = 'Crash: Process 1234 was killed: signal 9 (SIGKILL). Process 7 has exited.';
    await current.page.send(statusOf({ pids: [], target: 'nginx 1.22.1, no worker', message }));
    const text = await current.page.page.locator('.status').innerText();
    assert.match(text, /^No worker is alive/);
    assert.doesNotMatch(text, /Live/);
    assert.match(text, /Crash: Process 1234 .* Process 7 has exited/);
  });

  it('tell an idle worker from one that has just been attached', async () => {
    await clear();
    await current.page.send(statusOf({ samples: 0, elapsedMs: 500 }));
    assert.match(await placeholder().innerText(), /Waiting for the first samples/);
    await current.page.send(statusOf({ samples: 0, elapsedMs: 12_000 }));
    assert.match(await placeholder().innerText(), /used no CPU in 12 s/);
    await current.page.show(gateway);
    await placeholder().waitFor({ state: 'hidden' });
  });

  it('keep the graph when the capture ends, and offer to attach again', async () => {
    await current.page.send(statusOf({ state: 'failed', message: 'The connection was cut.' }));
    assert.equal(await placeholder().isVisible(), false);
    assert.match(await current.page.page.locator('.status').innerText(), /The connection was cut/);
    await button('Attach again').click();
    const control = await current.page.waitForMessage('control');
    assert.equal(control.action, 'attach');
    assert.equal(await button('Stop').isVisible(), false);
  });

  it('say of a recording that it is one, and attach to nothing again', async () => {
    const recorded = { state: 'stopped', recorded: '2026-11-23 14:05' } as const;
    await current.page.send(statusOf({ ...recorded, message: 'The file was cut.' }));
    const words = await current.page.page.locator('.status').innerText();
    assert.match(words, /Recording of 2026-11-23 14:05/);
    assert.match(words, /The file was cut/);
    assert.equal(await button('Attach again').isVisible(), false);
    assert.equal(await button('Export…').isVisible(), true);
    await clear();
    await current.page.send(statusOf({ ...recorded, samples: 0 }));
    assert.match(await placeholder().innerText(), /no samples in this recording/);
    await current.page.send(statusOf({ state: 'stopped' }));
    await current.page.show(gateway);
  });

  it('have buttons that pause, resume, reset, stop and export', async () => {
    for (const [name, action] of [
      ['Pause', 'pause'],
      ['Reset', 'reset'],
      ['Stop', 'stop'],
      ['Export…', 'export'],
    ] as const) {
      await button(name).click();
      await current.page.waitForMessage('control', (message) => message.action === action);
    }
    await current.page.send(statusOf({ state: 'paused' }));
    await button('Resume').click();
    await current.page.waitForMessage('control', ({ action }) => action === 'resume');
  });

  it('say how well Lua stacks were recovered, and what it cost', async () => {
    const text = await current.page.page.locator('.status').innerText();
    // 20 without their Lua, and 20 without their native root, of 12 345.
    assert.match(text, /Complete stacks 99\.6 %/);
    assert.match(text, /lost 0 · too deep 3/);
    assert.match(text, /overhead 0\.33 % of a core · limit 1 %/);
    const cost = await current.page.page.locator('.status .cost').getAttribute('title');
    assert.match(cost ?? '', /^probe 0\.21 % \+ kernel 0\.12 %\n/);
    const shown = current.page.page.locator('.status .quality div');
    assert.equal(await shown.isVisible(), false);
    await current.page.page.locator('.status .quality summary').click();
    const early = '17 incomplete (12 in code of another compiler, 5 in a file not loaded yet)';
    const whole = await shown.innerText();
    assert.ok(whole.endsWith(early), whole);
    const quality = whole.replace(/ \(.*/, '');
    const parts = quality.split(' · ').map((sum) => sum.replaceAll(',', '').match(/\d+/g));
    for (const sum of parts.slice(0, 2)) {
      const [all, ...some] = (sum ?? []).map(Number);
      assert.equal(
        some.reduce((one, other) => one + other, 0),
        all,
        quality,
      );
    }
    const why = (await shown.getAttribute('title')) ?? '';
    assert.match(why, /^12 in code of another compiler\. Code was made at run time.*\n5 in a file/);
    const detail = await current.page.page.locator('.status summary').getAttribute('title');
    assert.match(detail ?? '', /exact: 9,800 \(98\.0 %\)\n.*\n.*30 \(0\.3 %\)\nunknown: 20/);
  });

  it('say in words what holds the rate down', async () => {
    const status = current.page.page.locator('.status');
    assert.equal(await status.locator('.notes').isVisible(), false);
    const lowered = { rateHz: 41, askedHz: 999, rateLimit: 'budget' as const };
    await current.page.send(statusOf({ ...lowered, pids: [1, 2], budgetPercent: 0.5 }));
    assert.match(await status.innerText(), /41 of 999 Hz.*overhead 0\.33 % of a core · limit 1 %/s);
    assert.match(
      await status.locator('.notes').innerText(),
      /^At 999 Hz the trace would cost more than 0\.5 % of a core for each worker, so .* 41 Hz\./,
    );
  });

  it('say which sampler it is where it is not the best, and what it costs and loses', async () => {
    const samplerNote = 'Samples come through perf events. Time in the kernel is not seen at all.';
    await current.page.send(statusOf({ sampler: 'perf ring', samplerNote }));
    const status = current.page.page.locator('.status');
    assert.equal(await status.locator('.sampler').innerText(), 'perf events, not BPF');
    assert.equal(await status.locator('.notes').innerText(), samplerNote);
    // The kernel's part is no zero because nobody measures it.
    const cost = await status.locator('.cost').innerText();
    assert.equal(cost, 'overhead 0.21 % of a core · kernel not measured · limit 1 %');
  });

  it('never round a recovery up to all', async () => {
    const lua = { samples: 100_000, exact: 99_999, functionOnly: 0, traceRoot: 0, unknown: 1 };
    const native = { samples: 100_000, complete: 100_000, truncated: 0, ends: [] };
    await current.page.send(statusOf({ samples: 100_000, lua, native }));
    const badge = current.page.page.locator('.status summary');
    assert.equal(await badge.innerText(), 'Complete stacks 99.9 %');
    assert.doesNotMatch((await badge.getAttribute('class')) ?? '', /warning/);
    await current.page.send(statusOf({ samples: 100_000, lua: { ...lua, unknown: 3001 }, native }));
    assert.equal(await badge.innerText(), 'Complete stacks 96.9 %');
    assert.match((await badge.getAttribute('class')) ?? '', /warning/);
  });

  it('show shares by kind that add up to 100 %', async () => {
    const shares = await current.page.page.locator('.legend li:visible .share').allInnerTexts();
    const sum = shares.reduce(
      (all, share) => all + Math.round(10 * Number(share.replace(/[^\d.]/g, ''))),
      0,
    );
    assert.equal(sum, 1000);
    const legend = await current.page.page.locator('.legend').innerText();
    assert.match(legend.replace(/\s+/g, ' '), /Garbage collector 9\.0 %/);
    assert.match(legend.replace(/\s+/g, ' '), /Lua, JIT-compiled \(jit\) 27\.0 %/);
  });

  it('ask for another window of time and other frames', async () => {
    const choose = async (list: string, option: string): Promise<void> => {
      await current.page.page.getByRole('combobox', { name: list }).click();
      await current.page.page.getByRole('option', { name: option }).click();
    };
    await choose('Time shown', 'Last 10 s');
    await current.page.waitForWant('tree', (view) => view?.windowSeconds === 10);
    await choose('Frames shown', 'Lua and its C calls');
    await current.page.waitForWant(
      'tree',
      (view) => view?.windowSeconds === 10 && view.hiddenKinds === 0b110,
    );
  });

  it('list functions by what they cost, with the same search', async () => {
    const { page } = current.page;
    await button('Table of functions (t)').click();
    const rows = page.locator('.functions tbody tr:visible');
    assert.match(
      (await rows.first().innerText()).replace(/\s+/g, ' '),
      /^22\.0 % 15\.0–31\.1 22\.0 % increment/,
    );
    await page.getByRole('button', { name: 'Total', exact: true }).click();
    assert.match((await rows.first().innerText()).replace(/\s+/g, ' '), /93\.0 % main Native C/);
    const sorted = page.getByRole('columnheader', { name: 'Total' });
    assert.equal(await sorted.getAttribute('aria-sort'), 'descending');
    await page.keyboard.press('/');
    await page.keyboard.type('handler.lua');
    await waitFor('two rows', async () => (await rows.count()) === 2);
    await page.getByRole('button', { name: 'verify' }).click();
    assert.equal((await current.page.waitForMessage('open')).line, 88);
  });

  it('list what their frames are marked with', async () => {
    await button('Both: flame graph and table of functions (b)').click();
    const row = (name: string) => current.page.page.locator('.functions tr', { hasText: name });
    const kind = (name: string) => row(name).first().locator('td').last();
    assert.equal(await kind('increment').innerText(), 'Lua, JIT-compiled · approximate · inlined');
    assert.equal(await kind('deep').innerText(), 'Lua, interpreted · tail call');
    assert.match((await kind('deep').getAttribute('title')) ?? '', /callers may be missing/);
    await button('Flame graph (g)').click();
  });

  it('show help on request', async () => {
    await current.page.graph.focus();
    await current.page.page.keyboard.press('?');
    const help = current.page.page.getByRole('dialog', { name: 'Keys and mouse' });
    assert.match(await help.innerText(), /Double click\s+zoom into the frame/);
    await current.page.page.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
  });

  it('copy a frame and its stack', async () => {
    await current.page.graph.focus();
    await current.page.page.keyboard.press('End');
    await current.page.page.keyboard.press('Control+Shift+C');
    const { text } = await current.page.waitForMessage('copy');
    const lines = text.split('\n');
    assert.match(lines[0] ?? '', /^increment \(jit\) .*policies\.lua:120$/);
    assert.equal(lines.at(-1), 'main (c)');
  });
});
