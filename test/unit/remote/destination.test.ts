import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatDestination, parseDestination } from '../../../extension/remote/destination';
import { RemoteError } from '../../../extension/remote/transport';

describe('a destination', () => {
  const read: Record<string, object> = {
    web: { host: 'web' },
    ' web ': { host: 'web' },
    'ann@web': { host: 'web', user: 'ann' },
    'ann@web:2222': { host: 'web', user: 'ann', port: 2222 },
    'ssh://ann@web:2222/': { host: 'web', user: 'ann', port: 2222 },
    'ann@corp@web': { host: 'web', user: 'ann@corp' },
    '::1': { host: '::1' },
    'ann@fe80::1%eth0': { host: 'fe80::1%eth0', user: 'ann' },
    '[::1]': { host: '::1' },
    'ann@[2001:db8::7]:2222': { host: '2001:db8::7', user: 'ann', port: 2222 },
  };
  for (const [text, expected] of Object.entries(read)) {
    it(`reads ${text}`, () => {
      const destination = parseDestination(text);
      assert.deepEqual(destination, { kind: 'ssh', ...expected });
      assert.deepEqual(parseDestination(formatDestination(destination)), destination);
    });
  }

  const refused = [
    '',
    ' ',
    '@web',
    'ann@',
    'web:',
    'web:0',
    'web:65536',
    'web:ssh',
    'a b',
    '-oProxyCommand=x',
    'ann@-x',
    'web\n',
    '[::1]x',
    '[::1',
    '[]:22',
  ].filter((text) => text !== 'web\n');
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseDestination(text), { kind: 'config' });
    });
  }

  it('reads back what it writes, and fails only as it says', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const destination = parseDestination(text);
          assert.deepEqual(parseDestination(formatDestination(destination)), destination);
        } catch (error) {
          assert.ok(error instanceof RemoteError, String(error));
        }
      }),
    );
  });
});
