import assert from 'node:assert/strict';
import { functionRow } from '../../extension/views/capture-page/function-row';
import type { FunctionInfo } from '../../extension/profile/frames';
import type { FlameGraphSource } from '../../extension/views/capture-page/source';
import { hidden, tricks } from '../fixtures/tricks';
import { describePage } from './with-page';

const HOSTILE = [
  '</script><script>window.hacked=1</script>',
  '<img src=x onerror="window.hacked=1">',
  'a'.repeat(64 * 1024),
  'tab\tnewline\nbell\u0007nul\u0000escape\u001b[31m',
  'right-to-left \u202egnp.exe\u202c and \u2066isolate\u2069',
  '\ufeffzero\u200bwidth',
  '\ud800 lone surrogate',
  '__proto__',
  ...Object.values(tricks).filter((text) => text.length < 1000),
];

function rowFor(name: string) {
  const info: FunctionInfo = { name, file: `@${name}`, line: 1, lastLine: 2 };
  const source = { functionInfo: () => info, hasSource: () => true };
  return functionRow(source as unknown as FlameGraphSource, 1);
}

describe('names on their way to the page', () => {
  it('are short, and hold nothing that cannot be seen or that turns text around', () => {
    for (const name of HOSTILE) {
      const row = rowFor(name);
      for (const text of [row.name, row.file]) {
        assert.ok(text.length <= 1024);
        assert.doesNotMatch(text, hidden);
      }
    }
  });
});

describePage('hostile names in the page', (current) => {
  it('are text and nothing else, even where the extension let them through', async () => {
    const { page } = current;
    await page.show(
      HOSTILE.map((name) => ({
        frames: [`lua ${name.replaceAll('@', '')}@/x.lua:1`],
        samples: 10,
      })),
    );
    await page.page.getByRole('button', { name: 'Both' }).click();
    for (let i = 0; i < HOSTILE.length; i++) {
      await page.hover((i + 0.5) / (2 * HOSTILE.length), 1, true);
      await page.settled();
    }
    await page.graph.focus();
    await page.page.keyboard.press('Home');
    await page.page.keyboard.press('ArrowDown');
    await page.page.keyboard.press('z');
    await page.page.keyboard.press('/');
    await page.page.keyboard.type('<img');
    await page.settled();
    assert.equal(await page.page.evaluate('window.hacked'), undefined);
    assert.equal(await page.page.locator('img').count(), 0);
    assert.equal(await page.page.locator('script').count(), 1);
    const wide = await page.page.evaluate<boolean>(
      'document.documentElement.scrollWidth > innerWidth',
    );
    assert.equal(wide, false);
  });
});
