import assert from 'node:assert/strict';
import { lab } from 'd3';
import { OwnerColours, THE_REST } from '../../webview/common/owner-colours';
import type { Theme } from '../../webview/common/theme-kind';
import type { OwnerKind } from '../../extension/page/messages';

const dark: Theme = {
  kind: 'dark',
  background: '#1f1f1f',
  foreground: '#cccccc',
  fontFamily: 'sans-serif',
  fontSize: 13,
};

describe('colours of owners', () => {
  const colours = new OwnerColours(dark);
  const chroma = (kind: OwnerKind, key: string): number => {
    const { a, b } = lab(colours.of({ kind, key }, true));
    return Math.hypot(a, b);
  };

  it('are hues for modules and blocks of an application, as for plugins', () => {
    const names = ['app.orders', 'app.cart', 'app.search', 'app.users', 'app.prices'];
    for (const name of names) assert.ok(chroma('module', name) > 20, name);
    assert.ok(chroma('other', 'access_by_lua (nginx.conf:12)') > 20);
    const all = new Set(names.map((key) => colours.of({ kind: 'module', key }, true)));
    assert.equal(all.size, names.length);
  });

  it('are greys that can be seen for what is nobody’s', () => {
    const { l: background } = lab(dark.background);
    for (const [kind, key] of [
      ['nginx', 'nginx'],
      ['kernel', 'kernel'],
      ['other', 'unknown'],
      ['other', THE_REST],
    ] as const) {
      assert.ok(chroma(kind, key) < 5, key);
      assert.ok(lab(colours.of({ kind, key }, true)).l - background > 12, key);
    }
  });
});
