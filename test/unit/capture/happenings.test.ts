import assert from 'node:assert/strict';
import { Happenings } from '../../../extension/capture/happenings';
import { fromOutside } from '../../../extension/common/outside';

describe('Workers that end while they are traced', () => {
  const killed = (pid: number) => ({
    kind: 'worker-crashed' as const,
    text: fromOutside(`Process ${pid} was killed: signal 9 (SIGKILL).`),
  });
  const exited = (pid: number) => ({
    kind: 'worker-left' as const,
    text: fromOutside(`Process ${pid} has exited.`),
  });

  it('are all told, crashes by that name and first', () => {
    const happenings = new Happenings();
    assert.equal(happenings.text, '');
    for (const each of [exited(1), killed(2), exited(3)]) assert.ok(happenings.take(each));
    assert.equal(
      happenings.text,
      'Crash: Process 2 was killed: signal 9 (SIGKILL). Process 1 has exited. ' +
        'Process 3 has exited.',
    );
    assert.equal(happenings.take({ kind: 'vm-found', text: fromOutside('x') }), false);
  });

  it('are counted where they are too many to be read', () => {
    const happenings = new Happenings();
    for (let pid = 1; pid <= 5000; pid++) happenings.take(killed(pid));
    assert.match(happenings.text, /^Crash: Process 1 .* And 4996 more; the log has all of them\.$/);
    happenings.clear();
    assert.equal(happenings.text, '');
  });
});
