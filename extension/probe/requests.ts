import { rawText } from '../common/outside';
import { atMost, corrupt, countOf } from './corrupt';
import type * as wire from './generated/acupoint_pb';
import { limits } from './limits';
import { ProbeError, type TargetFile } from './session';
import { messageOf } from '../common/errors';

type Message = wire.FromProbe['message'];
export type AnswerCase = 'listing' | 'started' | 'stopped' | 'file' | 'heap' | 'pong';
type Answer<C extends AnswerCase> = Extract<Message, { case: C }>['value'];

interface Pending {
  readonly expected: AnswerCase;
  readonly resolve: (value: never) => void;
  readonly reject: (error: ProbeError) => void;
  readonly timer: NodeJS.Timeout;
  /** Where pieces of a file or a heap snapshot go. */
  readonly piece: (bytes: Uint8Array) => void;
  readonly file: Uint8Array[];
  received: number;
}

/**
 * Requests that wait for their answer. Ids are never used again, so a late answer is known as such.
 */
export class Requests {
  private readonly pending = new Map<number, Pending>();
  private last = 0;

  /** A new request id, and what resolves with its answer; `what` names it when no answer comes. */
  open<C extends Exclude<AnswerCase, 'file' | 'heap'>>(
    expected: C,
    what: string,
    timeoutMs: number,
  ): { id: number; answer: Promise<Answer<C>> } {
    return this.add(expected, what, timeoutMs);
  }

  openFile(what: string, timeoutMs: number): { id: number; answer: Promise<TargetFile> } {
    return this.add('file', what, timeoutMs);
  }

  openHeap(
    what: string,
    timeoutMs: number,
    piece: (bytes: Uint8Array) => void,
  ): { id: number; answer: Promise<void> } {
    return this.add('heap', what, timeoutMs, piece);
  }

  /** An id for what needs no answer. */
  unanswered(): number {
    return ++this.last;
  }

  /** Takes an answer from the wire. */
  settle(kind: AnswerCase, value: Answer<AnswerCase>): void {
    const pending = this.take(value.request, kind);
    if (!pending) return;
    if (kind === 'heap') this.takePiece(value as wire.HeapPiece, pending);
    else if (kind === 'file') this.takeChunk(value as wire.FileContent, pending);
    else this.finish(value.request, (to) => to.resolve(value as never));
  }

  /** A failure that names a request; true: it was waited for. */
  reject(request: number, error: ProbeError): void {
    this.finish(request, (to) => to.reject(error));
  }

  rejectAll(error: ProbeError): void {
    for (const id of [...this.pending.keys()]) this.reject(id, error);
  }

  private add<T>(
    expected: AnswerCase,
    what: string,
    timeoutMs: number,
    piece: (bytes: Uint8Array) => void = () => undefined,
  ): { id: number; answer: Promise<T> } {
    const id = ++this.last;
    const answer = new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => this.reject(id, noAnswer(what, timeoutMs)), timeoutMs);
      this.pending.set(id, { expected, resolve, reject, timer, piece, file: [], received: 0 });
    });
    return { id, answer };
  }

  private take(request: number, kind: AnswerCase): Pending | undefined {
    if (request > this.last) throw corrupt(`${kind}: answers request ${request} of ${this.last}`);
    const pending = this.pending.get(request);
    if (pending && pending.expected !== kind) {
      throw corrupt(`${kind}: answers request ${request}, which asked for ${pending.expected}`);
    }
    return pending;
  }

  private takeChunk(content: wire.FileContent, pending: Pending): void {
    atMost(content.chunk.length, limits.fileChunkBytes, 'file chunk');
    pending.received += content.chunk.length;
    atMost(pending.received, limits.fileBytes, 'file');
    pending.file.push(content.chunk);
    pending.timer.refresh();
    if (!content.done) return;
    const modifiedMs = countOf(content.modifiedUs, 'file time') / 1000;
    const file: TargetFile = { content: Buffer.concat(pending.file), modifiedMs };
    this.finish(content.request, (to) => to.resolve(file as never));
  }

  private takePiece({ request, piece, done }: wire.HeapPiece, pending: Pending): void {
    atMost(piece.length, limits.fileChunkBytes, 'heap piece');
    pending.received += piece.length;
    // Nobody waits for the pieces that still come.
    if (pending.received > limits.heapBytes) return this.reject(request, heapTooLarge());
    pending.timer.refresh();
    if (done) return this.finish(request, (to) => to.resolve(undefined as never));
    try {
      pending.piece(piece);
    } catch (error) {
      throw corrupt(rawText(messageOf(error)));
    }
  }

  private finish(id: number, how: (pending: Pending) => void): void {
    const pending = this.pending.get(id);
    if (!pending) return;
    this.pending.delete(id);
    clearTimeout(pending.timer);
    how(pending);
  }
}

export function heapTooLarge(): ProbeError {
  return new ProbeError(
    'other',
    `The heap snapshot has more than ${limits.heapBytes / 2 ** 20} MB as it travels, which is the ` +
      'most that one may have, so nothing of it is shown. The worker went on. Take one of a worker ' +
      'with a smaller heap, such as one that was started a short while ago.',
  );
}

function noAnswer(what: string, timeoutMs: number): ProbeError {
  return new ProbeError(
    'other',
    `The probe did not answer within ${timeoutMs / 1000} s when asked to ${what}. ` +
      'The host may be overloaded; try again, or detach and attach again.',
  );
}
