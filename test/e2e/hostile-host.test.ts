/** A host that puts VS Code's own syntax for links and icons into what it says. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { hostileHost, type HostileHost } from '../fixtures/sshd';
import { sshAlias } from '../fixtures/stage';
import { explainFailures, openScene, screenshot, type Scene } from './scene';

/** One click on it would type into a new terminal of the user's machine. */
const COMMAND =
  'command:runCommands?%7B%22commands%22%3A%5B%22workbench.action.terminal.new%22%5D%7D';
const LINKS = `[Show how to fix this](${COMMAND}) [Site](https://example.org/x) $(warning)`;

describe('A hostile host', () => {
  let scene: Scene;
  let host: HostileHost;

  before(async () => {
    host = hostileHost(`a Linux without BTF. ${LINKS}`, `Code expired. ${LINKS} Or type it.`);
    const settings = { 'window.autoDetectColorScheme': true };
    scene = await openScene({ settings, sshd: host.options });
  });
  after(async () => {
    await scene?.end();
    host.remove();
  });
  explainFailures(() => scene);

  const inBothThemes = async (name: string): Promise<void> => {
    const { page } = scene.workbench;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`.monaco-workbench.vs${colorScheme === 'dark' ? '-dark' : ''}`).waitFor();
      await screenshot(scene.workbench, `${name}-${colorScheme}`);
    }
  };

  it('puts no link and no icon into a notification', async () => {
    const { workbench } = scene;
    await workbench.runCommand('Acupoint: Attach Tracer');
    await workbench.pick(sshAlias);
    const message = workbench.notifications().filter({ hasText: 'The host runs' }).first();
    await message.waitFor();
    await inBothThemes('hostile-notification');
    await assertPlain(message);
    const text = await message.innerText();
    assert.ok(text.includes('Show how to fix this'), text);
  });

  it('puts no link and no icon into the question for a code', async () => {
    const { workbench, stage } = scene;
    await stage.sshd.restart(host.asking);
    await workbench.runCommand('Acupoint: Attach Tracer');
    await workbench.pick(sshAlias);
    const question = workbench.page.locator('.quick-input-widget .quick-input-message');
    await question.filter({ hasText: 'Code expired' }).waitFor();
    await inBothThemes('hostile-prompt');
    await assertPlain(question);
    const text = await question.innerText();
    assert.ok(text.includes('Show how to fix this'), text);
  });
});

async function assertPlain(shown: Locator): Promise<void> {
  assert.equal(await shown.locator('a, [href], .codicon').count(), 0, await shown.innerHTML());
  // The syntax itself stays to be seen: nothing of it was taken for a link.
  assert.match(await shown.innerText(), /command:runCommands/);
}
