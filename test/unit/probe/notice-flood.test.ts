import assert from 'node:assert/strict';
import { fromOutside, rawText } from '../../../extension/common/outside';
import { ProbeClient } from '../../../extension/probe/client';
import * as wire from '../../../extension/probe/generated/acupoint_pb';
import { NoticeGate, noticeLimits } from '../../../extension/probe/notice-gate';
import { Recorder } from '../../../extension/probe/recording/recorder';
import { ReplaySession } from '../../../extension/probe/recording/replay';
import type { Notice } from '../../../extension/probe/session';
import { hello, notice } from './recording/dialogue';
import { ScriptedProbe } from './scripted-probe';

const other = (text: string, detail = ''): Notice => ({
  kind: 'other',
  pid: 0,
  text: fromOutside(text),
  detail: fromOutside(detail),
});

describe('A flood of notices', function () {
  this.timeout(20_000);

  it('is counted beyond so many of a kind in a minute, and said in one line', () => {
    const said: string[] = [];
    let now = 0;
    const limits = { notices: 3, chars: 1000, detailChars: 10 };
    const gate = new NoticeGate(
      (text) => said.push(text),
      limits,
      () => now,
    );
    const heard = Array.from({ length: 1243 }, (_, i) => gate.notice(other(`${i}`)));
    assert.equal(heard.filter((each) => each !== undefined).length, 3);
    assert.ok(gate.notice({ ...other('a'), kind: 'worker-left' }), 'another kind has its own');
    now = 60_000;
    assert.ok(gate.notice(other('b')));
    assert.deepEqual(said, ['1 240 more notices of the host were left out: so many came at once.']);
    gate.turn();
    assert.equal(said.length, 1);
  });

  it('is bounded in characters, whatever the kinds', () => {
    const gate = new NoticeGate(() => undefined, { notices: 100, chars: 1000, detailChars: 10 });
    const long = gate.notice(other('x', 'y'.repeat(500)));
    assert.equal(long && rawText(long.detail), `${'y'.repeat(10)}… (490 more)`);
    assert.equal(gate.notice(other('z'.repeat(990))), undefined);
  });

  it('reaches neither the listener, the log nor the recording of a session', async () => {
    const lines: string[] = [];
    const write = (line: string) => lines.push(line);
    const log = { trace: write, info: write, warn: write };
    const probe = new ScriptedProbe().hello();
    const client = await ProbeClient.open(probe, log, new AbortController().signal);
    const heard: Notice[] = [];
    const recorder = new Recorder();
    client.record(recorder);
    const closed = new Promise((resolve) =>
      client.listen({ notice: (each) => heard.push(each), closed: resolve }),
    );
    const detail = 'd'.repeat(2000);
    for (let i = 0; i < 5000; i++) {
      const kind =
        i % 2 === 0 ? wire.NoticeKind.NOTICE_OTHER : wire.NoticeKind.NOTICE_WORKER_JOINED;
      probe.say({ case: 'notice', value: { kind, text: `notice ${i}`, detail } });
      const failure = { request: 7_000_000 + i, text: `failure ${i}`, detail };
      if (i < 3000) probe.say({ case: 'failure', value: failure });
      probe.stderr.write(`line ${i}\n`);
    }
    probe.end(1);
    await closed;
    const said = rawText(heard.at(-1)!.text);
    assert.match(said, /^\d{1,2} \d{3} more notices of the host were left out/);
    assert.ok(heard.length <= 1 + 2 * noticeLimits.notices, `${heard.length} were heard`);
    const chars = lines.join('\n').length;
    assert.ok(chars < 2 * noticeLimits.chars, `${chars} characters were logged`);
    assert.ok(recorder.bytes < 2 * noticeLimits.chars, `${recorder.bytes} bytes were recorded`);
  });

  it('of a recording is bounded in all', async () => {
    const recorder = new Recorder();
    recorder.heard(hello());
    for (let i = 0; i < 5000; i++) recorder.heard(notice(`notice ${i}`));
    const session = await ReplaySession.open(recorder.write({ host: 'h', target: 't' }, ''));
    const heard: string[] = [];
    session.listen({ notice: ({ text }) => heard.push(rawText(text)) });
    await session.play();
    assert.equal(heard.length, 1001);
    assert.match(heard.at(-1)!, /^4 000 more notices/);
  });
});
