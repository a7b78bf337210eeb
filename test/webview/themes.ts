/**
 * The variables and body classes that VS Code gives a page in its default themes, as far as the
 * page uses them.
 */
import type { Page } from 'playwright-core';

interface ThemeFixture {
  readonly bodyClass: string;
  readonly variables: Readonly<Record<string, string>>;
}

const common = { 'font-family': 'system-ui, "DejaVu Sans", sans-serif', 'font-size': '13px' };

export const themes: Readonly<Record<string, ThemeFixture>> = {
  dark: {
    bodyClass: 'vscode-dark',
    variables: {
      ...common,
      'editor-background': '#1f1f1f',
      'editor-foreground': '#cccccc',
      foreground: '#cccccc',
      'icon-foreground': '#cccccc',
      descriptionForeground: '#9d9d9d',
      'panel-border': '#2b2b2b',
      focusBorder: '#0078d4',
      'button-background': '#0078d4',
      'button-foreground': '#ffffff',
      'button-secondaryBackground': '#313131',
      'button-secondaryForeground': '#cccccc',
      'input-background': '#313131',
      'input-foreground': '#cccccc',
      'input-placeholderForeground': '#989898',
      'dropdown-background': '#313131',
      'dropdown-foreground': '#cccccc',
      'dropdown-border': '#3c3c3c',
      'editorHoverWidget-background': '#202020',
      'editorHoverWidget-foreground': '#cccccc',
      'editorHoverWidget-border': '#454545',
      'editorWidget-background': '#202020',
      'editorWidget-foreground': '#cccccc',
      'textLink-foreground': '#4daafc',
      errorForeground: '#f85149',
      'editorWarning-foreground': '#cca700',
      'charts-blue': '#3794ff',
      'list-hoverBackground': '#2a2d2e',
    },
  },
  light: {
    bodyClass: 'vscode-light',
    variables: {
      ...common,
      'editor-background': '#ffffff',
      'editor-foreground': '#3b3b3b',
      foreground: '#3b3b3b',
      'icon-foreground': '#3b3b3b',
      descriptionForeground: '#5f5f5f',
      'panel-border': '#e5e5e5',
      focusBorder: '#005fb8',
      'button-background': '#005fb8',
      'button-foreground': '#ffffff',
      'button-secondaryBackground': '#e5e5e5',
      'button-secondaryForeground': '#3b3b3b',
      'input-background': '#ffffff',
      'input-foreground': '#3b3b3b',
      'input-border': '#cecece',
      'input-placeholderForeground': '#6e6e6e',
      'dropdown-background': '#ffffff',
      'dropdown-foreground': '#3b3b3b',
      'dropdown-border': '#cecece',
      'editorHoverWidget-background': '#f8f8f8',
      'editorHoverWidget-foreground': '#3b3b3b',
      'editorHoverWidget-border': '#c8c8c8',
      'editorWidget-background': '#f8f8f8',
      'editorWidget-foreground': '#3b3b3b',
      'textLink-foreground': '#005fb8',
      errorForeground: '#c42b1c',
      'editorWarning-foreground': '#8a6100',
      'charts-blue': '#1a85ff',
      'list-hoverBackground': '#f2f2f2',
    },
  },
  'hc-dark': {
    bodyClass: 'vscode-high-contrast',
    variables: {
      ...common,
      'editor-background': '#000000',
      'editor-foreground': '#ffffff',
      foreground: '#ffffff',
      'icon-foreground': '#ffffff',
      descriptionForeground: '#ffffff',
      contrastBorder: '#6fc3df',
      contrastActiveBorder: '#f38518',
      'panel-border': '#6fc3df',
      focusBorder: '#f38518',
      'button-foreground': '#ffffff',
      'button-border': '#6fc3df',
      'button-secondaryForeground': '#ffffff',
      'input-background': '#000000',
      'input-foreground': '#ffffff',
      'input-border': '#6fc3df',
      'input-placeholderForeground': '#ffffffb3',
      'dropdown-background': '#000000',
      'dropdown-foreground': '#ffffff',
      'dropdown-border': '#6fc3df',
      'editorHoverWidget-background': '#0c141f',
      'editorHoverWidget-foreground': '#ffffff',
      'editorHoverWidget-border': '#6fc3df',
      'editorWidget-background': '#0c141f',
      'editorWidget-foreground': '#ffffff',
      'editorWidget-border': '#6fc3df',
      'textLink-foreground': '#21a6ff',
      errorForeground: '#f48771',
      'editorWarning-foreground': '#ffd370',
    },
  },
  'hc-light': {
    bodyClass: 'vscode-high-contrast vscode-high-contrast-light',
    variables: {
      ...common,
      'editor-background': '#ffffff',
      'editor-foreground': '#292929',
      foreground: '#292929',
      'icon-foreground': '#292929',
      descriptionForeground: '#292929',
      contrastBorder: '#0f4a85',
      contrastActiveBorder: '#006bbd',
      'panel-border': '#0f4a85',
      focusBorder: '#006bbd',
      'button-background': '#0f4a85',
      'button-foreground': '#ffffff',
      'button-secondaryBackground': '#ffffff',
      'button-secondaryForeground': '#292929',
      'button-border': '#0f4a85',
      'input-background': '#ffffff',
      'input-foreground': '#292929',
      'input-border': '#0f4a85',
      'input-placeholderForeground': '#292929b3',
      'dropdown-background': '#ffffff',
      'dropdown-foreground': '#292929',
      'dropdown-border': '#0f4a85',
      'editorHoverWidget-background': '#ffffff',
      'editorHoverWidget-foreground': '#292929',
      'editorHoverWidget-border': '#0f4a85',
      'editorWidget-background': '#ffffff',
      'editorWidget-foreground': '#292929',
      'editorWidget-border': '#0f4a85',
      'textLink-foreground': '#0f4a85',
      errorForeground: '#b5200d',
      'editorWarning-foreground': '#895503',
    },
  },
};

/**
 * As VS Code does it: all variables of before go, those of the new theme come, then the body's
 * class.
 */
export async function applyTheme(page: Page, theme: string): Promise<void> {
  const fixture = themes[theme];
  if (fixture === undefined) throw new Error(`No theme ${theme}.`);
  await page.evaluate(`(() => {
    const { bodyClass, variables } = ${JSON.stringify(fixture)};
    const style = document.documentElement.style;
    for (const property of [...style]) {
      if (property.startsWith('--vscode-')) style.removeProperty(property);
    }
    for (const [name, value] of Object.entries(variables)) {
      style.setProperty('--vscode-' + name, value);
    }
    document.body.className = bodyClass;
  })()`);
}
