/** The search field with its toggles, its result and the way from match to match. */
import { element, setText } from '../common/dom';
import type { Query } from './search';
import { button, setPressed, textField } from '../common/toolkit';
import { graphKeys, withKey } from './keys';

export interface SearchBoxEvents {
  onQuery(query: Query): void;
  onNext(step: 1 | -1): void;
  onLeave(): void;
}

export class SearchBox {
  readonly root = element('div', {
    class: 'search group',
    attributes: { role: 'search', 'aria-label': 'Search functions and files' },
  });
  private readonly field = textField(
    'Search functions and files',
    withKey('Search', graphKeys.search),
  );
  private readonly caseToggle: HTMLElement;
  private readonly regexToggle: HTMLElement;
  private readonly filterToggle: HTMLElement;
  private readonly result = element('span', {
    class: 'search-result',
    attributes: { role: 'status', 'aria-live': 'polite' },
  });
  private matchCase = false;
  private regex = false;
  private filter = false;

  constructor(private readonly events: SearchBoxEvents) {
    this.caseToggle = button({
      label: 'Aa',
      title: 'Match case',
      quiet: true,
      onClick: () => this.set({ ...this.query, matchCase: !this.matchCase }),
    });
    this.regexToggle = button({
      label: '.*',
      title: 'Use regular expression',
      quiet: true,
      onClick: () => this.set({ ...this.query, regex: !this.regex }),
    });
    this.filterToggle = button({
      label: 'Only',
      title: 'Show only stacks that match',
      quiet: true,
      onClick: () => this.set({ ...this.query, filter: !this.filter }),
    });
    const previous = button({
      label: '↑',
      title: withKey('Previous match', graphKeys.previous),
      quiet: true,
      onClick: () => events.onNext(-1),
    });
    const next = button({
      label: '↓',
      title: withKey('Next match', graphKeys.next),
      quiet: true,
      onClick: () => events.onNext(1),
    });
    this.root.append(this.field.root, this.caseToggle, this.regexToggle, this.filterToggle);
    this.root.append(previous, next);
    this.root.append(this.result);
    this.field.onInput(() => events.onQuery(this.query));
    this.field.root.addEventListener('keydown', (event) => this.onKey(event));
  }

  get query(): Query {
    return {
      text: this.field.value,
      matchCase: this.matchCase,
      regex: this.regex,
      filter: this.filter,
    };
  }

  set(query: Query): void {
    this.matchCase = query.matchCase;
    this.regex = query.regex;
    this.filter = query.filter;
    this.field.value = query.text;
    setPressed(this.caseToggle, this.matchCase);
    setPressed(this.regexToggle, this.regex);
    setPressed(this.filterToggle, this.filter);
    this.events.onQuery(this.query);
  }

  focus(): void {
    this.field.focus();
  }

  showResult(text: string, isError: boolean): void {
    setText(this.result, text);
    this.result.classList.toggle('error', isError);
    this.field.root.classList.toggle('invalid', isError);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.events.onNext(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') {
      if (this.query.text === '') this.events.onLeave();
      else this.set({ ...this.query, text: '' });
    } else if (event.key === 'ArrowDown') this.events.onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
