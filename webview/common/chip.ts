/** Says that only a part of the samples is shown, and takes that back. */
import { element, setText } from './dom';

export class FocusChip {
  readonly root = element('div', {
    class: 'focus-bar',
    attributes: { role: 'group', 'aria-label': 'Filter' },
  });
  private readonly text = element('span', { class: 'focus-name' });

  /** @param note where only this is shown. @param all what is shown without a filter. */
  constructor(onClear: () => void, note: string, all: string) {
    const label = `Remove the filter: show ${all}`;
    const clear = element('button', {
      class: 'focus-clear',
      text: '✕',
      title: label,
      attributes: { type: 'button', 'aria-label': label },
    });
    clear.addEventListener('click', onClear);
    const chip = element('span', { class: 'focus-chip' }, this.text, clear);
    this.root.append(chip, element('span', { class: 'focus-note', text: note }));
    this.root.hidden = true;
  }

  /** @param text null: there is no filter. */
  set(text: string | null): void {
    this.root.hidden = text === null;
    if (text !== null) setText(this.text, text);
  }
}
