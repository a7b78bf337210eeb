import { Analysis } from '../analysis/analysis';
import type { Focus } from '../analysis/focus';
import type { GroupingRules } from '../analysis/grouping';
import { requestsOf, type Requests } from '../analysis/requests';
import { Emitter } from '../common/emitter';
import { messageOf } from '../common/errors';
import type { Log } from '../common/log';
import { fromOutside, rawText } from '../common/outside';
import {
  hiddenProcesses,
  ProbeError,
  type Health,
  type MasterProcess,
  type Notice,
  type Recorded,
  type TargetFile,
  type Words,
} from '../probe/session';
import type { Query } from '../profile/engine';
import type { ProfileBatch } from '../profile/frames';
import { defaultMeasure, measures, stackSeries } from '../profile/series';
import type { ProfileStore } from '../profile/store';
import { formatDestination, type Destination } from '../remote';
import type { Attempt, Connector } from './connection';
import { takeHeapSnapshot, type HeapOptions, type HeapSnapshot } from './heap-snapshot';
import { Happenings } from './happenings';
import { InstrumentWatches, type WatchState } from './instrument-watch';
import { Intake } from './intake';
import { Life } from './life';
import { Link } from './link';
import type { MemoryLog } from './memory-log';
import { endings, shownElsewhere, type CaptureNotice } from './notices';
import type { CaptureState } from './state';
import { interruptions, rejoin } from './rejoin';
import {
  describeTarget,
  findTarget,
  isSameTarget,
  notThere,
  requestOf,
  tracesAll,
  type ChosenTarget,
} from './target';
import { formatTimings, Timings } from './timings';
import { Trace, type TraceLimits } from './trace';
import { Viewport } from './viewport';
import type { WatchFigures } from './watch-log';

/** `focus`: other samples are looked at than before. */
export type CaptureChange = 'state' | 'samples' | 'health' | 'view' | 'focus';

const noRows = { counts: new Uint32Array() };

/** The process by whose rights a file of the target is read. */
export type FileReader = 'worker' | 'master';

/**
 * One capture from the choice of a host to its end. It outlives its connection: what was captured
 * stays usable. Everything else observes it. This class decides the order of events alone; each part
 * of it keeps one thing.
 */
export class Capture {
  readonly timings = new Timings();
  readonly host: string;
  /** Owners of the samples, and which of them are looked at. */
  readonly analysis: Analysis;
  readonly life: Life;
  readonly link: Link;
  readonly trace = new Trace();
  readonly view: Viewport;
  readonly #happenings = new Happenings();
  readonly #instruments: InstrumentWatches;
  /** Instruments that somebody switched on by name: the measure that is shown leaves them on. */
  readonly #asked = new Set<string>();
  readonly #intake: Intake;
  readonly #changes = new Emitter<CaptureChange>();
  readonly #over = new AbortController();
  #isRejoining = false;
  readonly #notices = new Emitter<CaptureNotice>();
  readonly onDidChange = this.#changes.on;
  readonly onNotice = this.#notices.on;

  constructor(
    readonly id: number,
    readonly destination: Destination,
    readonly store: ProfileStore,
    connector: Connector,
    private readonly log: Log,
    rules?: GroupingRules,
  ) {
    this.host = formatDestination(destination);
    this.analysis = new Analysis(store, rules);
    this.life = new Life(`capture ${id}`, log, () => this.#changes.fire('state'));
    this.link = new Link(destination, this.host, connector);
    this.view = new Viewport(store, () => this.#looked());
    this.#instruments = new InstrumentWatches(log, () => this.#changes.fire('health'));
    this.#intake = new Intake(store, {
      begun: (started) => this.#begun(started),
      batch: (batch) => this.#took(batch),
      health: (health) => this.#heed(health),
      notice: (notice) => this.#notice(notice),
      forgotten: () => this.#forgotten(),
      closed: (error) => this.#closed(error),
    });
  }

  get state(): CaptureState {
    return this.life.state;
  }

