/**
 * One Tab stop for all controls of a toolbar, as the pattern of toolbars has it: arrow keys, Home and
 * End go from one to another. Fields of text keep a stop of their own, and their arrow keys.
 */
import { CONTROLS, setTabStop } from './toolkit';

export function rove(root: HTMLElement): void {
  let current: HTMLElement | undefined;
  const shown = (): HTMLElement[] =>
    [...root.querySelectorAll<HTMLElement>(CONTROLS)].filter(
      (each) => each.offsetParent !== null && !each.hasAttribute('disabled'),
    );
  const settle = (): void => {
    const all = shown();
    if (current === undefined || !all.includes(current)) current = all[0];
    for (const each of root.querySelectorAll<HTMLElement>(CONTROLS))
      setTabStop(each, each === current);
  };
  root.addEventListener('focusin', ({ target }) => {
    const control = (target as HTMLElement).closest<HTMLElement>(CONTROLS);
    if (control === null) return;
    current = control;
    settle();
  });
  root.addEventListener('keydown', (event) => {
    const all = shown();
    const at = all.findIndex((each) => each === document.activeElement);
    if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const steps: Record<string, number> = {
      ArrowLeft: (at || all.length) - 1,
      ArrowRight: (at + 1) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    all[to]!.focus();
  });
  // Controls come and go with the state of the capture and the width of the page.
  const attributeFilter = ['hidden', 'disabled', 'class'];
  new MutationObserver(settle).observe(root, { subtree: true, attributes: true, attributeFilter });
  new ResizeObserver(settle).observe(root);
}
