import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  fromOutside,
  visible,
  visibleLine,
  type AllVisible,
  type Outside,
} from '../../../extension/common/outside';
import { joined, lines, plain, plainText } from '../../../extension/common/plain';
import { aLink, anySyntax, hidden, tricks } from '../../fixtures/tricks';

const pieces = [
  ...Object.values(tricks).filter((text) => text.length < 1000),
  ...['[', ']', '(', ')', '$', '\\', '](', '$(', 'command:', '\u200b', '\n', ' ', '\u202e'],
];
/** Anything, and often what VS Code or a terminal would take for more than text. */
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })), { maxLength: 12 })
  .map((parts) => parts.join(''));
const outside = hostile.map((text): string | Outside => fromOutside(text));

describe('Text from outside', () => {
  for (const [name, text] of Object.entries(tricks)) {
    it(`is harmless in VS Code, with ${name}`, () => {
      for (const shown of [plainText(text, 500), plain`The host says ${text}.`]) {
        assert.doesNotMatch(shown, hidden);
        assert.doesNotMatch(shown, aLink);
        assert.doesNotMatch(shown, anySyntax);
        assert.ok(shown.length < 2000);
      }
    });

    it(`is harmless in a terminal, with ${name}`, () => {
      assert.doesNotMatch(visible(text), hidden);
      assert.ok(visible(text).length <= 256);
    });
  }

  it('can all be seen, whatever it is', () => {
    fc.assert(
      fc.property(outside, fc.integer({ min: 1, max: 400 }), (text, longest) => {
        for (const shown of [visible(text, longest), visibleLine(text, longest)]) {
          assert.doesNotMatch(shown, hidden);
          assert.ok(shown.length <= longest);
        }
        const shown = visible(text, 4000);
        assert.equal(visible(shown, 4000), shown);
      }),
      { numRuns: 3000 },
    );
  });

  it('has no syntax for VS Code, whatever is put together', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (a, b, c) => {
        const sentences = [
          plain`${a}${b}${c}`,
          plain`[${a}](${b})$(${c})`,
          plain`${plainText(a, 100)}${plain`${b}`}(${c}`,
          joined([plain`${a}]`, plain`(${b}`, plain`$${c}`], ''),
          lines([plain`${a}]`, plain`(${b}`]),
        ];
        for (const shown of sentences) {
          assert.doesNotMatch(shown.replaceAll('\n', ''), hidden);
          assert.doesNotMatch(shown, aLink);
          assert.doesNotMatch(shown, anySyntax);
        }
        assert.equal(plain`${plain`${a}`}`, plain`${a}`);
      }),
      { numRuns: 3000 },
    );
  });

  it('stays as it is where it is harmless', () => {
    const texts = [
      'Kong 3.9.1 (worker 7) costs $5 [1]',
      'naïve 名前 🔥 ❤️ हिन्दी',
      "it's <b> & _c_",
    ];
    for (const text of texts) {
      assert.equal(visible(text), text);
      assert.equal(plainText(text, 200), text);
    }
  });

  it('shows the syntax that it breaks, and hides nothing in it', () => {
    assert.equal(plain`${'[a](command:b) $(c)'}`, '[a] (command:b) $ (c)');
    assert.equal(plainText('a \t\n b\u001b[0m', 200), 'a b␛[0m');
  });

  it('is cut before it is looked at', () => {
    const megabytes = tricks['a whole megabyte']!.repeat(20);
    assert.ok(plain`${megabytes}`.length <= 2000);
    assert.ok(plain`${megabytes}${megabytes}${megabytes}${megabytes}${megabytes}`.length <= 8000);
    assert.equal(plainText('x'.repeat(500), 100), `${'x'.repeat(99)}…`);
  });

  it('is no string where one is wanted', () => {
    const text = fromOutside('x');
    const takesString = (given: string): string => given;
    const takesPlain = (given: typeof words): string => given;
    const words = plain`x`;
    // @ts-expect-error: text from outside
    takesString(text);
    // @ts-expect-error: text of whatever origin
    takesPlain('x');
    // @ts-expect-error: seen, but VS Code may read a link in it
    takesPlain(visible('x'));
    // @ts-expect-error: two put together are a link, maybe
    takesPlain(words + words);
    const message: AllVisible<{ type: 'a'; name: string; rows: { text: string }[] }> = {
      type: 'a',
      name: visible('x'),
      // @ts-expect-error: not made visible
      rows: [{ text: 'x' }],
    };
    assert.ok(message);
  });
});
