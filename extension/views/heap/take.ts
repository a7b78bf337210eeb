/** Takes a heap snapshot as the user sees it: which worker, and how far it is. */
import * as vscode from 'vscode';
import { plain, plainText } from '../../common/plain';
import { choose, withProgress } from '../../ui/questions';
import type { Capture } from '../../capture/capture';
import type { HeapSnapshot } from '../../capture/heap-snapshot';
import { bytesText } from '../../profile/bytes';
import { heapMaxPauseMs } from '../settings';
import type { HeapChoice } from './recorded';

/** With a bar that can cancel it. @returns undefined: it was cancelled. @throws ProbeError */
export async function takeWithProgress(
  capture: Capture,
  { pid, recorded }: HeapChoice,
  workerFile: string,
): Promise<HeapSnapshot | undefined> {
  const maxPauseMs = heapMaxPauseMs();
  const stands = capture.recorded ? 'as recorded' : `which stands for ${maxPauseMs} ms at most`;
  const title = plain`Heap of worker ${pid}, ${stands}`;
  return withProgress(title, async (progress, signal) => {
    let shown = 0;
    const onProgress = (done: number, message: string) => {
      progress.report(plainText(message, 200), Math.max(0, done - shown) * 100);
      shown = Math.max(shown, done);
    };
    try {
      const rules = vscode.workspace.getConfiguration('acupoint').get<unknown>('grouping', []);
      const limits = { maxPauseMs, rules, workerFile, signal, onProgress };
      return await capture.takeHeap({ pid, recorded, ...limits });
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  });
}

export function givenPid(given: unknown): number | undefined {
  const pid: unknown = (given as { pid?: unknown } | undefined)?.pid;
  return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** The only worker, or the one that is chosen. */
export async function pickWorker(capture: Capture): Promise<HeapChoice | undefined> {
  const { pids, memory } = capture.health;
  const only = pids.length > 1 ? undefined : (pids[0] ?? capture.target?.worker?.pid);
  if (only !== undefined) return { pid: only };
  if (pids.length === 0) return undefined;
  const items = pids.map((pid) => {
    const known = memory.find((entry) => entry.pid === pid);
    const choice = { label: plain`worker ${pid}`, value: { pid } };
    return known === undefined
      ? choice
      : { ...choice, description: plain`Lua ${bytesText(known.gcTotal)}` };
  });
  return choose(items, { title: plain`Heap Snapshot: worker` });
}
