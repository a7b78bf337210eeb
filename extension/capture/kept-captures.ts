/**
 * Captures of this window as files that grow with them: a reload, or a crash of the extension host,
 * ends a capture without leave. Each is one recording, to which what is new is added every few
 * seconds, and what it was of.
 */
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../common/log';
import { rawText } from '../common/outside';
import { messageOf } from '../common/errors';
import type { Capture } from './capture';
import type { FarEnd } from './far-end';

/** Of one capture; what comes after is not kept. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Of captures whose tab nobody has closed, nor looked at again. */
const MOST_FILES = 8;
const LONGEST_MS = 7 * 24 * 3600 * 1000;
const INTERVAL_MS = 5000;

const ID = /^[0-9a-f]{16}$/;

/** The facts kept beside the recording. */
interface Facts {
  /** Arguments of Attach Tracer for the same host and process. */
  readonly again: Record<string, unknown>;
  /** Why it ended before the window did; undefined: it had not. */
  readonly ended?: string;
  readonly full?: boolean;
}

export interface Kept {
  readonly id: string;
  readonly file: Uint8Array;
  readonly again: Record<string, unknown>;
}

export class KeptCaptures {
  private readonly keeping = new Map<Capture, Keeper>();
  private readonly restored = new Map<Capture, string>();
  private pruned: Promise<void> | undefined;

  /** @param folder of this extension alone; it need not exist. */
  constructor(
    private readonly folder: string,
    private readonly farEnd: () => FarEnd,
    private readonly log: Log,
    private readonly mostBytes = MOST_BYTES,
  ) {}

  /** Keeps the capture from when it samples until {@link forget}. */
  keep(capture: Capture, again: () => Record<string, unknown>): void {
    this.pruned ??= this.prune();
    const keeper = new Keeper(capture, this.folder, again, this.mostBytes, this.log);
    this.keeping.set(capture, keeper);
  }

  /** By which {@link read} finds it; '': it is not kept. */
  idOf(capture: Capture): string {
    const keeper = this.keeping.get(capture);
    return keeper?.begun === true ? keeper.id : (this.restored.get(capture) ?? '');
  }

  /** All that there is of a capture whose window has gone; undefined: nothing. */
  async read(id: unknown): Promise<Kept | undefined> {
    if (typeof id !== 'string' || !ID.test(id)) return undefined;
    try {
      const path = join(this.folder, id);
      if ((await stat(`${path}.acupoint`)).size > this.mostBytes + 2 ** 20) return undefined;
      const file = await readFile(`${path}.acupoint`);
      const facts = JSON.parse(await readFile(`${path}.json`, 'utf8')) as Facts;
      const ended = this.farEnd().endRecording(file, facts.ended ?? reloaded(facts));
      return { id, file: ended, again: facts.again };
    } catch (error) {
      this.log.info(`capture ${id} was not kept: ${rawText(messageOf(error))}`);
      return undefined;
    }
  }

  /** The capture shows what `read` has given. */
  isRestored(capture: Capture, id: string): void {
    this.restored.set(capture, id);
  }

  /** The window goes: what each capture has now is kept, and its end is the window's. */
  async leave(): Promise<void> {
    await Promise.all([...this.keeping.values()].map((keeper) => keeper.leave()));
  }

  /** The user has closed it. */
  async forget(capture: Capture): Promise<void> {
    const keeper = this.keeping.get(capture);
    const id = keeper?.id ?? this.restored.get(capture);
    this.keeping.delete(capture);
    this.restored.delete(capture);
    await keeper?.stop();
    if (id !== undefined) await this.remove(id);
  }

  private async remove(id: string): Promise<void> {
    for (const ending of ['acupoint', 'json'])
      await rm(join(this.folder, `${id}.${ending}`), { force: true });
  }

  /** Removes what nobody came back for. */
  private async prune(): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    const found: [id: string, at: number][] = [];
    for (const name of names) {
      const [id = '', ending] = name.split('.');
      if (!ID.test(id) || ending !== 'acupoint') continue;
      const { mtimeMs } = await stat(join(this.folder, name)).catch(() => ({ mtimeMs: 0 }));
      found.push([id, mtimeMs]);
    }
    found.sort(([, one], [, other]) => other - one);
    const old = found.filter(([, at], i) => i >= MOST_FILES || Date.now() - at > LONGEST_MS);
    for (const [id] of old) await this.remove(id);
  }
}

function reloaded({ full }: Facts): string {
  const most = `its first ${MOST_BYTES / 2 ** 20} MB are`;
  return (
    'The window was reloaded, which ended this capture; ' +
    `${full === true ? most : 'what it had by then is'} kept until this tab is closed.`
  );
}

/** Adds to one file what its capture has more than before. */
class Keeper {
  readonly id = randomBytes(8).toString('hex');
  /** There is a file. */
  begun = false;
  private blocks = 0;
  private bytes = 0;
  private full = false;
  private writtenAt = -Infinity;
  private facts = '';
  private stopped = false;
  private writing: Promise<void> = Promise.resolve();
  private readonly changes;

  constructor(
    private readonly capture: Capture,
    private readonly folder: string,
    private readonly again: () => Record<string, unknown>,
    private readonly mostBytes: number,
    private readonly log: Log,
  ) {
    this.changes = capture.onDidChange((change) => {
      const { life } = capture;
      if (change === 'health' || change === 'state') this.write(life.isOver);
    });
  }

  async leave(): Promise<void> {
    if (!this.capture.life.isOver) this.write(true);
    this.changes.dispose();
    await this.writing;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.changes.dispose();
    await this.writing;
  }

  private write(now: boolean): void {
    const { life, link } = this.capture;
    if (this.stopped || !life.hasRun || link.recorder === undefined) return;
    if (!now && performance.now() - this.writtenAt < INTERVAL_MS) return;
    this.writtenAt = performance.now();
    this.writing = this.writing
      .then(() => (this.stopped ? undefined : this.add()))
      .catch((error: unknown) => {
        this.stopped = true;
        this.log.warn(`capture not kept over a reload: ${rawText(messageOf(error))}`);
      });
  }

  private async add(): Promise<void> {
    const { recorder } = this.capture.link;
    const path = join(this.folder, this.id);
    if (!this.begun) {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const first = recorder!.opening(this.capture.recordedWords);
      await writeFile(`${path}.acupoint`, first, { mode: 0o600 });
      this.bytes = first.length;
    }
    for (const piece of recorder!.since(this.blocks)) {
      this.full ||= this.bytes + piece.length > this.mostBytes;
      if (this.full) break;
      await appendFile(`${path}.acupoint`, piece);
      this.bytes += piece.length;
      this.blocks++;
    }
    await this.tell(`${path}.json`);
    this.begun = true;
  }

  private async tell(path: string): Promise<void> {
    const { life } = this.capture;
    const facts: Facts = {
      again: this.again(),
      ...(life.isOver && { ended: life.message }),
      ...(this.full && { full: true }),
    };
    const text = JSON.stringify(facts);
    if (text !== this.facts) await writeFile(path, text, { mode: 0o600 });
    this.facts = text;
  }
}
