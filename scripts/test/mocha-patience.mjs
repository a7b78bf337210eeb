// Required by mocha (.mocharc.json): each limit of a test or a hook is what it says, times patience.
// An own limit of a suite overrides mocha's --timeout, so the factor belongs where limits are read.
import Mocha from 'mocha';
import { patience } from './patience.mjs';

const { Runnable } = Mocha;
const timeout = Runnable.prototype.timeout;

Runnable.prototype.timeout = function (...args) {
  const result = timeout.apply(this, args);
  return args.length === 0 ? result * patience() : result;
};
