/** Faults that axe finds in a page. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeBuilder as AxeBuilderClass } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { repositoryRoot } from '../fixtures/root';

// Not bundled: what axe runs in the page is its own source as it stands in its file.
const fromRepository = createRequire(join(repositoryRoot, 'package.json'));
const { AxeBuilder } = fromRepository('@axe-core/playwright') as {
  AxeBuilder: typeof AxeBuilderClass;
};

/** A line for each place with a serious or critical violation: the rule, the element and why. */
export async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message}`));
}
