import { fromOutside, rawText } from '../common/outside';
import { Analysis } from '../analysis/analysis';
import type { Focus } from '../analysis/focus';
import type { GroupingRules } from '../analysis/grouping';
import { requestsOf, type Requests } from '../analysis/requests';
import type {
  Health,
  Hello,
  MasterProcess,
  Notice,
  ProbeSession,
  Recorded,
  SamplerKind,
  Started,
  StartOptions,
  TargetFile,
} from '../probe/session';
import { ProbeError } from '../probe/session';
import type { Query } from '../profile/engine';
import type { ProfileBatch } from '../profile/frames';
import { defaultMeasure, type Measure, measures, stackSeries } from '../profile/series';
import type { ProfileStore } from '../profile/store';
import type { TreeView } from '../../webview/messages';
import { formatDestination, messageOf, type Destination, type Log } from '../remote';
import type { Attempt, Connection, Connector } from './connection';
import { Emitter } from './emitter';
import { takeHeapSnapshot, type HeapOptions, type HeapSnapshot } from './heap-snapshot';
import { HealthCounts } from './health';
import { InstrumentWatches, type WatchState } from './instrument-watch';
import { MemoryLog } from './memory-log';
import { endings, shownElsewhere, type CaptureNotice } from './notices';
import { RateMeter } from './rate-meter';
import { isOver, isRecording, next, type CaptureEvent, type CaptureState } from './state';
import { describeTarget, requestOf, tracesAll, type ChosenTarget } from './target';
import { formatTimings, Timings } from './timings';
import type { WatchFigures } from './watch-log';
import { windowOf } from './window';
import { WorkerClock } from './worker-clock';

/** `focus`: other samples are looked at than before. */
export type CaptureChange = 'state' | 'samples' | 'health' | 'view' | 'focus';

/** What the user asked the trace to do and to cost. */
export type TraceLimits = Pick<StartOptions, 'rateHz' | 'budgetPercent' | 'requestLabels'>;

const noRows = { counts: new Uint32Array() };

/** By whose rights a file of the target is read. */
export type FileReader = 'worker' | 'master';

/**
 * One capture from the choice of a host to its end. It outlives its connection: what was captured
 * stays usable. Everything else observes it.
 */
export class Capture {
  readonly timings = new Timings();
  /** How the workers' memory went. */
  readonly memory = new MemoryLog();
  /** Whose the samples are, and which of them are looked at. */
  readonly analysis: Analysis;
  readonly host: string;
  #state: CaptureState = 'idle';
  #message = '';
  #connection: Connection | undefined;
  #target: ChosenTarget | undefined;
  #clock: WorkerClock | undefined;
  #sampler: SamplerKind = 'none';
  #samplerNote = '';
  #limits: TraceLimits = { rateHz: 0, budgetPercent: 0, requestLabels: false };
  readonly #health = new HealthCounts();
  #view: TreeView = { measure: defaultMeasure, windowSeconds: 0, hiddenKinds: 0 };
  #pausedAtUs: number | undefined;
  #startedAt: number | undefined;
  #endedAt: number | undefined;
  #workers: readonly number[] = [];
  /** Batches that came before the answer to `start`; undefined once it is there. */
  #early: ProfileBatch[] | undefined;
  readonly #watches: InstrumentWatches;
  readonly #rate = new RateMeter();
  readonly #changes = new Emitter<CaptureChange>();
  readonly #notices = new Emitter<CaptureNotice>();
  readonly onDidChange = this.#changes.on;
  readonly onNotice = this.#notices.on;

  constructor(
    readonly id: number,
    readonly destination: Destination,
    readonly store: ProfileStore,
    private readonly connector: Connector,
    private readonly log: Log,
    rules?: GroupingRules,
  ) {
    this.host = formatDestination(destination);
    this.analysis = new Analysis(store, rules);
    this.#watches = new InstrumentWatches(log, () => this.#changes.fire('health'));
  }

  get state(): CaptureState {
    return this.#state;
  }

  /** Why it failed or stopped, or what the user should know; '' if nothing. */
  get message(): string {
    return this.#message;
  }

