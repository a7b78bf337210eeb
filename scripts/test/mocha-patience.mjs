// Required by mocha (.mocharc.json): each limit of a test or a hook is what it says, times patience.
// An own limit of a suite overrides mocha's --timeout, so the factor belongs where limits are read.
import Mocha from 'mocha';
import { patience } from './patience.mjs';

/** @type {{ timeout: (...ms: unknown[]) => unknown }} */
const runnable = Mocha.Runnable.prototype;
const original = runnable.timeout;

/** @this {Mocha.Runnable} */
runnable.timeout = function (...ms) {
  const result = original.apply(this, ms);
  return ms.length === 0 ? Number(result) * patience() : result;
};
