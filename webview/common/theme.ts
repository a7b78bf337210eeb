/** The editor's theme as the page sees it: its class on the body and its variables. */

import type { Theme, ThemeKind } from './theme-kind';

const forcedColors = matchMedia('(forced-colors: active)');
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

export function isStill(): boolean {
  return reducedMotion.matches || document.body.classList.contains('vscode-reduce-motion');
}

export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const variable = (key: string): string => style.getPropertyValue(`--vscode-${key}`).trim();
  const kind = themeKind();
  const dark = kind === 'dark' || kind === 'hc-dark';
  return {
    kind,
    background: variable('editor-background') || (dark ? '#1f1f1f' : '#ffffff'),
    foreground: variable('editor-foreground') || (dark ? '#cccccc' : '#3b3b3b'),
    fontFamily: variable('font-family') || 'system-ui, sans-serif',
    fontSize: Math.min(32, Math.max(8, parseFloat(variable('font-size')) || 13)),
  };
}

function themeKind(): ThemeKind {
  if (forcedColors.matches) return 'forced';
  const classes = document.body.classList;
  if (classes.contains('vscode-high-contrast-light')) return 'hc-light';
  if (classes.contains('vscode-high-contrast')) return 'hc-dark';
  return classes.contains('vscode-light') ? 'light' : 'dark';
}

/** VS Code changes a theme by rewriting the body's class and the variables in the root's style. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
  forcedColors.addEventListener('change', listener);
}
