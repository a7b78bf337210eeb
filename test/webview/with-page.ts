/** A fresh page for each test; none may violate the page's policy. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { bundlePage, FlamePage, launchChromium, PageServer, statusOf } from './driver';
import type { PageBundle } from './driver';
import { gateway } from './stacks';

export const icicle = { type: 'config', swapClicks: false, inverted: true } as const;

export interface Current {
  readonly page: FlamePage;
  readonly server: PageServer;
}

/** Tests of the flame graph's page, with the small gateway's profile. */
export function describePage(title: string, body: (current: Current) => void): void {
  describePageAt('', title, showGateway, body);
}

async function showGateway(page: FlamePage): Promise<void> {
  await page.send(icicle);
  await page.send(statusOf());
  await page.show(gateway);
}

/** Tests of the page at a path of the server, each after `prepare`. */
export function describePageAt(
  path: string,
  title: string,
  prepare: (page: FlamePage) => Promise<void>,
  body: (current: Current) => void,
): void {
  describe(title, function () {
    this.timeout(60_000);
    let browser: Browser;
    let server: PageServer;
    let stub: PageBundle;
    let page: FlamePage;

    before(async () => {
      [browser, server, stub] = await Promise.all([
        launchChromium(),
        PageServer.start(),
        bundlePage('test/webview/page/stub.ts'),
      ]);
    });

    after(async () => {
      await browser?.close();
      await server?.stop();
    });

    beforeEach(async () => {
      page = await FlamePage.open(browser, server, stub, path);
      await prepare(page);
    });

    afterEach(async () => {
      const problems = [...(await page.violations()), ...page.errors];
      await page.close();
      assert.deepEqual(problems, []);
    });

    body({
      get page() {
        return page;
      },
      get server() {
        return server;
      },
    });
  });
}
