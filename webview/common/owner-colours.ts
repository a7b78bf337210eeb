/**
 * Colours of owners. Plugins take the hues of the Okabe-Ito set, which people with any of the
 * common colour blindnesses can tell apart, in the order in which they come, and keep theirs; what
 * is not a plugin is a shade of grey. Names and figures always stand beside them.
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

const GREYS: Record<Exclude<OwnerKind, 'plugin'>, number> = {
  core: 0.42,
  nginx: 0.6,
  kernel: 0.74,
  other: 0.86,
};

export class OwnerColours {
  private readonly places = new Map<string, number>();

  constructor(private theme: Theme) {}

  setTheme(theme: Theme): void {
    this.theme = theme;
  }

  /** Begin anew: rows are other things than before. */
  clear(): void {
    this.places.clear();
  }

  of({ key, kind }: Pick<ReportEntry, 'key' | 'kind'>, byOwner: boolean): string {
    const { background, foreground, kind: theme } = this.theme;
    if (theme === 'forced') return 'CanvasText';
    const place = this.placeOf(`${kind} ${key}`);
    if (byOwner && kind !== 'plugin') {
      const step = kind === 'core' ? (place % 4) * 0.05 : 0;
      return mix(foreground, background, GREYS[kind] - step);
    }
    const hue = HUES[place % HUES.length]!;
    // The second time around the same hues are paler: neighbours differ all the same.
    const round = Math.min(2, Math.floor(place / HUES.length));
    const paler = round * 0.3 + (theme.startsWith('hc') ? 0 : 0.12);
    return mix(hue, background, paler);
  }

  private placeOf(key: string): number {
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.places.size;
      this.places.set(key, place);
    }
    return place;
  }
}

function mix(from: string, to: string, part: number): string {
  return rgb(interpolateLab(from, to)(part)).formatHex();
}
