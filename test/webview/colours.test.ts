import assert from 'node:assert/strict';
import { lab, rgb } from 'd3';
import type { Theme, ThemeKind } from '../../webview/common/theme-kind';
import { makePalette } from '../../webview/graph/colours';
import { frameKinds, kindText } from '../../webview/graph/kinds';

const THEMES: readonly (readonly [ThemeKind, string, string])[] = [
  ['dark', '#1f1f1f', '#cccccc'],
  ['light', '#ffffff', '#3b3b3b'],
  ['hc-dark', '#000000', '#ffffff'],
  ['hc-light', '#ffffff', '#292929'],
];

function themeOf([kind, background, foreground]: (typeof THEMES)[number]): Theme {
  return { kind, background, foreground, fontFamily: 'sans-serif', fontSize: 13 };
}

function luminance(colour: string): number {
  const { r, g, b } = rgb(colour);
  const [red, green, blue] = [r, g, b].map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

describe('colours of frame kinds', () => {
  for (const fixture of THEMES) {
    const theme = themeOf(fixture);
    const palette = makePalette(theme, frameKinds);

    it(`leave labels readable in ${theme.kind}`, () => {
      const least = theme.kind.startsWith('hc') ? 5.5 : 4.5;
      for (const colours of [...palette.kinds, palette.root]) {
        for (const fill of colours.fills) {
          const ratio = contrast(fill, colours.text);
          assert.ok(ratio >= least, `${fill} under ${colours.text}: ${ratio.toFixed(2)}`);
        }
      }
    });

    it(`differ from each other in ${theme.kind}`, () => {
      const coloured = frameKinds.order.filter((kind) => {
        const { hatched } = palette.kinds[kind]!;
        return !hatched;
      });
      for (const one of coloured) {
        for (const other of coloured) {
          if (one >= other) continue;
          const [a, b] = [one, other].map((kind) => lab(palette.kinds[kind]!.fills[1]!));
          const distance = Math.hypot(a!.l - b!.l, a!.a - b!.a, a!.b - b!.b);
          const least = theme.kind.startsWith('hc') ? 6 : 12;
          const pair = `${kindText(frameKinds, one).label} and ${kindText(frameKinds, other).label}`;
          assert.ok(distance >= least, `${pair}: ${distance.toFixed(1)}`);
        }
      }
    });
  }

  it('have a border where the theme asks for contrast', () => {
    for (const fixture of THEMES) {
      const palette = makePalette(themeOf(fixture), frameKinds);
      const wanted = fixture[0].startsWith('hc');
      assert.ok(palette.kinds.every((colours) => (colours.border !== undefined) === wanted));
    }
  });

  it('are those of the system where colours are forced', () => {
    const palette = makePalette({ ...themeOf(THEMES[0]!), kind: 'forced' }, frameKinds);
    assert.ok(palette.kinds.every((colours) => colours.fills.every((fill) => fill === 'Canvas')));
  });
});

describe('words of frame kinds', () => {
  it('differ from each other', () => {
    const labels = frameKinds.order.map((kind) => kindText(frameKinds, kind).label);
    assert.equal(new Set(labels).size, labels.length);
    const markers = frameKinds.order
      .map((kind) => kindText(frameKinds, kind).marker)
      .filter((text) => text !== '');
    assert.equal(new Set(markers).size, markers.length);
  });
});
