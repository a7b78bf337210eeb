/**
 * Runs the suites of test/host on the desktop build of VS Code, which @vscode/test-electron downloads: for machines
 * with a way to the internet and a display. The gate is run-host.ts, which needs neither.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { repositoryRoot } from './fixtures/root';

async function main(): Promise<number> {
  const workspace = await mkdtemp(join(tmpdir(), 'acupoint-host-'));
  await cp(join(repositoryRoot, 'test/fixtures/gateway'), workspace, { recursive: true });
  try {
    return await runTests({
      extensionDevelopmentPath: repositoryRoot,
      extensionTestsPath: join(repositoryRoot, 'out/host/index.js'),
      launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust'],
    });
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
