/** From few requests to many: one way from dark to bright, or from pale to dark, in every theme. */
import { interpolateRgbBasis, rgb } from 'd3';
import type { Theme } from '../../common/theme-kind';

const ON_DARK = ['#22335e', '#2b6cb0', '#37b3a2', '#c9d14b', '#fff3a3'];
const ON_LIGHT = ['#cfe3f5', '#7fb6dd', '#3a86c2', '#1c5597', '#0a2a5c'];
const STEPS = 64;

/** Colours of cells, from fewest to most requests. */
export function heatColours({ kind }: Theme): readonly string[] {
  if (kind === 'forced') return Array.from({ length: STEPS }, () => 'CanvasText');
  const between = interpolateRgbBasis(kind.endsWith('dark') ? ON_DARK : ON_LIGHT);
  return Array.from({ length: STEPS }, (_, i) => rgb(between(i / (STEPS - 1))).formatHex());
}

/** Few requests beside many are what is looked for: the scale is logarithmic. */
export function colourOf(colours: readonly string[], count: number, most: number): string {
  const part = most <= 1 ? 1 : Math.log(count) / Math.log(most);
  return colours[Math.round(part * (colours.length - 1))]!;
}
