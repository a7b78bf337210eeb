/**
 * Takes in one of the wires as a capture does until its account is full, and says in a line of JSON
 * how much memory that took. A process of its own, since its memory is measured.
 *
 *   node --expose-gc out/unit/probe/bounds/child.js WIRE CAP_MB ts|native
 */
import { join } from 'node:path';
import { OwnerIndex } from '../../../../extension/analysis/owner-index';
import { createNativeEngine } from '../../../../extension/capture/engine-loader';
import { Account } from '../../../../extension/probe/account';
import { BatchDecoder, parseMessage } from '../../../../extension/probe/decode';
import { ProbeError } from '../../../../extension/probe/session';
import { TypeScriptEngine } from '../../../../extension/profile/engine-ts';
import { ProfileStore } from '../../../../extension/profile/store';
import { repositoryRoot } from '../../../fixtures/root';
import type { Taken } from './take';
import { batchesOf, type WireName } from './wires';

/** The most that is sent: a wire that is not bounded by the account ends the test all the same. */
const MOST_WIRE_BYTES = 2 ** 30;

async function take(name: WireName | 'all', capBytes: number, engine: string): Promise<Taken> {
  const account = new Account(capBytes);
  const decoder = new BatchDecoder(account);
  const store = new ProfileStore(engine === 'ts' ? new TypeScriptEngine() : nativeEngine());
  const owners = new OwnerIndex(store);
  store.beginRun(1);
  const before = process.memoryUsage.rss();
  let [wireBytes, ending] = [0, ''];
  try {
    for (const bytes of batchesOf(name)) {
      wireBytes += bytes.length;
      if (wireBytes > MOST_WIRE_BYTES) break;
      const message = parseMessage(bytes);
      if (message.case !== 'batch') throw new Error(message.case);
      store.add(decoder.decode(message.value).batch);
    }
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    ending = `${error.kind}: ${error.message}`;
  }
  owners.update();
  const tree = await store.callTree();
  globalThis.gc?.();
  const nodes = tree.parents.length;
  const keptBytes = process.memoryUsage.rss() - before;
  const peakBytes = process.resourceUsage().maxRSS * 1024 - before;
  return { wireBytes, accountBytes: account.bytes, keptBytes, peakBytes, ending, nodes };
}

function nativeEngine() {
  return createNativeEngine(join(repositoryRoot, 'native/addon/build/acupoint.node'));
}

const [name, capMegabytes, engine = 'ts'] = process.argv.slice(2);
void take(name as WireName | 'all', Number(capMegabytes) * 2 ** 20, engine).then((taken) =>
  console.log(JSON.stringify(taken)),
);
