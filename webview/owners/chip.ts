/** Says that only a part of the samples is shown, and takes that back. */
import { element, setText } from '../dom';
import type { FocusedRow } from '../messages';
import { KEY_WORDS, KIND_WORDS } from './words';

export class FocusChip {
  readonly root = element('div', {
    class: 'focus-bar',
    attributes: { role: 'group', 'aria-label': 'Filter' },
  });
  private readonly text = element('span', { class: 'focus-name' });

  constructor(onClear: () => void) {
    const label = 'Remove the filter: show all samples';
    const clear = element('button', {
      class: 'focus-clear',
      text: '✕',
      title: label,
      attributes: { type: 'button', 'aria-label': label },
    });
    clear.addEventListener('click', onClear);
    const chip = element('span', { class: 'focus-chip' }, this.text, clear);
    const note = element('span', {
      class: 'focus-note',
      text: 'in the flame graph, the editor and exports; percentages stay those of all samples',
    });
    this.root.append(chip, note);
    this.root.hidden = true;
  }

  set(focus: FocusedRow | null): void {
    this.root.hidden = focus === null;
    if (focus !== null) setText(this.text, focusText(focus));
  }
}

function focusText({ by, key, kind }: FocusedRow): string {
  const word = by === 'owner' ? KIND_WORDS[kind] : KEY_WORDS[by][1].split(' ')[0]!;
  const name = key.length > 80 ? `${key.slice(0, 79)}…` : key;
  return word === name ? `Only ${name}` : `Only ${word} ${name}`;
}
