/**
 * Fuzzes the reader of recordings. An input is one small recording, of which records were left out,
 * repeated, exchanged and changed, opened and played as the product does it. In one of 32 the
 * file is what zlib makes of it, changed after that as well in half of them; in the others what it
 * holds is stored, so that zlib need not be set up: see stored-blocks.ts.
 */
import { MOST_STORED, storedBlock } from './stored-blocks';
import { block } from '../../extension/probe/recording/blocks';
import { frame } from '../../extension/probe/framing';
import {
  FIRST_LINE,
  headerRecord,
  Kind,
  markRecord,
  record,
} from '../../extension/probe/recording/format';
import { ReplaySession } from '../../extension/probe/recording/replay';
import * as dialogue from '../unit/probe/recording/dialogue';
import { changedMessage, messageOf, type Message } from './fields';
import { mutated, mutatedList, type Random } from './mutate';
import { allowed, ask, bounded, Listeners, MOST_ASKED, never, type Target } from './reading';

const SEEDS = 64;
const GROUP = 32;
/** Of batches: small ones have the same places to go wrong at. */
const SIZE = 0.3;
const firstLine = Buffer.from(FIRST_LINE);

const parts = Array.from({ length: SEEDS }, (_, seed) => {
  const random = dialogue.randomOf(seed);
  const runs = [0, 1].map(() => {
    const run = new dialogue.Run(random, SIZE);
    return [run.batch(), run.batch(), run.batch()].map((batch) => heard(batch));
  });
  return {
    batches: runs[0]!,
    again: [heard(dialogue.hello()), heard(dialogue.started(1_700_000_001_000)), ...runs[1]!],
    notice: heard(dialogue.notice(`notice ${seed}`)),
    heap: unframed(record(Kind.heap, new Uint8Array(seed))),
  };
});
const header = unframed(headerRecord({ host: 'h', target: 't', savedUnixMs: 5 }));
const hello = heard(dialogue.hello());
const listing = heard(dialogue.listing());
const said = unframed(record(Kind.said, dialogue.start()));
const started = heard(dialogue.started(1_700_000_000_000));
const heapBegins = unframed(markRecord({ event: 'heap', at: 5, pid: 101 }));
const heapEnds = unframed(markRecord({ event: 'heap-end', at: 5 }));
const reset = unframed(markRecord({ event: 'reset', at: 6 }));
const ends = unframed(markRecord({ event: 'end', at: 7, text: '' }));

function heard(message: Uint8Array): Uint8Array {
  return unframed(record(Kind.heard, message));
}

/** Without its length, so that it is the record that is changed. */
function unframed(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(bytes.findIndex((byte) => byte < 0x80) + 1);
}

function recording(random: Random): Uint8Array {
  const { batches, again, notice, heap } = parts[random(SEEDS)]!;
  const some = (of: number, ...records: Uint8Array[]) => (random(of) === 0 ? records : []);
  const records = [
    header,
    hello,
    ...some(8, listing),
    ...some(8, said),
    started,
    ...batches.slice(0, random(8) === 0 ? random(4) : 1),
    ...some(8, notice),
    ...some(8, heapBegins, heap, heapEnds),
    ...some(8, reset),
    ...some(16, ...again.slice(0, 1 + random(again.length))),
    ...some(2, ends),
  ];
  const raw = random(16) === 0;
  const framed = raw
    ? mutatedList(records.map(frame), random)
    : changedRecords(records, random).map(frame);
  const cut = random(4) === 0 ? random(framed.length + 1) : framed.length;
  const first = random(64) === 0 ? mutated(firstLine, random) : firstLine;
  const contents = [Buffer.concat([first, ...framed.slice(0, cut)])];
  if (cut < framed.length) contents.push(Buffer.concat(framed.slice(cut)));
  const zipped = random(32) === 0 || contents.some(({ length }) => length > MOST_STORED);
  if (!zipped) return Buffer.concat(contents.map(storedBlock));
  const file = Buffer.concat(contents.map((each) => block(each, random(2))));
  return random(2) === 0 ? mutated(file, random) : file;
}

/** Half of the time one of the messages, field by field. */
function changedRecords(records: readonly Uint8Array[], random: Random): Uint8Array[] {
  const at = random(records.length);
  const one = records[at]!;
  if (one[0] !== Kind.heard || random(4) === 0) return mutatedList(records, random, 2);
  const message = changedMessage(partsOf(one), random);
  return records.with(at, Buffer.concat([one.subarray(0, 1), message]));
}

const known = new WeakMap<Uint8Array, Message>();

function partsOf(heardRecord: Uint8Array): Message {
  const parts = known.get(heardRecord) ?? messageOf(heardRecord.subarray(1));
  known.set(heardRecord, parts);
  return parts;
}

async function play(file: Uint8Array, random: Random, listeners: Listeners): Promise<void> {
  let session: ReplaySession;
  try {
    session = await ReplaySession.open(file);
  } catch (error) {
    return allowed(error);
  }
  session.listen(listeners.of(() => undefined));
  const asked = random(8) === 0 ? ask(session, random(MOST_ASKED + 1)) : [];
  await session.play();
  if (session.recorded.heaps.length > 0 && random(2) === 0) {
    const heap = { pid: 101, maxPauseMs: 1, signal: never };
    await session.takeHeap(heap, () => undefined).catch(allowed);
  }
  await Promise.all(asked);
  bounded(session.account);
}

export const recordingsTarget: Target = {
  group: GROUP,
  async read(random, at) {
    const listeners = new Listeners();
    for (let place = 0; place < GROUP; place++) {
      const file = recording(random);
      at(place, () => file);
      await play(file, random, listeners);
    }
  },
};
