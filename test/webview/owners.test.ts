import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { seriousViolations } from './accessibility';
import { statusOf } from './driver';
import { reportOf } from './report';
import { applyTheme, themes } from './themes';
import { describePage } from './with-page';

const results = join(repositoryRoot, 'test-results');

describePage('CPU by plugin', (current) => {
  const table = () => current.page.page.getByRole('table', { name: /On-CPU time/ });
  const header = (name: string) =>
    table().getByRole('columnheader', { name: new RegExp(`^${name}`) });
  const names = () => table().locator('tbody .row-name').allInnerTexts();
  const row = (name: string) => table().getByRole('row').filter({ hasText: name });

  before(() => mkdirSync(results, { recursive: true }));
  beforeEach(async () => {
    await current.page.send({ type: 'layout', layout: 'owners' });
    await current.page.waitForWant('report', (by) => by?.rows === 'owner');
    await current.page.send(reportOf());
  });

  it('adds up to 100.0 %, with plugins that cost nothing', async () => {
    const cells = await table().locator('tbody td.share').allInnerTexts();
    const tenths = cells.map((text) =>
      text.startsWith('<') ? 0 : Math.round(parseFloat(text.replace('≈ ', '')) * 10),
    );
    assert.equal(
      tenths.reduce((sum, value) => sum + value, 0),
      1000,
    );
    assert.match(await row('Sum').innerText(), /100\.0 %/);
    assert.match(await row('acme').innerText(), /0\.0 %/);
    // 1 040 of 10 000 samples may as well be more than 1 080 are; 1 080 and 4 200 are told apart.
    assert.match(await row('rate-limiting').innerText(), /≈ 10\.4 %/);
    assert.match(await row('prometheus').innerText(), /\t10\.8 %/);
    assert.match(await row('jwt').innerText(), /42\.0 %\s+41\.0–43\.0\s+168\s+7\.4 %\s+1\.0 %/);
  });

  it('says in the middle of the pie what a request costs in all', async () => {
    const { page } = current;
    const pie = () => page.page.locator('.pie svg');
    assert.match(
      (await pie().getAttribute('aria-label'))!,
      /^On-CPU time by plugin: jwt.*; 400 µs \/ request$/,
    );
    assert.equal(await pie().locator('.pie-figure').textContent(), '400 µs');
    await page.send(reportOf({ perRequest: null }));
    assert.equal(await pie().locator('.pie-figure').textContent(), '');
  });

  it('leaves seconds open in the last minute in which nobody sampled', async () => {
    const { entries, ...rest } = reportOf();
    const [jwt, ...others] = entries.map((entry) => ({
      ...entry,
      trend: entry.trend.map((value, second) => (second >= 20 && second < 32 ? null : value)),
    }));
    await current.page.send({ ...rest, entries: [jwt!, ...others] });
    const line = row('jwt').locator('.sparkline');
    const d = (await line.locator('path').getAttribute('d'))!;
    assert.equal(d.match(/M/g)?.length, 2, d);
    assert.equal(d.match(/[ML]/g)?.length, 48, d);
    assert.match((await line.getAttribute('aria-label'))!, /not known for 12 s$/);
    for (const theme of ['dark', 'light']) {
      await applyTheme(current.page.page, theme);
      await current.page.page.screenshot({ path: join(results, `owners-gap-${theme}.png`) });
    }
  });

  it('can be copied, as text that adds up and holds no formula', async () => {
    const report = reportOf();
    const [first, ...rest] = report.entries;
    const hostile = { ...first!, key: 'x', name: '=HYPERLINK("x")\tand\nmore' };
    await current.page.send({ ...report, entries: [hostile, ...rest] });
    await current.page.page.getByRole('button', { name: 'Copy table' }).click();
    const { text } = await current.page.waitForMessage('copy');
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, report.entries.length + 2);
    const widths = new Set(lines.map((line) => line.split('\t').length));
    assert.equal(widths.size, 1, text);
    assert.match(lines[0]!, /^Plugin\tKind\tCPU\t/);
    assert.match(lines[1]!, /^'=HYPERLINK\("x"\) and more\tplugin\t42\.0 %\t/);
    assert.match(lines.at(-1)!, /^Sum\t\t100\.0 %/);
  });

  it('sorts by each column, as the header says', async () => {
    assert.equal(await header('CPU').getAttribute('aria-sort'), 'descending');
    assert.equal((await names())[0], 'jwt');
    await header('Plugin').getByRole('button').click();
    assert.equal(await header('Plugin').getAttribute('aria-sort'), 'ascending');
    assert.equal(await header('CPU').getAttribute('aria-sort'), 'none');
    const byName = await names();
    assert.deepEqual(
      byName,
      [...byName].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    );
    await header('log').getByRole('button').click();
    assert.equal((await names())[0], 'prometheus');
  });

  it('leaves rows where they are while the pointer is on them', async () => {
    const before = await names();
    await row('prometheus').hover();
    await current.page.send(reportOf({}, 0.01));
    assert.deepEqual(await names(), before);
    assert.match(await row('jwt').innerText(), /\b0\.\d %/);
    await current.page.page.mouse.move(5, 5);
    await current.page.settled();
    assert.equal((await names())[0], 'prometheus');
  });

  it('filters by a row, by a slice and by the keyboard, and takes it back', async () => {
    const { page } = current;
    await row('rate-limiting').getByRole('button').click();
    const focus = { by: 'owner', key: 'rate-limiting', kind: 'plugin' } as const;
    assert.deepEqual((await page.waitForMessage('focus')).focus, focus);
    await page.send(statusOf({ focus }));
    const button = row('rate-limiting').getByRole('button');
    assert.equal(await button.getAttribute('aria-pressed'), 'true');
    assert.match(
      await page.page.locator('.focus-chip:visible').innerText(),
      /Only plugin rate-limiting/,
    );
    await page.page.getByRole('button', { name: 'Graph' }).first().click();
    assert.ok(
      await page.page.locator('.focus-chip:visible').isVisible(),
      'in the flame graph as well',
    );
    await page.forgetMessages();
    await page.page.getByRole('button', { name: 'Remove the filter' }).click();
    assert.equal((await page.waitForMessage('focus')).focus, null);
    await page.send(statusOf());
    assert.equal(await page.page.locator('.focus-bar:visible').count(), 0);

    await page.page.keyboard.press('o');
    await page.forgetMessages();
    await page.page.locator('path.slice').first().click();
    assert.equal((await page.waitForMessage('focus')).focus?.key, 'jwt');
    await page.forgetMessages();
    await page.page.locator('.plugins .owner-scroll').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.page.keyboard.press(key);
    assert.equal((await page.waitForMessage('focus')).focus?.key, 'prometheus');
  });

  it('asks for other rows and columns, and keeps the choice', async () => {
    const { page, server } = current;
    await page.page.getByRole('combobox', { name: 'Rows' }).click();
    await page.page.getByRole('option', { name: 'By URI' }).click();
    await page.waitForWant('report', (by) => by?.rows === 'uri' && by.columns === 'phase');
    await waitFor('the page to keep the choice', () =>
      page.page.evaluate<boolean>(
        `JSON.parse(sessionStorage.getItem('state'))?.options.report?.rows === 'uri'`,
      ),
    );
    await page.load(server);
    await page.waitForWant('report', (by) => by?.rows === 'uri');
  });

  it('shows hostile names as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const report = reportOf();
    report.entries[0] = { ...report.entries[0]!, key: hostile, name: hostile };
    await current.page.send({ ...report, columnNames: [hostile, ...report.columnNames.slice(1)] });
    assert.equal((await names())[0], hostile);
    assert.equal(await current.page.page.locator('img').count(), 0);
  });

  it('says why requests are not counted', async () => {
    const requestsMissing = 'The status memory of this nginx cannot be read.';
    await current.page.send(reportOf({ requests: null, perRequest: null, requestsMissing }));
    const text = await current.page.page.locator('.plugins .owner-facts').innerText();
    assert.ok(text.includes(requestsMissing), text);
    assert.match(await row('jwt').innerText(), /–/);
  });

  it('says what a row causes by timers, and divides by the requests of the row', async () => {
    const report = reportOf({ causedSamples: 40 });
    const [jwt, acl] = [report.entries[0]!, report.entries[1]!];
    jwt.caused = report.weight * 0.05;
    acl.caused = -report.weight * 0.05;
    jwt.requests = 100;
    acl.requests = null;
    await current.page.send(report);
    assert.match((await header('Caused').getAttribute('title')) ?? '', /40 samples/);
    const cost = Math.round((jwt.weight + jwt.caused) / 100).toLocaleString('en-US');
    const text = await row('jwt').innerText();
    assert.match(text, /\+5\.0 %/);
    assert.ok(text.replace(/[\s,.\u2009\u202f]/g, '').includes(cost.replace(/\D/g, '')), text);
    assert.match(await row('rate-limiting').innerText(), /−5\.0 %[^]*–/);
    await current.page.send(reportOf());
    assert.equal(await header('Caused').count(), 0);
  });

  it('says the pie in words', async () => {
    const pie = current.page.page.getByRole('img', { name: /^On-CPU time by plugin: jwt 42/ });
    assert.equal(await pie.count(), 1);
  });

  for (const theme of Object.keys(themes)) {
    it(`is accessible in ${theme}`, async () => {
      const { page } = current;
      await applyTheme(page.page, theme);
      await page.send(statusOf({ focus: { by: 'owner', key: 'jwt', kind: 'plugin' } }));
      await page.settled();
      await page.page.screenshot({ path: join(results, `owners-${theme}.png`) });
      assert.deepEqual(await seriousViolations(page.page), []);
    });
  }

  it('fits a narrow column', async () => {
    const { page } = current;
    await page.page.setViewportSize({ width: 540, height: 700 });
    await applyTheme(page.page, 'dark');
    await page.settled();
    await page.page.screenshot({ path: join(results, 'owners-narrow.png') });
    const sideways = await page.page.evaluate('document.documentElement.scrollWidth > innerWidth');
    assert.equal(sideways, false);
  });
});
