/** Colours of the kinds of frames: themes change the lightness of their hues, never their order. */
import { interpolateLab, rgb } from 'd3';
import type { Theme } from '../common/theme-kind';
import type { Kind, Kinds } from './kinds';

export interface KindColours {
  /** Shades of one hue: neighbours of one kind stay apart by their function's shade. */
  readonly fills: readonly string[];
  readonly text: string;
  /** Outline of each frame; undefined: a gap is enough. */
  readonly border: string | undefined;
  readonly hatched: boolean;
}

export interface Palette {
  readonly kinds: readonly KindColours[];
  /** The same for frames that a search has not found, and for callers of the zoomed frame. */
  readonly dimmed: readonly KindColours[];
  readonly background: string;
  readonly hatch: string;
  readonly root: KindColours;
}

export const SHADES = 4;

export function makePalette(theme: Theme, { all }: Kinds): Palette {
  if (theme.kind === 'forced') return forcedPalette(all);
  const background = theme.background;
  const kinds = all.map((kind) => coloursOf(kind, theme, 0));
  const dimmed = all.map((kind) => coloursOf(kind, theme, 0.72));
  const rootFill = mix(theme.foreground, background, 0.78);
  const root = {
    fills: Array<string>(SHADES).fill(rootFill),
    text: readable([rootFill]),
    border: theme.kind.startsWith('hc') ? theme.foreground : undefined,
    hatched: false,
  };
  return { kinds, dimmed, background, hatch: mix(theme.foreground, background, 0.6), root };
}

/** @param dim 0: as it is, 1: the background. */
function coloursOf({ hue, hatched = false }: Kind, theme: Theme, dim: number): KindColours {
  const highContrast = theme.kind.startsWith('hc');
  const dark = theme.kind.endsWith('dark');
  const toBackground = highContrast ? 0.58 : dark ? 0.18 : 0.22;
  const base = mix(hue, theme.background, toBackground);
  const shades = Array.from({ length: SHADES }, (_, shade) => {
    const shaded = mix(base, dark ? '#ffffff' : '#000000', (shade - 1) * 0.045);
    return mix(shaded, theme.background, dim);
  });
  const text = highContrast ? theme.foreground : readable(shades);
  const fills = shades.map((fill) => legible(fill, text));
  const readableBorder = mix(hue, dark ? '#ffffff' : '#000000', dark ? 0.15 : 0.35);
  return {
    fills,
    text,
    border: highContrast ? mix(readableBorder, theme.background, dim * 0.8) : undefined,
    hatched,
  };
}

/** With forced colours the system's own are all there is: kinds are told apart by words alone. */
function forcedPalette(kinds: readonly Kind[]): Palette {
  const colours = (text: string, hatched: boolean): KindColours => ({
    fills: Array<string>(SHADES).fill('Canvas'),
    text,
    border: text,
    hatched,
  });
  const all = (text: string): KindColours[] =>
    kinds.map(({ hatched = false }) => colours(text, hatched));
  return {
    kinds: all('CanvasText'),
    dimmed: all('GrayText'),
    background: 'Canvas',
    hatch: 'GrayText',
    root: colours('CanvasText', false),
  };
}

function mix(from: string, to: string, part: number): string {
  if (part === 0) return rgb(from).formatHex();
  // A negative part leads away from `to`; interpolateLab goes on in a straight line and rgb clamps.
  return rgb(interpolateLab(from, to)(part)).clamp().formatHex();
}

/** Black or white, whichever contrasts more with the worst of the fills. */
function readable(fills: readonly string[]): string {
  const worst = (text: number): number =>
    Math.min(...fills.map((fill) => contrast(luminance(fill), text)));
  return worst(0) >= worst(1) ? '#000000' : '#ffffff';
}

const LEAST_CONTRAST = 4.6;

/** The fill, moved away from the text's lightness as far as reading it needs. */
function legible(fill: string, text: string): string {
  const away = luminance(text) > 0.4 ? '#000000' : '#ffffff';
  let moved = fill;
  for (let step = 1; step <= 20; step++) {
    if (contrast(luminance(moved), luminance(text)) >= LEAST_CONTRAST) break;
    moved = mix(fill, away, step * 0.04);
  }
  return moved;
}

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(colour: string): number {
  const { r, g, b } = rgb(colour);
  const linear = [r, g, b].map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
}

/** A function keeps its shade wherever it stands. */
export function shadeOf(functionId: number): number {
  return (Math.imul(functionId, 0x9e3779b1) >>> 28) % SHADES;
}
