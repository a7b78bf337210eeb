/**
 * The only module that knows the UI toolkit. The rest of the page sees plain elements and these few
 * functions, so that another toolkit takes the place of this one here and nowhere else.
 */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodeProgressRing(),
  vsCodeTextField(),
);

export interface ButtonOptions {
  label: string;
  title: string;
  primary?: boolean;
  /** Without a frame, for narrow buttons that stand in rows. */
  quiet?: boolean;
  onClick: () => void;
}

export function button(options: ButtonOptions): HTMLElement {
  const made = document.createElement('vscode-button');
  const appearance = options.quiet === true ? 'icon' : options.primary ? 'primary' : 'secondary';
  made.setAttribute('appearance', appearance);
  made.title = options.title;
  made.textContent = options.label;
  if (options.quiet === true) made.setAttribute('aria-label', options.title);
  made.addEventListener('click', options.onClick);
  return made;
}

export function setPressed(target: HTMLElement, pressed: boolean): void {
  target.setAttribute('aria-pressed', String(pressed));
  target.classList.toggle('pressed', pressed);
}

export function setDisabled(target: HTMLElement, disabled: boolean): void {
  target.toggleAttribute('disabled', disabled);
}

/** Selects what {@link button} and {@link dropdown} make. */
export const CONTROLS = 'vscode-button, vscode-dropdown';

/** Whether the Tab key stops at the control, once it is in the page. */
export function setTabStop(control: HTMLElement, stops: boolean): void {
  // A button's own has no role without the one within it, which is the one that takes the focus.
  const inner = control.shadowRoot?.querySelector<HTMLElement>('button.control') ?? control;
  if (inner.tabIndex !== (stops ? 0 : -1)) inner.tabIndex = stops ? 0 : -1;
}

export interface TextField {
  readonly root: HTMLElement;
  value: string;
  focus(): void;
  onInput(listener: () => void): void;
}

export function textField(label: string, placeholder: string): TextField {
  const root = document.createElement('vscode-text-field') as HTMLElement & {
    value: string;
    control?: HTMLInputElement;
  };
  root.setAttribute('placeholder', placeholder);
  // It takes its accessible name from its content, and overwrites any other; the style sheet hides
  // the label.
  root.textContent = label;
  return {
    root,
    get value() {
      return root.value ?? '';
    },
    set value(text) {
      root.value = text;
    },
    focus() {
      root.focus();
      root.control?.select();
    },
    onInput(listener) {
      root.addEventListener('input', listener);
    },
  };
}

export interface Dropdown {
  readonly root: HTMLElement;
  value: string;
  onChange(listener: () => void): void;
}

/** @param chosen value of the option that is chosen at first; the first one where it is absent. */
export function dropdown(
  label: string,
  options: readonly (readonly [string, string])[],
  chosen?: string,
): Dropdown {
  const root = document.createElement('vscode-dropdown') as HTMLElement & { value: string };
  root.setAttribute('aria-label', label);
  root.title = label;
  for (const [value, text] of options) {
    const option = document.createElement('vscode-option') as HTMLElement & { value: string };
    option.setAttribute('value', value);
    option.textContent = text;
    if (value === chosen) option.setAttribute('selected', '');
    root.append(option);
  }
  return {
    root,
    get value() {
      return root.value;
    },
    set value(value) {
      root.value = value;
    },
    onChange(listener) {
      root.addEventListener('change', listener);
    },
  };
}

export function progressRing(): HTMLElement {
  const ring = document.createElement('vscode-progress-ring');
  ring.setAttribute('aria-label', 'Working');
  return ring;
}
