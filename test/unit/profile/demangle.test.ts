import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { demangle, OwnNames } from '../../../extension/profile/demangle';

const LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64'];

describe('The name of a symbol', () => {
  for (const [symbol, name] of [
    ['_ZN3foo3barEv', 'foo::bar'],
    ['_ZN3ngx4pool5allocEm.part.0', 'ngx::pool::alloc [clone .part.0]'],
    ['_ZNSt6vectorIiSaIiEE9push_backEOi', 'std::vector<int, std::allocator<int> >::push_back'],
    ['_ZNSt8ios_base7failureB5cxx11D1Ev', 'std::ios_base::failure[abi:cxx11]::~failure'],
    ['_ZZN1A1fIiEEvT_ENKUlPKcE0_clES3_', 'A::f<int>(int)::{lambda(char const*)#2}::operator()'],
    ['_ZN12_GLOBAL__N_14workEPFviE', '(anonymous namespace)::work'],
    ['_ZN1AIPFviEE1fEv', 'A<void (*)(int)>::f'],
    ['_ZN1AILj3ELb1EEcvbEv', 'A<3u, true>::operator bool'],
    ['_ZThn16_N1BD1Ev', 'non-virtual thunk to B::~B'],
    ['_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE', 'core::fmt::Write::write_fmt'],
    [
      '_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE',
      '<alloc::string::String as core::fmt::Display>::fmt',
    ],
    [
      '_ZN4main4work28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE.llvm.123',
      'main::work::{{closure}}',
    ],
    ['_RNvC6_123foo3bar', '123foo::bar'],
    ['_RNvMs_Cs4fqI2P2rA04_7mycrateNtB4_3Foo3bar', '<mycrate::Foo>::bar'],
    ['_RINvNtC3std3mem8align_ofjdE', 'std::mem::align_of::<usize, f64>'],
    ['_RNCC4main0', 'main::{closure#0}'],
    [
      '_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y',
      'utf8_idents::საჭმელად_გემრიელი_სადილი',
    ],
    ['_RNvYAhj4_NtC4core5Clone5clone', '<[u8; 4] as core::Clone>::clone'],
  ] as const) {
    it(`of ${symbol}`, () => assert.equal(demangle(symbol), name));
  }

  it('is the symbol itself where it is none of theirs or not understood', () => {
    for (const symbol of [
      'ngx_http_handler',
      '_Z',
      '_ZN',
      '_R',
      '_ZN3fooI',
      '_RB_',
      '_ZNE',
      '_ZS_',
    ])
      assert.equal(demangle(symbol), undefined, symbol);
    const info = { name: 'ngx_http_handler', file: '/usr/sbin/nginx', line: 0, lastLine: 0 };
    assert.equal(new OwnNames(9).of(info), info);
    const lua = { name: '_ZN3foo3barEv', file: '@/x.lua', line: 7, lastLine: 9 };
    assert.equal(new OwnNames(9).of(lua), lua);
    assert.deepEqual(new OwnNames(9).of({ ...lua, line: 0, lastLine: 0 }).symbol, '_ZN3foo3barEv');
  });

  it('ends soon and throws nothing, whatever the symbol holds', () => {
    const letters = fc.constantFrom(...'_ZNRISTBCEKLMPFJXvijs0123456789abcd$.');
    const tail = fc.array(letters, { maxLength: 300 }).map((all) => all.join(''));
    const property = fc.property(
      fc.constantFrom('_Z', '_R', '_ZN', '_RNv'),
      tail,
      (start, rest) => {
        const name = demangle(start + rest);
        assert.ok(name === undefined || name.length <= 20_000);
      },
    );
    fc.assert(property, { numRuns: 3000 });
    // Each part refers to the one before twice.
    const doubled = `_ZN1AI${Array.from({ length: 60 }, (_, i) => `1CIS${i > 0 ? i.toString(36).toUpperCase() : ''}_S_E`).join('')}EE1fEv`;
    assert.doesNotThrow(() => demangle(doubled));
  });

  it('is what c++filt says, for every function of libstdc++', function () {
    const library = LIBRARIES.map((folder) => `${folder}/libstdc++.so.6`).find(existsSync);
    if (library === undefined) this.skip();
    const options = { encoding: 'utf8', maxBuffer: 1 << 26 } as const;
    const symbols = execFileSync('nm', ['-D', '--defined-only', library], options)
      .split('\n')
      .map((line) => / [TtWwi] (_Z[^@]*)/.exec(line)?.[1] ?? '')
      .filter((symbol) => symbol !== '');
    assert.ok(symbols.length > 3000);
    const input = symbols.join('\n');
    const expected = execFileSync('c++filt', ['-p'], { ...options, input }).split('\n');
    let named = 0;
    symbols.forEach((symbol, i) => {
      const name = demangle(symbol);
      if (name === undefined) return;
      named++;
      assert.equal(plain(name), plain(expected[i] ?? ''), symbol);
    });
    assert.ok(named / symbols.length > 0.98, `${named} of ${symbols.length}`);
  });
});

/** c++filt shows parameters of thunks all the same, and does not always put its space in `> >`. */
function plain(name: string): string {
  return name.replace(/^((?:non-)?virtual thunk to .*?)\(.*$/, '$1').replace(/> (?=>)/g, '>');
}

describe('OwnNames', () => {
  it('reads only so many symbols, and leaves the others as they are', () => {
    const names = new OwnNames(2);
    const info = (name: string) => ({ name, file: '', line: 0, lastLine: 0 });
    const read = ['_Z1av', '_Z1bv', '_Z1cv', '_Z1av'].map((name) => names.of(info(name)).name);
    assert.deepEqual(read, ['a', 'b', '_Z1cv', 'a']);
  });

  it('gives up on names that references make longer than anybody reads', () => {
    const doubled = Array.from({ length: 12 }, (_, k) => `S${(2 * k).toString(36).toUpperCase()}_`);
    const types = doubled.map((reference) => `1bI${reference}${reference}E`);
    assert.equal(demangle(`_Z1fI3abc${types.join('')}Evv`), undefined);
  });
});