  get message(): string {
    return [this.#happenings.text, this.life.message].filter((text) => text !== '').join(' ');
  }

  get target(): ChosenTarget | undefined {
    return this.trace.target;
  }

  /** "nginx 1.22.1, worker 1234"; '' before one is chosen. */
  get targetName(): string {
    return this.recorded?.target ?? (this.target ? describeTarget(this.target) : '');
  }

  /** Why the host may have processes that are in no list, in its own words; '' if it shows all. */
  get hiddenProcesses(): string {
    const { probe } = this.link;
    return probe === undefined ? '' : hiddenProcesses(probe);
  }

  get recorded(): Recorded | undefined {
    return this.link.recorded;
  }

  /** Counts since the last reset. */
  get health(): Health {
    const { now } = this.#intake.counts;
    return now.rateHz === 0 ? { ...now, rateHz: this.trace.limits.rateHz } : now;
  }

  /** The workers' memory over time. */
  get memory(): MemoryLog {
    return this.#intake.memory;
  }

  get workers(): readonly number[] {
    return this.trace.workers;
  }

  get samplesPerSecond(): number {
    return this.life.isRecording ? this.trace.rate.perSecond : 0;
  }

  get elapsedMs(): number {
    return this.recorded ? this.store.timeUs / 1000 : this.life.elapsedMs;
  }

  /** The window that views show: the last seconds, or all, up to where the view is frozen. */
  query(): Query {
    return this.view.query();
  }

  /** Switches an instrument on, also in a probe that is started later, or off. */
  watch(instrument: string, on: boolean): void {
    if (on) this.#asked.add(instrument);
    else this.#asked.delete(instrument);
    const { always, instrument: shown } = stackSeries[this.view.measure];
    this.#instruments.want(instrument, on || (!always && instrument === shown));
  }

  /** The state of an instrument that can be switched. */
  instrument(name: string): WatchState {
    return this.#instruments.state(name);
  }

  /** Cost of all instruments that were switched on, of one core. */
  get instrumentsPercent(): number {
    return this.#instruments.costPercent;
  }

  /** Sums of what an instrument has seen in a window of time. */
  watched(instrument: string, query: Query): WatchFigures {
    const log = this.#intake.watched.of(instrument);
    return log.figures(query, this.workers.length, tracesAll(this.target));
  }

  /** Times in which an instrument was not on, in microseconds since the capture began. */
  unwatched(instrument: string): (readonly [fromUs: number, toUs: number])[] {
    return this.#intake.watched.of(instrument).unwatched();
  }

  /** Stretches of the query's time that have bursts of their own. */
  burstParts(instrument: string, query: Query): Query[] {
    return this.#intake.watched.of(instrument).parts(query);
  }

  /** Requests since the last reset, for what one costs. */
  requests(): Requests {
    return requestsOf(this.health, tracesAll(this.target));
  }

  /** Only these samples are looked at from now on, by all views; undefined: all. */
  focus(focus: Focus | undefined): void {
    if (this.analysis.focus(focus)) this.#changes.fire('focus');
  }

  /** Owners are told by other rules. */
  regroup(rules: GroupingRules): void {
    this.analysis.regroup(rules);
    this.#changes.fire('focus');
  }

  /** Signs in and starts the probe. Nothing is left open where it throws. */
  async connect(attempt: Attempt): Promise<void> {
    this.life.step('connect');
    const { session, recorder } = await this.#orEnd(this.link.open(attempt, this.timings));
    if (recorder) recorder.onLeftOut = (text) => this.#say(text);
    this.#intake.listen(session);
  }

  async list(): Promise<MasterProcess[]> {
    const masters = await this.link.connection.session.list();
    this.timings.mark('listed');
    this.life.step('list');
    return masters;
  }

  async attach(target: ChosenTarget, limits: TraceLimits): Promise<void> {
    const { session, transport } = this.link.connection;
    this.timings.mark('chosen');
    const options = this.trace.choose(target, limits, transport);
    this.life.step('attach');
    await this.#orEnd(this.#intake.start(session, options));
    this.#instruments.begin(session);
    this.trace.readClock(this.log, () => this.#changes.fire('health'));
  }

  /** Freezes the view; the recording goes on, so that resuming shows all of it. */
  pause(): void {
    if (this.life.step('pause', () => this.view.freeze())) this.#changes.fire('samples');
  }

  resume(): void {
    if (this.life.step('resume', () => this.view.follow())) this.#changes.fire('samples');
  }

  /** Forgets the samples so far; a frozen view follows again, since what it showed is gone. */
  reset(): void {
    this.link.recorder?.reset();
    this.#intake.forget(this.link.session);
    this.#forgotten();
  }

  /** Samples were drawn. */
  painted(): void {
    if (!this.timings.mark('first-paint')) return;
    this.log.info(`capture ${this.id} of ${this.host}: ${formatTimings(this.timings.summary())}`);
  }

  /** Ends the probe; what was captured stays. */
  async stop(): Promise<void> {
    await this.#end('stop', '');
  }

  /** A file as the traced worker sees it. Throws ProbeError. */
  async readFile(path: string, as: FileReader): Promise<TargetFile> {
    const worker = this.workers[0] ?? this.target?.worker?.pid;
    const pid = (as === 'worker' ? worker : undefined) ?? this.target?.master.pid;
    if (pid === undefined) throw new ProbeError('file', 'No worker is attached to read it from.');
    return this.link.connection.session.readFile(pid, path);
  }

  /** A snapshot of a worker's Lua heap, or the one that was recorded. Throws ProbeError. */
  async takeHeap(options: HeapOptions): Promise<HeapSnapshot> {
    const { session, recorder } = this.link.connection;
    return takeHeapSnapshot(session, options, recorder);
  }

  /** The whole capture as a file that can be opened again. Throws ProbeError. */
  recording(): Uint8Array {
    const { recorder } = this.link;
    if (recorder === undefined) {
      throw new ProbeError('recording', 'This is a recording already: its file can be copied.');
    }
    return recorder.write(this.recordedWords, this.life.isOver ? this.life.message : '');
  }

  /** The host and the target that a recording of it names. */
  get recordedWords(): Words {
    const host = this.destination.kind === 'local' ? '' : this.host;
    return { host, target: this.targetName };
  }

  async #orEnd<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      await this.#end('fail', rawText(messageOf(error)));
      throw error;
    }
  }

