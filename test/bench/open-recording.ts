/**
 * How long a recording of many stacks takes to open, and for how long at once it keeps the thread
 * busy that other captures need: `node out/bench/open-recording.js [STACKS] [BATCHES]`.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { join } from 'node:path';
import { Analysis } from '../../extension/analysis/analysis';
import { Capture } from '../../extension/capture/capture';
import { createEngine } from '../../extension/capture/engine-loader';
import { openRecording } from '../../extension/capture/open-recording';
import { silentLog } from '../../extension/common/log';
import * as probe from '../../extension/probe';
import { ProfileStore, sinceStart } from '../../extension/profile/store';
import { repositoryRoot } from '../fixtures/root';
import { hello, listing, start, started } from '../unit/probe/recording/dialogue';
import { encode } from '../unit/probe/scripted-probe';
import { cpuRows, declared } from '../unit/probe/wire-rows';

const STACKS = Number(process.argv[2] ?? 400_000);
const BATCHES = Number(process.argv[3] ?? 1600);
const FUNCTIONS = 20_000;

void main();

async function main(): Promise<void> {
  const file = write();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const began = performance.now();
  const step = (name: string): void => {
    const worst = delay.max / 1e6;
    console.log(`${name}: at ${seconds(began)}, longest without a turn ${worst.toFixed(0)} ms`);
    delay.reset();
  };
  delay.enable();
  const addon = join(repositoryRoot, 'native/addon/build/acupoint.node');
  const store = new ProfileStore(createEngine(addon, console.log));
  const capture = await openRecording(
    file,
    probe,
    (destination, connector) => new Capture(1, destination, store, connector, silentLog),
  );
  step(`opened ${capture.store.stacks.count} stacks, ${(file.length / 2 ** 20).toFixed(1)} MB`);
  await store.callTree(sinceStart);
  step('tree');
  const analysis = new Analysis(store);
  await analysis.report(sinceStart, 'owner', 'phase');
  step('owners');
  await store.functionTable(sinceStart);
  step('functions');
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}

/** Stacks of 20 frames on average, some shared beginnings, as a busy gateway has them. */
function write(): Uint8Array {
  const recorder = probe.newRecorder();
  for (const message of [hello(), listing(), started(1_700_000_000_000)]) recorder.heard(message);
  recorder.said(start());
  let state = 1;
  const next = (most: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % most;
  };
  let stacks = 0;
  const perBatch = Math.ceil(STACKS / BATCHES);
  const functionsPerBatch = Math.ceil(FUNCTIONS / BATCHES);
  let functions = 0;
  for (let i = 0; i < BATCHES; i++) {
    const strings: string[] = [];
    const added: object[] = [];
    const frames: object[] = [];
    for (let k = 0; k < functionsPerBatch; k++) {
      const name = functions * 2 + 1;
      strings.push(
        `function_${functions}`,
        `@/usr/share/lua/5.1/app/module_${functions % 500}.lua`,
      );
      const line = 1 + next(2000);
      added.push({ name, file: name + 1, line, lastLine: line });
      functions++;
      frames.push({ function: functions, kind: 3, line });
    }
    const parents: number[] = [];
    const stackFrames: number[] = [];
    const rows: number[] = [];
    for (let k = 0; k < perBatch; k++) {
      parents.push(stacks === 0 || k % 20 === 0 ? 0 : stacks);
      stackFrames.push(1 + next(functions));
      stacks++;
      if (k % 20 === 19) rows.push(stacks);
    }
    recorder.heard(
      encode({
        case: 'batch',
        value: {
          sequence: i + 1,
          timeUs: BigInt((i + 1) * 250_000),
          intervalUs: 250_000,
          strings,
          functions: added,
          frames,
          stackParents: parents,
          stackFrames,
          series: i === 0 ? declared : [],
          stacks: [
            cpuRows({
              stacks: rows,
              pids: rows.map(() => 101),
              counts: rows.map(() => 5),
              labels: rows.map(() => 0),
            }),
          ],
        },
      }),
    );
  }
  return recorder.write({ host: 'bench', target: 'bench' }, '');
}
