/** One stage with a browser on it, for a suite of tests that build on each other. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { recordMessages } from '../fixtures/browser/flame-graph';
import { launchBrowser } from '../fixtures/browser/launch';
import { extensionLog } from '../fixtures/codeserver/start';
import { Workbench } from '../fixtures/browser/workbench';
import { repositoryRoot } from '../fixtures/root';
import { startStage, type Stage, type StageOptions } from '../fixtures/stage';

export interface Scene {
  readonly stage: Stage;
  readonly workbench: Workbench;
  /** Another window of the same VS Code. */
  openWindow(): Promise<Workbench>;
  /** Saves and prints what VS Code shows and has logged. */
  explain(title: string): Promise<void>;
  end(): Promise<void>;
}

export async function openScene(options: StageOptions = {}): Promise<Scene> {
  const stage = await startStage(options);
  let browser: Browser | undefined;
  const end = async () => {
    await browser?.close();
    await stage.stop();
  };
  try {
    browser = await launchBrowser();
    const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
    await recordMessages(context);
    const openWindow = async () => Workbench.open(await context.newPage(), stage.url);
    const workbench = await openWindow();
    const tell = (title: string) => explain(stage, workbench, title);
    return { stage, workbench, openWindow, explain: tell, end };
  } catch (error) {
    console.error(await stage.code.logs());
    await end();
    throw error;
  }
}

/** Saves what the window shows to test-results/NAME.png. */
export async function screenshot(workbench: Workbench, name: string): Promise<void> {
  const folder = join(repositoryRoot, 'test-results');
  await mkdir(folder, { recursive: true });
  await workbench.page.screenshot({ path: join(folder, `${name}.png`) });
}

/** To be called in a suite: tells what VS Code showed and logged when a test of it has failed. */
export function explainFailures(scene: () => Scene | undefined): void {
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    await scene()?.explain(this.currentTest.fullTitle());
  });
}

async function explain(stage: Stage, workbench: Workbench, title: string): Promise<void> {
  const name = title.replace(/[^a-z0-9]+/gi, '-').slice(0, 80);
  await screenshot(workbench, `failed-${name}`);
  console.error(extensionLog(await stage.code.logs()));
}
