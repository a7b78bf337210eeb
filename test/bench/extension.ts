/**
 * The weight of the extension: entry bundle, packaged extension, and its activation in VS Code's
 * extension host, over several windows. Prints one line of JSON. Wants scripts/package.sh to have
 * run.
 */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser } from '../fixtures/browser/launch';
import { Workbench } from '../fixtures/browser/workbench';
import { startCodeServer } from '../fixtures/codeserver/start';
import { repositoryRoot } from '../fixtures/root';
import { packagedExtension } from '../fixtures/stage';
import { waitFor } from '../fixtures/wait';
import { median, verdict } from './verdict';

const WINDOWS = 5;

async function main(): Promise<void> {
  const size = async (path: string) => (await stat(join(repositoryRoot, path))).size;
  const activations = await activationsMs();
  const probes = ['x86_64', 'aarch64'].filter((architecture) =>
    existsSync(join(repositoryRoot, `dist/probes/${architecture}/acupoint-probe`)),
  );
  verdict(
    'extension',
    {
      entryKB: { value: (await size('dist/extension.js')) / 1000, bar: 150, unit: 'KB' },
      vsixMB: { value: (await stat(packagedExtension)).size / 1e6, bar: 4, unit: 'MB' },
      activationMs: { value: median(activations), bar: 50, unit: 'ms, median' },
    },
    { activations, probes },
  );
}

/** As the extension measures and logs it. */
async function activationsMs(): Promise<number[]> {
  const server = await startCodeServer({ vsix: packagedExtension });
  const browser = await launchBrowser();
  const logged = async () =>
    [...(await server.logs()).matchAll(/activated in ([\d.]+) ms/g)].map((match) =>
      Number(match[1]),
    );
  try {
    for (let run = 1; run <= WINDOWS; run++) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const workbench = await Workbench.open(page, server.url(repositoryRoot));
      await workbench.runCommand('Acupoint: Show Log');
      await waitFor('the activation', async () => (await logged()).length >= run);
      await context.close();
    }
    return await logged();
  } finally {
    await browser.close();
    await server.stop();
  }
}

void main();
