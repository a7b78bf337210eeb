import assert from 'node:assert/strict';
import { casesOf, type JitTarget, startJitTarget } from '../../native/jit/target';
import { luajit2 } from '../../truth/packages';
import { watching } from './command';

interface Place {
  file: string;
  line: number;
}
interface Answer {
  vms: {
    pid: number;
    traces: number;
    machineCodeBytes: number;
    machineCodeLimit: number;
    flushes: number;
  }[];
  aborts: (Place & { reason: string; count: number })[];
  blacklisted: (Place & { kind: string })[];
}

describe('acupoint jit', function () {
  this.timeout(90_000);
  let target: JitTarget;

  beforeEach(async () => (target = await startJitTarget(luajit2(), 'given_up.lua')));
  afterEach(() => target?.stop());

  async function runAll(): Promise<void> {
    for (const { name } of casesOf('given_up.lua')) await target.run(name);
  }
  const args = () => ['jit', '--pid', String(target.pid), '--budget', '0'];
  const textOf = ({ file, line }: Place, what: string) => `@${file}:${line} ${what}`;

  it('finds each abort and each place that is given up, and no other', async () => {
    const ended = await watching([...args(), '--json'], 'jit', runAll);
    assert.equal(ended.code, 130, ended.stderr);
    const answer = JSON.parse(ended.stdout) as Answer;
    const ledger = target.ledger();
    const aborts = new Set(ledger.aborts.map((each) => `${each.file}:${each.line} ${each.reason}`));
    assert.deepEqual(
      new Set(answer.aborts.map((each) => textOf(each, each.reason))),
      aborts,
      ended.stdout,
    );
    const found = new Set(answer.blacklisted.map((each) => textOf(each, each.kind)));
    assert.ok(ledger.blacklisted.length > 0);
    for (const each of ledger.blacklisted)
      assert.ok(found.has(`${each.file}:${each.line} ${each.kind}`), ended.stdout);
    const [vm, ...others] = answer.vms;
    assert.deepEqual(others, []);
    assert.equal(vm?.pid, target.pid);
    assert.equal(vm?.traces, ledger.traces);
    assert.ok(vm.machineCodeBytes > 0 && vm.machineCodeBytes <= vm.machineCodeLimit);
  });

  it('says what each reason means', async () => {
    const ended = await watching(args(), 'jit', runAll);
    const reasons = new Set(target.ledger().aborts.map(({ reason }) => reason));
    for (const reason of reasons) assert.ok(ended.stdout.includes(`\n${reason}:\n    `), reason);
  });
});
