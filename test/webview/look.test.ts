import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { seriousViolations } from './accessibility';
import { statusOf } from './driver';
import { applyTheme, themes } from './themes';
import { describePage } from './with-page';

const results = join(repositoryRoot, 'test-results');

describePage('look of the page', (current) => {
  const serious = () => seriousViolations(current.page.page);

  before(() => mkdirSync(results, { recursive: true }));

  for (const theme of Object.keys(themes)) {
    it(`is accessible in ${theme}, live`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      await page.page.getByRole('button', { name: 'Both' }).click();
      await page.graph.focus();
      for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown']) {
        await page.page.keyboard.press(key);
      }
      await page.settled();
      await page.page.screenshot({ path: join(results, `flame-graph-${theme}.png`) });
      assert.deepEqual(await serious(), []);
    });

    it(`is accessible in ${theme}, without BPF and at a lowered rate`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      const samplerNote =
        'BPF cannot be used here. Samples come through perf events: each copies 16 KiB of ' +
        "the worker's stack and wakes the probe, some 0.1 ms of CPU. Time in the kernel is not seen " +
        'at all.';
      const lowered = { rateHz: 41, askedHz: 999, rateLimit: 'budget' as const };
      await page.send(statusOf({ sampler: 'perf ring', samplerNote, ...lowered, lost: 12 }));
      await page.hover(0.3, 6, true);
      await page.settled();
      await page.page.screenshot({ path: join(results, `flame-graph-${theme}-without-bpf.png`) });
      assert.deepEqual(await serious(), []);
      await page.send(statusOf());
    });

    it(`is accessible in ${theme}, with nothing to show`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      await page.send({ type: 'reset' });
      await page.send(statusOf({ state: 'failed', samples: 0, message: 'CAP_BPF is missing.' }));
      await page.settled();
      await page.page.screenshot({ path: join(results, `flame-graph-${theme}-failed.png`) });
      assert.deepEqual(await serious(), []);
    });
  }

  it('follows a change of theme', async () => {
    const pixel = () =>
      current.page.page.evaluate<number[]>(
        `[...document.querySelector('canvas').getContext('2d').getImageData(5, 400, 1, 1).data]`,
      );
    await applyTheme(current.page.page, 'light');
    await current.page.settled();
    assert.deepEqual(await pixel(), [255, 255, 255, 255]);
    await applyTheme(current.page.page, 'dark');
    await current.page.settled();
    assert.deepEqual(await pixel(), [31, 31, 31, 255]);
  });

  it("draws with the system's colours where they are forced", async () => {
    await current.page.page.emulateMedia({ forcedColors: 'active' });
    await current.page.settled();
    await current.page.page.screenshot({ path: join(results, 'flame-graph-forced-colours.png') });
  });

  it('fits a narrow column', async () => {
    const { page } = current;
    await page.page.setViewportSize({ width: 540, height: 700 });
    await applyTheme(page.page, 'dark');
    await page.settled();
    await page.page.screenshot({ path: join(results, 'flame-graph-narrow.png') });
    const sideways = await page.page.evaluate('document.documentElement.scrollWidth > innerWidth');
    assert.equal(sideways, false);
    const graph = await page.graph.boundingBox();
    assert.ok((graph?.height ?? 0) > 450, 'The controls leave the graph its room.');
  });

  it('is sharp on screens with more pixels', async () => {
    const { page } = current;
    const size = await page.page.evaluate<number[]>(
      `(() => {
        const canvas = document.querySelector('canvas');
        return [canvas.width / canvas.clientWidth, devicePixelRatio];
      })()`,
    );
    assert.equal(size[0], size[1]);
  });

  it('animates a zoom unless motion is to be reduced', async () => {
    const { page } = current;
    // The page's clock stands while the outline is looked at: how many pictures the machine has
    // the time for is not what is asked.
    const widths = async (): Promise<number[]> => {
      await page.graph.focus();
      await page.page.keyboard.press('0');
      for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown']) {
        await page.page.keyboard.press(key);
      }
      await page.settled();
      await page.page.evaluate(
        `(() => { const at = performance.now(); performance.now = () => at; })()`,
      );
      await page.page.keyboard.press('z');
      const seen: number[] = [];
      for (const step of [0, 60, 60, 100]) {
        seen.push(
          await page.page.evaluate<number>(`(async () => {
            const at = performance.now() + ${step};
            performance.now = () => at;
            for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
            return parseFloat(document.querySelector('.outline.selection').style.width);
          })()`),
        );
      }
      await page.page.evaluate('delete performance.now');
      return seen;
    };
    const still = await widths();
    assert.equal(new Set(still).size, 1, `Widths were ${still.join(', ')}.`);
    await page.page.emulateMedia({ reducedMotion: 'no-preference' });
    const moving = await widths();
    const grows = moving.every((width, i) => i === 0 || width > moving[i - 1]!);
    assert.ok(grows, `Widths were ${moving.join(', ')}.`);
    assert.equal(moving.at(-1), still[0]);
  });
});
