/**
 * Runs the suites of test/host with mocha inside the extension host of VS Code in the browser, prints what mocha
 * prints, and exits 1 where something failed or nothing came.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './fixtures/browser/launch';
import { startCodeServer, type CodeServer } from './fixtures/codeserver/start';
import { MOCHA_BEGINS, MOCHA_ENDS } from './fixtures/host-marks';
import { patience } from './fixtures/patience';
import { repositoryRoot } from './fixtures/root';

/** Without a line from the suites; how long they take is the machine's affair. */
const SILENT_MS = 240_000 * patience;

async function main(): Promise<number> {
  const workspace = await mkdtemp(join(tmpdir(), 'acupoint-host-'));
  await cp(join(repositoryRoot, 'test/fixtures/gateway'), workspace, { recursive: true });
  const server = await startCodeServer({ testDriver: true });
  const browser = await launchBrowser();
  try {
    const code = await runSuites(browser, server, workspace);
    if (code !== 0) console.log(await server.logs());
    return code;
  } finally {
    await browser.close();
    await server.stop();
    await rm(workspace, { recursive: true, force: true });
  }
}

async function runSuites(browser: Browser, server: CodeServer, folder: string): Promise<number> {
  const page = await browser.newPage();
  const print = printMocha();
  const ended = new Promise<number>((resolve, reject) => {
    const silence = setTimeout(() => {
      reject(new Error(`The suites said nothing for ${SILENT_MS / 1000} s.`));
    }, SILENT_MS);
    silence.unref();
    void page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      silence.refresh();
      print(format(...args));
    });
    void page.exposeFunction('codeAutomationExit', (code: number) => {
      resolve(code);
    });
  });
  const remote = (path: string) =>
    `vscode-remote://127.0.0.1:${server.port}${join(repositoryRoot, path)}`;
  await page.goto(
    server.url(folder, [
      ['extensionDevelopmentPath', remote('.')],
      ['extensionTestsPath', remote('out/host/index.js')],
    ]),
  );
  return ended;
}

/** Passes on what is mocha's and leaves out what the window itself logs. */
function printMocha(): (line: string) => void {
  let inside = false;
  return (line) => {
    if (line === MOCHA_ENDS) inside = false;
    if (inside) console.log(line);
    if (line === MOCHA_BEGINS) inside = true;
  };
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
