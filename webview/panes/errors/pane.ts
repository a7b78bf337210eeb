/** Errors, and the lines where they happen. */
import type { Pane } from '../pane';
import { ErrorsView } from './view';

export const errorsPane: Pane<'errors'> = {
  id: 'errors',
  label: 'Errors',
  key: 'e',
  title: 'Errors: exceptions, responses that Lua ended, lines of the error log',
  topic: 'errors',
  options: {},
  make: (host) => new ErrorsView(host),
};
