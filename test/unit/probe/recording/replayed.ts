/** Captures out of messages, and out of the recordings of these. */
import { Capture } from '../../../../extension/capture/capture';
import { openRecording } from '../../../../extension/capture/open-recording';
import * as probe from '../../../../extension/probe';
import { ProbeClient } from '../../../../extension/probe/client';
import { frame } from '../../../../extension/probe/framing';
import { TypeScriptEngine } from '../../../../extension/profile/engine-ts';
import { ProfileStore, sinceStart } from '../../../../extension/profile/store';
import { silentLog } from '../../../../extension/common/log';
import { waitFor } from '../../../fixtures/wait';
import { ScriptedProbe } from '../scripted-probe';
import { hello, listing } from './dialogue';

const newStore = (): ProfileStore => new ProfileStore(new TypeScriptEngine());

/** A capture whose probe says what the test wants, through the client that real ones speak with. */
export async function live(startedAt: number) {
  const script = new ScriptedProbe().bytes(frame(hello()));
  script.answer = ({ request, command }) => {
    if (command.case === 'list') script.bytes(answering(listing(), request));
    if (command.case === 'start')
      script.say({
        case: 'started',
        value: { request, sampler: 1, pids: [101, 102], startUnixUs: BigInt(startedAt) * 1000n },
      });
  };
  const recorder = probe.newRecorder();
  const client = await ProbeClient.open(script, silentLog, new AbortController().signal);
  client.record(recorder);
  const capture = new Capture(
    1,
    { kind: 'local' },
    newStore(),
    async () => ({
      transport: new probe.RecordedTransport('fake'),
      session: client,
      recorder,
      reopen: async () => client,
      close: () => client.close(),
    }),
    silentLog,
  );
  await capture.connect({ signal: new AbortController().signal, onProgress: () => undefined });
  const [master] = await capture.list();
  await capture.attach(
    { master: master! },
    { rateHz: 499, budgetPercent: 2.5, requestLabels: true },
  );
  return { capture, script, recorder };
}

/** The listing with the number of the request that it answers, which stands first in it. */
function answering(message: Uint8Array, request: number): Uint8Array {
  const bytes = [...message.subarray(0, 1)];
  const body = message.subarray(2);
  if (message[1]! >= 0x7e || request >= 0x80) throw new Error('The listing is too long for this.');
  return frame(Uint8Array.from([...bytes, body.length + 2, 8, request, ...body]));
}

export async function until(capture: Capture, timeUs: number): Promise<void> {
  await waitFor('the batches', () => capture.store.timeUs >= timeUs, { everyMs: 1 });
}

export function reopened(file: Uint8Array): Promise<Capture> {
  return openRecording(
    file,
    probe,
    (destination, connector) => new Capture(2, destination, newStore(), connector, silentLog),
  );
}

/** All that views ask of a capture's profile. */
export async function answers({ store, health, workers, trace: { limits } }: Capture) {
  const { byPid, ...tallies } = store.tallies;
  return {
    tree: await store.callTree(),
    functions: await store.functionTable(),
    stacks: await store.stackTable(),
    allocated: await store.callTree({ ...sinceStart, measure: 'allocated' }),
    window: await store.functionTable(store.lastSeconds(1)),
    groups: await store.groupTable(
      sinceStart,
      (labels) => store.labels.indexOf(labels!),
      (request) => store.requests.indexOf(request!),
    ),
    tallies,
    byPid: [...byPid],
    names: store.functions,
    frames: store.frames,
    labels: store.labels,
    requests: store.requests,
    modules: store.modules,
    timeUs: store.timeUs,
    startUnixMs: store.startUnixMs,
    health,
    workers,
    limits,
  };
}
