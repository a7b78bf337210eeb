/** Buttons that stand in a row where there is room, and else behind one that shows them. */
import { element } from './dom';
import { button } from './toolkit';

/** The style sheet says where there is room: class `overflow`. */
export function overflow(...buttons: readonly HTMLElement[]): HTMLElement {
  const items = element('div', { class: 'overflow-items' }, ...buttons);
  const open = (wanted: boolean): void => {
    items.classList.toggle('open', wanted);
    more.setAttribute('aria-expanded', String(wanted));
  };
  const more = button({
    label: '⋯',
    title: 'More actions',
    quiet: true,
    onClick: () => open(!items.classList.contains('open')),
  });
  more.classList.add('overflow-more');
  more.setAttribute('aria-haspopup', 'true');
  open(false);
  const root = element('div', { class: 'overflow' }, more, items);
  items.addEventListener('click', () => open(false));
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !items.classList.contains('open')) return;
    open(false);
    more.focus();
    event.stopPropagation();
  });
  document.addEventListener('pointerdown', ({ target }) => {
    if (!root.contains(target as Node)) open(false);
  });
  return root;
}
