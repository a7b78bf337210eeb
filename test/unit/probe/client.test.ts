import assert from 'node:assert/strict';
import { ProbeClient } from '../../../extension/probe/client';
import { frame } from '../../../extension/probe/framing';
import * as wire from '../../../extension/probe/generated/acupoint_pb';
import type { ProbeError } from '../../../extension/probe/session';
import type { ProfileBatch } from '../../../extension/profile/frames';
import { silentLog } from '../../../extension/common/log';
import { waitFor } from '../../fixtures/wait';
import { encode, ScriptedProbe } from './scripted-probe';

const open = (probe: ScriptedProbe, signal = new AbortController().signal): Promise<ProbeClient> =>
  ProbeClient.open(probe, silentLog, signal);
const ending = (client: ProbeClient): Promise<ProbeError | undefined> =>
  new Promise((closed) => client.listen({ closed }));
const batch = (sequence: number): Parameters<ScriptedProbe['say']>[0] => ({
  case: 'batch',
  value: { sequence, timeUs: BigInt(sequence * 250_000) },
});

describe('a session with a probe', function () {
  this.timeout(20_000);

  it('shakes hands, and leaves when asked', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    assert.equal(client.hello.sampler, 'BPF');
    const ended = ending(client);
    await client.close();
    assert.equal(await ended, undefined);
    assert.equal(probe.kills, 0);
    await assert.rejects(client.list(), /session with the probe is over/);
  });

  it('ends a probe that does not leave by itself', async () => {
    const probe = new ScriptedProbe(false).hello();
    const client = await open(probe);
    await client.close();
    assert.equal(probe.kills, 1);
  });

  it('refuses another protocol', async () => {
    const probe = new ScriptedProbe().hello(1);
    await assert.rejects(open(probe), /protocol 1, this extension 2/);
    assert.equal(probe.kills, 1);
  });

  it('refuses what does not begin with a hello', async () => {
    await assert.rejects(open(new ScriptedProbe().say(batch(1))), { kind: 'corrupt-stream' });
    const noise = new ScriptedProbe().bytes(Buffer.from('Last login: yesterday\n'));
    setImmediate(() => noise.end(0));
    await assert.rejects(open(noise), { kind: /corrupt-stream|probe-died/ });
  });

  it('tells what a probe said that ended before its hello', async () => {
    const probe = new ScriptedProbe();
    probe.stderr.write('sudo: a password is required\n');
    setImmediate(() => probe.end(1));
    await assert.rejects(open(probe), {
      kind: 'probe-died',
      message: /exit code 1: sudo: a password is required/,
    });
  });

  it('can be cancelled', async () => {
    const cancel = new AbortController();
    const probe = new ScriptedProbe();
    setImmediate(() => cancel.abort());
    await assert.rejects(open(probe, cancel.signal), /cancelled/);
    assert.equal(probe.kills, 1);
  });

  it('pings from the start', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    await waitFor('three pings', () => probe.pings() >= 3);
    assert.ok(probe.received.every(({ request }) => request > 0));
    await client.close();
  });

  it('pings also while a slow listener takes one batch after the other', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    let sent = 0;
    const write = probe.stdin.write.bind(probe.stdin) as (chunk: Uint8Array) => boolean;
    probe.stdin.write = ((chunk: Uint8Array) => {
      sent++;
      return write(chunk);
    }) as typeof probe.stdin.write;
    const busy = (ms: number): void => {
      for (const until = performance.now() + ms; performance.now() < until;);
    };
    const sentBefore: number[] = [];
    client.listen({
      batch: () => {
        sentBefore.push(sent);
        busy(300);
      },
    });
    // One chunk: no timer runs in between.
    probe.bytes(Buffer.concat([1, 2, 3, 4, 5, 6].map((n) => frame(encode(batch(n))))));
    await waitFor('all batches', () => sentBefore.length === 6);
    const during = (sentBefore[5] ?? 0) - (sentBefore[0] ?? 0);
    assert.ok(during >= 2, `${during} pings while five batches took 1.5 s`);
    await client.close();
  });

  it('gives answers to the right requests, in any order', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    const waiting: wire.ToProbe[] = [];
    probe.answer = (command) => {
      waiting.push(command);
      if (waiting.length < 3) return;
      for (const { request, command: asked } of waiting.reverse()) {
        if (asked.case === 'list') {
          const masters = [{ pid: asked.case.length, kind: wire.ServerKind.SERVER_KONG }];
          probe.say({ case: 'listing', value: { request, masters } });
        } else if (asked.case === 'start') {
          probe.say({ case: 'started', value: { request, pids: [9], startUnixUs: 5000n } });
        } else if (asked.case === 'readFile') {
          const half = (chunk: string, done: boolean): void => {
            const value = { request, chunk: Buffer.from(chunk), done, modifiedUs: 7000n };
            probe.say({ case: 'file', value });
          };
          half('one ', false);
          half('file', true);
        }
      }
    };
    const [masters, started, file] = await Promise.all([
      client.list(),
      client.start({ target: { master: 8 }, rateHz: 99, budgetPercent: 1.5, requestLabels: true }),
      client.readFile(9, '/x'),
    ]);
    assert.equal(masters[0]?.kind, 'Kong');
    assert.deepEqual(started, { sampler: 'none', pids: [9], startUnixMs: 5 });
    assert.deepEqual([Buffer.from(file.content).toString(), file.modifiedMs], ['one file', 7]);
    const start = waiting.find(({ command }) => command.case === 'start')?.command;
    assert.ok(start?.case === 'start' && start.value.budget === 150 && start.value.requestLabels);
    await client.close();
  });

  it('passes on failures of requests, and goes on', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    const failure = { text: 'No.', detail: 'log', kind: wire.FailureKind.FAILURE_VERIFIER };
    probe.answer = ({ request }) => probe.say({ case: 'failure', value: { request, ...failure } });
    const options = { target: { pid: 1 }, rateHz: 99, budgetPercent: 0, requestLabels: false };
    await assert.rejects(client.start(options), {
      kind: 'verifier',
      message: 'No.',
      detail: 'log',
    });
    await assert.rejects(client.setRate(5), { kind: 'verifier' });
    probe.answer = () => undefined;
    await client.setRate(6);
    await client.close();
  });

  it('ends with a failure that names no request', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    const ended = ending(client);
    const value = { text: 'All workers are gone.', kind: wire.FailureKind.FAILURE_TARGETS_GONE };
    const listing = client.list();
    probe.say({ case: 'failure', value });
    assert.equal((await ended)?.kind, 'targets-gone');
    await assert.rejects(listing, { kind: 'targets-gone' });
  });

  it('keeps notices for whoever listens later, and tells them of the end', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    const kind = wire.NoticeKind.NOTICE_VM_FOUND;
    probe.say({ case: 'notice', value: { kind, pid: 3, text: 'Found.' } });
    probe.bytes(Buffer.from([0x01]));
    setImmediate(() => probe.end(9));
    await assert.rejects(client.list(), { kind: 'probe-died' });
    const heard: string[] = [];
    client.listen({
      notice: (notice) => heard.push(notice.kind),
      closed: (error) => heard.push(error?.kind ?? 'asked'),
    });
    assert.deepEqual(heard, ['vm-found', 'probe-died']);
  });

  it('tells a crash from an exit', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    const heard: string[] = [];
    client.listen({ notice: ({ kind }) => heard.push(kind) });
    const kind = wire.NoticeKind.NOTICE_WORKER_LEFT;
    probe.say({ case: 'notice', value: { kind, pid: 3, text: 'Process 3 has exited.' } });
    probe.say({ case: 'notice', value: { kind, pid: 4, text: 'Killed.', crashed: true } });
    probe.end(0);
    await new Promise<void>((closed) => client.listen({ closed: () => closed() }));
    assert.deepEqual(heard, ['worker-left', 'worker-crashed']);
  });

  it('keeps what came before a cut in the middle of a batch', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    const batches: ProfileBatch[] = [];
    const ended = new Promise<ProbeError | undefined>((closed) => {
      client.listen({ closed, batch: (each) => batches.push(each) });
    });
    const whole = frame(encode(batch(2)));
    probe.say(batch(1)).bytes(whole.subarray(0, whole.length - 1));
    probe.end(null);
    const error = await ended;
    assert.equal(error?.kind, 'connection-lost');
    assert.match(error?.detail ?? '', /cut in its middle/);
    assert.equal(batches.length, 1);
  });

  const hostile: [string, (probe: ScriptedProbe) => void][] = [
    ['a length of 4 GB', (probe) => probe.bytes(Buffer.from('ffffffff0f', 'hex'))],
    ['an empty message', (probe) => probe.bytes(Buffer.from([0]))],
    ['noise', (probe) => probe.bytes(Buffer.alloc(100_000, 0x5a))],
    ['a second hello', (probe) => probe.hello()],
    ['a batch out of order', (probe) => probe.say(batch(5))],
    ['an answer to nothing', (probe) => probe.say({ case: 'listing', value: { request: 999 } })],
    ['an answer of another kind', (probe) => probe.say({ case: 'stopped', value: { request: 2 } })],
  ];
  for (const [what, attack] of hostile) {
    it(`ends for ${what}, with what was captured kept`, async () => {
      const probe = new ScriptedProbe().hello();
      const client = await open(probe);
      let batches = 0;
      const ended = new Promise<ProbeError | undefined>((closed) => {
        client.listen({ closed, batch: () => batches++ });
      });
      probe.say(batch(1));
      const listing = client.list();
      attack(probe);
      assert.equal((await ended)?.kind, 'corrupt-stream');
      await assert.rejects(listing, { kind: 'corrupt-stream' });
      assert.equal(batches, 1);
      assert.equal(probe.kills, 1);
      await client.close();
    });
  }

  it('survives a listener that fails', async () => {
    const probe = new ScriptedProbe().hello();
    const client = await open(probe);
    let calls = 0;
    client.listen({
      batch: () => {
        calls++;
        throw new Error('mine');
      },
    });
    probe.say(batch(1)).say(batch(2));
    await waitFor('both', () => calls === 2);
    await client.close();
  });
});