  get target(): ChosenTarget | undefined {
    return this.#target;
  }

  /** "nginx 1.22.1, worker 1234"; '' before one is chosen. */
  get targetName(): string {
    return this.recorded?.target ?? (this.#target ? describeTarget(this.#target) : '');
  }

  /** What the file says of itself that this was opened from; undefined: it is no recording. */
  get recorded(): Recorded | undefined {
    return this.#connection?.session.recorded;
  }

  /** What the probe said of itself; undefined: none was reached. */
  get probe(): Hello | undefined {
    return this.#connection?.session.hello;
  }

  get sampler(): SamplerKind {
    return this.#sampler;
  }

  /** What the sampler costs and does not see, where it is not the best there is; else ''. */
  get samplerNote(): string {
    return this.#samplerNote;
  }

  /** What was asked for; the rate in force may be lower, as `health` says. */
  get limits(): TraceLimits {
    return this.#limits;
  }

  /** Counts since the last reset. */
  get health(): Health {
    const { now } = this.#health;
    return now.rateHz === 0 ? { ...now, rateHz: this.#limits.rateHz } : now;
  }

  get workers(): readonly number[] {
    return this.#workers;
  }

  get samplesPerSecond(): number {
    return isRecording(this.#state) ? this.#rate.perSecond : 0;
  }

  /** Whether it ever sampled: an attach that failed has not. */
  get hasRun(): boolean {
    return this.#startedAt !== undefined;
  }

  get elapsedMs(): number {
    if (this.recorded) return this.store.timeUs / 1000;
    return this.#startedAt === undefined ? 0 : (this.#endedAt ?? Date.now()) - this.#startedAt;
  }

  /** When the oldest of the traced workers started; undefined: not known. */
  get workersStartedMs(): number | undefined {
    return this.#clock?.oldestStartMs(this.#workers);
  }

  /**
   * The flame graph shows this part now; the editor's figures follow, so that both say the same.
   * What is not watched always is watched while it is looked at.
   */
  look(view: TreeView): void {
    const { measure, windowSeconds, hiddenKinds } = view;
    const now = this.#view;
    const same = measure === now.measure && windowSeconds === now.windowSeconds;
    if (same && hiddenKinds === now.hiddenKinds) return;
    this.#view = { measure, windowSeconds, hiddenKinds };
    for (const name of measures) {
      const { instrument, always } = stackSeries[name];
      if (!always) this.#watches.want(instrument, name === measure);
    }
    this.#changes.fire('view');
  }

  /** Nobody looks at the flame graph any more. */
  lookAway(): void {
    this.look({ ...this.#view, measure: defaultMeasure });
  }

  /** What is being looked at. */
  get measure(): Measure {
    return this.#view.measure;
  }

  /** Switches an instrument on, also in a probe that is started anew, or off. */
  watch(instrument: string, on: boolean): void {
    this.#watches.want(instrument, on);
  }

  /** How an instrument is that can be switched. */
  instrument(name: string): WatchState {
    return this.#watches.state(name);
  }

  /** What all instruments that were switched on cost, of one core. */
  get instrumentsPercent(): number {
    return this.#watches.costPercent;
  }

  /** What an instrument has seen in a window of time comes to. */
  watched(instrument: string, query: Query): WatchFigures {
    const workers = this.#workers.length;
    return this.#watches.figures(instrument, query, workers, tracesAll(this.#target));
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

  /** Requests since the last reset, for what one costs. */
  requests(): Requests {
    return requestsOf(this.health, tracesAll(this.#target));
  }

  /**
   * What of the profile is being looked at: the last seconds, or all, up to where the view is
   * frozen.
   */
  query(): Query {
    return windowOf(this.#view, this.#pausedAtUs, this.store.timeUs);
  }

  /** Signs in and starts the probe. Nothing is left open where it throws. */
  async connect(attempt: Attempt): Promise<void> {
    this.#step('connect');
    let connection: Connection;
    try {
      connection = await this.connector(this.destination, attempt, this.timings);
    } catch (error) {
      await this.#end('fail', rawText(messageOf(error)));
      throw error;
    }
    this.#connection = connection;
    const { recorder } = connection;
    if (recorder) {
      recorder.onLeftOut = (text) => this.#say(text);
    }
    this.#observe(connection.session);
    if (isOver(this.#state)) await connection.close();
  }

  async list(): Promise<MasterProcess[]> {
    const masters = await this.#connected().session.list();
    this.timings.mark('listed');
    return masters;
  }

  async attach(target: ChosenTarget, limits: TraceLimits): Promise<void> {
    const { session, transport } = this.#connected();
    this.timings.mark('chosen');
    this.#target = target;
    this.#limits = limits;
    this.#step('attach');
    this.#clock = new WorkerClock(transport, target.master);
    try {
      await this.#start(session, target, () => {
        this.timings.mark('started');
        this.#startedAt = Date.now();
        this.#step('run');
      });
    } catch (error) {
      await this.#end('fail', rawText(messageOf(error)));
      throw error;
    }
    this.#clock.read(this.log, () => this.#changes.fire('health'));
  }

  /** Freezes the view; the recording goes on, so that resuming shows all of it. */
  pause(): void {
    if (this.#step('pause', () => (this.#pausedAtUs = this.store.timeUs + 1))) {
      this.#changes.fire('samples');
    }
  }

  resume(): void {
    if (this.#step('resume', () => (this.#pausedAtUs = undefined))) this.#changes.fire('samples');
  }

  /** Forgets the samples so far; a frozen view follows again, since what it showed is gone. */
  reset(): void {
    this.#connection?.recorder?.reset();
    this.#connection?.session.account.forgetRows();
    this.store.reset();
    this.analysis.reset();
    this.memory.history.clear();
    this.#rate.clear();
    this.#watches.clear();
    this.#health.forget();
    if (isRecording(this.#state)) this.#startedAt = Date.now();
    this.resume();
    this.#changes.fire('samples');
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
    const target = this.#target;
    const worker = this.#workers[0] ?? target?.worker?.pid;
    const pid = (as === 'worker' ? worker : undefined) ?? target?.master.pid;
    if (pid === undefined) throw new ProbeError('file', 'No worker is attached to read it from.');
    return this.#connected().session.readFile(pid, path);
  }

  /** A snapshot of a worker's Lua heap, or the one that was recorded. Throws ProbeError. */
  async takeHeap(options: HeapOptions): Promise<HeapSnapshot> {
    const { session, recorder } = this.#connected();
    return takeHeapSnapshot(session, options, recorder);
  }

  /** All that it has had, as a file that can be opened again. Throws ProbeError. */
  recording(): Uint8Array {
    const recorder = this.#connection?.recorder;
    if (recorder === undefined) {
      throw new ProbeError('recording', 'This is a recording already: its file can be copied.');
    }
    const host = this.destination.kind === 'local' ? '' : this.host;
    const target = this.targetName;
    return recorder.write({ host, target }, isOver(this.#state) ? this.#message : '');
  }

  #connected(): Connection {
    const over = isOver(this.#state) && this.recorded === undefined;
    if (this.#connection === undefined || over) {
      throw new ProbeError('connection-lost', `The tracer on ${this.host} has ended.`);
    }
    return this.#connection;
  }

  #observe(session: ProbeSession): void {
    session.listen({
      batch: (batch) => this.#take(batch),
      health: (health) => this.#heed(health),
      notice: (notice) => this.#notice(notice),
      closed: (error) => this.#closed(error),
      again: (started) => this.#goOn(started),
      reset: () => this.reset(),
    });
  }

  /** @param begun is called before the first batch is taken in. */
  async #start(session: ProbeSession, target: ChosenTarget, begun: () => void): Promise<void> {
    this.#early = [];
    const started = await session.start({ target: requestOf(target), ...this.#limits });
    this.#begin(started);
    const early = this.#early;
    this.#early = undefined;
    begun();
    for (const batch of early) this.#take(batch);
    this.#watches.begin(session);
  }

  #begin(started: Started): void {
    this.#sampler = started.sampler;
    this.#workers = started.pids;
    this.store.beginRun(started.startUnixMs);
  }

  /** What was recorded goes on with another run. */
  #goOn(started: Started): void {
    this.#rebase();
    this.#begin(started);
  }

  /** The next probe counts from 0 again. */
  #rebase(): void {
    this.#health.restart();
    this.#watches.end();
  }

  /**
   * This process stood still, as when another extension kept it busy, so the probe took the
   * connection for cut and left. Where the connection is whole, the same trace goes on.
   */
  async #startAgain(target: ChosenTarget, reason: ProbeError): Promise<void> {
    this.log.warn(reason.message);
    this.#rebase();
    try {
      const session = await this.#connected().reopen();
      this.#observe(session);
      if (isOver(this.#state)) return await session.close();
      await this.#start(session, target, () => undefined);
    } catch (error) {
      this.log.warn(rawText(messageOf(error)));
      await this.#end('fail', reason.message);
      return;
    }
    const text =
      'VS Code stood still for a moment, so the probe left, as it does when a connection is cut. ' +
      'It has been started again; the time between is missing from the profile.';
    this.#say(text);
  }

  #take(batch: ProfileBatch): void {
    // The first can come with the answer to `start`, before whoever waits for that has been told.
    // What it defines is referred to by all that follow.
    if (this.#early) this.#early.push(batch);
    if (this.#early || !isRecording(this.#state)) return;
    try {
      this.store.add(batch);
    } catch (error) {
      // Whoever plays a recording takes it for the place where the file is damaged.
      if (this.recorded) throw error;
      this.log.warn(`batch refused: ${rawText(messageOf(error))}`);
      const what = 'The tracer sent data that does not fit together, so the capture was ended.';
      void this.#end('fail', `${what} What was captured before stays. Attach again to go on.`);
      return;
    }
    const { counts } = batch.stacks.find(({ series }) => series === defaultMeasure) ?? noRows;
    const samples = counts.reduce((sum, count) => sum + count, 0);
    this.#rate.add(this.store.timeUs, samples);
    if (counts.length > 0 && this.timings.mark('first-batch')) this.#changes.fire('health');
    if (this.#state === 'running') this.#changes.fire('samples');
  }

  #heed(health: Health): void {
    this.#health.heed(health);
    this.#workers = health.pids;
    this.#watches.heed(this.store.timeUs, health.instruments);
    this.memory.heed(health, this.store);
    this.#changes.fire('health');
  }

  #say(text: string): void {
    this.#notice({ kind: 'other', pid: 0, text: fromOutside(text), detail: fromOutside('') });
  }

  #notice(notice: Notice): void {
    const text = rawText(notice.text);
    if (notice.kind === 'sampler-fell-back') {
      const why = this.#connection?.session.restriction ?? '';
      this.#samplerNote = [text, why].filter((each) => each !== '').join(' ');
    } else if (!shownElsewhere.includes(notice.kind)) this.#message = text;
    this.#notices.fire({ ...notice, at: Date.now() });
    this.#changes.fire('health');
    if (notice.kind === 'worker-joined') this.#clock?.refresh(() => this.list(), this.log);
  }

  #closed(error: ProbeError | undefined): void {
    if (isOver(this.#state)) return;
    if (error === undefined) void this.#end('stop', '');
    else if (endings.includes(error.kind)) void this.#end('stop', error.message);
    else if (error.kind === 'silenced' && isRecording(this.#state) && this.#target) {
      void this.#startAgain(this.#target, error);
    } else {
      if (error.detail !== '') this.log.warn(error.detail);
      void this.#end('fail', error.message);
    }
  }

  #step(event: CaptureEvent, effect?: () => void): boolean {
    const state = next(this.#state, event);
    if (state === undefined) return false;
    this.log.trace(`capture ${this.id}: ${this.#state} -> ${state}`);
    this.#state = state;
    effect?.();
    this.#changes.fire('state');
    return true;
  }

  async #end(event: 'stop' | 'fail', message: string): Promise<void> {
    const changed = this.#step(event, () => {
      this.#endedAt = Date.now();
      this.#message = message;
    });
    this.#watches.end();
    if (changed && message !== '') this.log.info(`capture ${this.id} ended: ${message}`);
    await this.#connection?.close();
  }
}
