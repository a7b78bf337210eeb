/**
 * Colours of owners. Plugins take the hues of the Okabe-Ito set, which people with any of the
 * common colour blindnesses can tell apart, in the order in which they come, and keep theirs, as do
 * modules and blocks of an application; the gateway, nginx, the kernel and what nobody owns are
 * shades of grey. Names and figures always stand beside them.
 */
import { interpolateLab, rgb } from 'd3';
import type { Theme } from './theme-kind';
import type { OwnerKind, ReportEntry } from '../../extension/page/messages';

const HUES = [
  '#e69f00',
  '#56b4e9',
  '#009e73',
  '#cc79a7',
  '#f0e442',
  '#d55e00',
  '#0072b2',
  '#8d84d8',
  '#9fc7a8',
];

/** Part of the background in the colour. */
const GREYS: { readonly [K in OwnerKind]?: number } = { core: 0.42, nginx: 0.55, kernel: 0.66 };
const NOBODYS = 0.76;

/** Key of a row that stands for many. */
export const THE_REST = '(the rest)';

const nobody = new Set([THE_REST, 'unknown', 'Lua of unknown origin']);

export class OwnerColours {
  private readonly hues = new Map<string, number>();
  private readonly greys = new Map<string, number>();

  constructor(private theme: Theme) {}

  setTheme(theme: Theme): void {
    this.theme = theme;
  }

  /** Forgets all: rows are other things than before. */
  clear(): void {
    this.hues.clear();
    this.greys.clear();
  }

  of({ key, kind }: Pick<ReportEntry, 'key' | 'kind'>, byOwner: boolean): string {
    const { background, foreground, kind: theme } = this.theme;
    if (theme === 'forced') return 'CanvasText';
    const grey = kind === 'other' && nobody.has(key) ? NOBODYS : GREYS[kind];
    const isGrey = byOwner && grey !== undefined;
    const place = placeIn(isGrey ? this.greys : this.hues, `${kind} ${key}`);
    if (isGrey) {
      const step = kind === 'core' ? (place % 4) * 0.05 : 0;
      return mix(foreground, background, grey - step);
    }
    const hue = HUES[place % HUES.length]!;
    // The second time around the same hues are paler: neighbours differ all the same.
    const round = Math.min(2, Math.floor(place / HUES.length));
    const paler = round * 0.3 + (theme.startsWith('hc') ? 0 : 0.12);
    return mix(hue, background, paler);
  }
}

function placeIn(places: Map<string, number>, key: string): number {
  const place = places.get(key) ?? places.size;
  places.set(key, place);
  return place;
}

function mix(from: string, to: string, part: number): string {
  return rgb(interpolateLab(from, to)(part)).formatHex();
}
