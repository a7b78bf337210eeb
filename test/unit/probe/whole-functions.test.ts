import assert from 'node:assert/strict';
import { WholeFunctions } from '../../../extension/probe/whole-functions';

const native = (name: string, file = '/usr/sbin/nginx') => ({ name, file, line: 0, lastLine: 0 });

describe('Pieces that a compiler made of a function', () => {
  it('are that function, whichever comes first', () => {
    const functions = new WholeFunctions();
    const first = functions.add({ info: native('handle') });
    assert.equal(functions.add({ info: native('handle'), part: 'handle.part.0' }), undefined);
    assert.ok(functions.add({ info: native('parse'), part: 'parse.isra.0' }));
    assert.equal(functions.add({ info: native('parse') }), undefined);
    assert.equal(functions.add({ info: native('parse'), part: 'parse.cold' }), undefined);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((id) => functions.idOf(id)),
      [1, 1, 2, 2, 2],
    );
    assert.deepEqual(first?.parts, ['handle.part.0']);
  });

  it('are of the file that they stand in', () => {
    const functions = new WholeFunctions();
    functions.add({ info: native('handle') });
    const other = functions.add({ info: native('handle', '/lib/a.so'), part: 'handle.cold' });
    assert.deepEqual(other?.parts, ['handle.cold']);
    assert.equal(functions.idOf(2), 2);
  });

  it('leave all other functions as they are, Lua that has no line among them', () => {
    const functions = new WholeFunctions();
    const stripped = { name: 'one', file: '@/a.luac', line: 0, lastLine: 0 };
    for (const identity of [1, 2]) functions.add({ info: { ...stripped, identity } });
    assert.deepEqual(functions.add({ info: { ...native('f'), line: 3 } }), {
      ...native('f'),
      line: 3,
    });
    assert.deepEqual(
      [1, 2, 3].map((id) => functions.idOf(id)),
      [1, 2, 3],
    );
  });
});
