/**
 * How long a full update of the flame graph takes in Chromium, from a new tree to pixels, against
 * d3-flame-graph 5.0.0 in its best configuration in the same run. Prints one line of JSON; exits 1
 * where the update is slower than the bar or the lead smaller.
 *
 *   npm run bench:flame
 */
import { bundlePage, launchChromium, PageServer } from '../webview/driver';
import type { Browser, Page } from 'playwright-core';

const FRAMES = 100_000;
const WIDTH = 1200;
const ROUNDS = 9;
const WARM_UP = 3;
/** Frames as soon as they are ready: else both would be measured in steps of a screen's 16.7 ms. */
const UNTHROTTLED = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];
const MOST_MS = 40;
const LEAST_LEAD = 15;

async function main(): Promise<void> {
  const server = await PageServer.start();
  const browser = await launchChromium(UNTHROTTLED);
  try {
    const page = await openPage(browser, server.origin);
    const ours = await measure(page, (seed) => `flameBench.ours(${FRAMES}, ${seed})`);
    const theirs = await measure(page, (seed) => `flameBench.theirs(${FRAMES}, ${seed}, ${WIDTH})`);
    const lead = theirs.median / ours.median;
    const passed = ours.median <= MOST_MS && lead >= LEAST_LEAD;
    const round = (value: number): number => Math.round(value * 10) / 10;
    console.log(
      JSON.stringify({
        frames: FRAMES,
        width: WIDTH,
        rounds: ROUNDS,
        updateMs: round(ours.median),
        updateMsMin: round(ours.min),
        updateMsMax: round(ours.max),
        d3FlameGraphMs: round(theirs.median),
        timesFaster: round(lead),
        passed,
      }),
    );
    if (!passed) process.exitCode = 1;
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function openPage(browser: Browser, origin: string): Promise<Page> {
  // Without the page's policy, under which the other library could not set its inline styles.
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: 800 },
    bypassCSP: true,
  });
  const page = await context.newPage();
  const { script, style } = await bundlePage('test/bench/page/flame.ts');
  await page.addInitScript(script);
  await page.goto(origin);
  await page.addStyleTag({ content: style });
  await page.getByRole('toolbar').waitFor();
  return page;
}

interface Times {
  median: number;
  min: number;
  max: number;
}

/** Two trees in turn: an update brings a tree that differs. */
async function measure(page: Page, call: (seed: number) => string): Promise<Times> {
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const time = await page.evaluate<number>(call(1 + (round % 2)));
    if (round >= WARM_UP) times.push(time);
  }
  times.sort((one, other) => one - other);
  return { median: times[times.length >> 1]!, min: times[0]!, max: times.at(-1)! };
}

void main();
