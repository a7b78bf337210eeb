/** The themes of the editor, as far as colours depend on them. */

export type ThemeKind = 'dark' | 'light' | 'hc-dark' | 'hc-light' | 'forced';

export interface Theme {
  readonly kind: ThemeKind;
  readonly background: string;
  readonly foreground: string;
  readonly fontFamily: string;
  /** CSS pixels. */
  readonly fontSize: number;
}