  /**
   * The connection was lost or held up, or this process stood still, so the probe left. The same trace
   * goes on as soon as the host can be reached, where that needs no answer of the user.
   */
  async #startAgain(target: ChosenTarget, reason: ProbeError): Promise<void> {
    this.log.warn(reason.message);
    this.#isRejoining = true;
    this.#instruments.end();
    const { connection } = this.link;
    const lostAt = this.store.timeUs;
    const onTry = (count: number, most: number): void => {
      if (count === 1) return;
      this.life.message = `${reason.message} Trying to come back: ${count} of ${most}.`;
      this.#changes.fire('health');
    };
    try {
      let isCut = reason.kind === 'connection-lost';
      const again = async (): Promise<void> => {
        const session = await connection.reopen(isCut);
        // Whatever goes wrong from here on may be the connection's fault.
        isCut = true;
        if (this.life.isOver) return await session.close();
        const now = findTarget(await session.list(), requestOf(target));
        if (!isSameTarget(target, now)) throw notThere(target);
        this.#intake.listen(session);
        await this.#intake.start(session, { target: requestOf(target), ...this.trace.limits });
        this.#instruments.begin(session);
      };
      await rejoin(again, { signal: this.#over.signal, onTry });
    } catch (error) {
      this.log.warn(rawText(messageOf(error)));
      await this.#end('fail', reason.message);
      return;
    } finally {
      this.#isRejoining = false;
    }
    if (this.life.isOver) return;
    const gap = this.store.gaps.at(-1);
    const seconds = gap && gap[0] >= lostAt ? ` (${((gap[1] - gap[0]) / 1e6).toFixed(1)} s)` : '';
    const [first] = reason.message.split(/\.(?: |$)/);
    this.#say(
      `${first}. The trace has been started again; the time between is missing from the ` +
        `profile${seconds}.`,
    );
  }

  #looked(): void {
    // An instrument costs something: most watch while somebody looks at what they see.
    for (const name of measures) {
      const { instrument, always } = stackSeries[name];
      const wanted = name === this.view.measure || this.#asked.has(instrument);
      if (!always) this.#instruments.want(instrument, wanted);
    }
    this.#changes.fire('view');
  }

  #begun(started: Parameters<Trace['begun']>[0]): void {
    this.trace.begun(started);
    // A further run goes on with a trace that runs, or is paused.
    if (this.state !== 'attaching') return;
    this.timings.mark('started');
    this.life.startClock();
    this.life.step('run');
  }

  #took({ stacks }: ProfileBatch): void {
    const { counts } = stacks.find(({ series }) => series === defaultMeasure) ?? noRows;
    const samples = counts.reduce((sum, count) => sum + count, 0);
    this.trace.rate.add(this.store.timeUs, samples);
    if (counts.length > 0 && this.timings.mark('first-batch')) this.#changes.fire('health');
    if (this.state === 'running') this.#changes.fire('samples');
  }

  #heed(health: Health): void {
    this.trace.workers = health.pids;
    this.#instruments.heed(health.instruments);
    this.#changes.fire('health');
  }

  #forgotten(): void {
    this.analysis.reset();
    this.#happenings.clear();
    this.trace.rate.clear();
    if (this.life.isRecording) this.life.startClock();
    this.resume();
    this.#changes.fire('samples');
  }

  #say(text: string): void {
    this.#notice({ kind: 'other', pid: 0, text: fromOutside(text), detail: fromOutside('') });
  }

  #notice(notice: Notice): void {
    const text = rawText(notice.text);
    if (notice.kind === 'sampler-fell-back') {
      const why = this.link.session?.restriction ?? '';
      this.trace.samplerNote = [text, why].filter((each) => each !== '').join(' ');
    } else if (this.#happenings.take(notice)) this.log.info(`capture ${this.id}: ${text}`);
    else if (!shownElsewhere.includes(notice.kind)) this.life.message = text;
    this.#notices.fire({ ...notice, at: Date.now() });
    this.#changes.fire('health');
    if (notice.kind === 'worker-joined') this.trace.refreshClock(() => this.list(), this.log);
  }

  #closed(error: ProbeError | undefined): void {
    // Whoever starts it again hears of its end as well.
    if (this.life.isOver || this.#isRejoining) return;
    if (error === undefined) void this.#end('stop', '');
    else if (endings.includes(error.kind)) void this.#end('stop', error.message);
    else if (interruptions.includes(error.kind) && this.life.isRecording && this.target) {
      void this.#startAgain(this.target, error);
    } else {
      if (error.detail !== '') this.log.warn(error.detail);
      void this.#end('fail', error.message);
    }
  }

  async #end(event: 'stop' | 'fail', message: string): Promise<void> {
    this.#over.abort();
    this.#intake.end();
    this.life.end(event, message);
    this.#instruments.end();
    await this.link.close();
  }
}
