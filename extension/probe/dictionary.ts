import { OwnNames } from '../profile/demangle';
import { FrameKind, Quality, VmState } from '../profile/frames';
import type {
  Frame,
  FunctionInfo,
  LoadedModules,
  RequestInfo,
  SampleLabels,
} from '../profile/frames';
import type { Account } from './account';
import { atMost, corrupt, enumOf } from './corrupt';
import type * as wire from './generated/acupoint_pb';
import { limits } from './limits';
import { WholeFunctions } from './whole-functions';

/** All FrameFlag bits. */
const KNOWN_FLAGS = 31;

/**
 * The entries that a session has been sent so far, as far as they must be kept to resolve and to
 * check the ids of what follows. Strings stay in full; of the other dictionaries their sizes are
 * enough, and the depth of stacks.
 */
export class Dictionary {
  private readonly strings: string[] = [''];
  private functions = 0;
  private frames = 0;
  private stacks = 0;
  private labels = 0;
  private requests = 0;
  private readonly ownNames = new OwnNames(limits.symbols);
  private readonly wholeFunctions = new WholeFunctions();
  private depths = new Uint16Array(1024);
  /** Processes that rows were of. */
  private readonly pids = new Set<number>();
  /** Modules of each VM that was named: how many names. */
  private readonly moduleSets = new Map<string, number>();

  constructor(private readonly account: Account) {}

  addStrings(added: readonly string[]): void {
    atMost(this.strings.length + added.length, limits.entries, 'strings');
    for (const text of added) {
      atMost(text.length, limits.stringBytes, 'string length');
      this.account.keep('char', text.length);
      this.strings.push(text);
    }
    this.account.keep('string', added.length);
  }

  addFunctions(added: readonly wire.Function[]): FunctionInfo[] {
    this.functions += added.length;
    atMost(this.functions, limits.entries, 'functions');
    this.account.keep('function', added.length);
    return added.flatMap((each) => this.wholeFunctions.add(this.functionInfo(each)) ?? []);
  }

  private functionInfo({ name, file, line, lastLine, identity, partOf }: wire.Function) {
    const symbol = this.string(name, 'function name');
    const info = {
      name: partOf === 0 ? symbol : this.string(partOf, 'function part'),
      file: this.string(file, 'function file'),
      line,
      lastLine,
      ...(identity !== 0 && { identity }),
    };
    return { info: this.ownNames.of(info), ...(partOf !== 0 && { part: symbol }) };
  }

  addFrames(added: readonly wire.Frame[]): Frame[] {
    this.frames += added.length;
    atMost(this.frames, limits.entries, 'frames');
    this.account.keep('frame', added.length);
    return added.map((frame) => {
      known(frame.function, this.functions, 'frame function');
      if (frame.flags > KNOWN_FLAGS) throw corrupt(`frame flags: ${frame.flags}`);
      return {
        function: this.wholeFunctions.idOf(frame.function),
        kind: frameKind(frame.kind),
        line: frame.line,
        flags: frame.flags,
      };
    });
  }

  /** A parent comes before its child, so stacks form trees whatever is sent. */
  addStacks(parents: readonly number[], frames: readonly number[]): void {
    if (parents.length !== frames.length) {
      throw corrupt(`stacks: ${parents.length} parents and ${frames.length} frames`);
    }
    atMost(this.stacks + parents.length, limits.entries, 'stacks');
    this.account.keep('stack', parents.length);
    this.reserve(this.stacks + parents.length + 1);
    parents.forEach((parent, index) => {
      known(parent, this.stacks, 'stack parent');
      const frame = frames[index] ?? 0;
      if (frame === 0) throw corrupt('stack frame: none');
      known(frame, this.frames, 'stack frame');
      const depth = (this.depths[parent] ?? 0) + 1;
      atMost(depth, limits.stackDepth, 'stack depth');
      this.depths[++this.stacks] = depth;
    });
  }

  addLabels(added: readonly wire.Labels[]): SampleLabels[] {
    this.labels += added.length;
    atMost(this.labels, limits.entries, 'labels');
    this.account.keep('labels', added.length);
    return added.map((labels) => ({
      vmState: enumOf(labels.vmState, VmState.Jit, 'labels VM state'),
      quality: enumOf(labels.quality, Quality.Unknown, 'labels quality'),
      trace: labels.trace,
      phase: this.string(labels.phase, 'labels phase'),
    }));
  }

  addRequests(added: readonly wire.Request[]): RequestInfo[] {
    this.requests += added.length;
    atMost(this.requests, limits.requests, 'requests');
    this.account.keep('request', added.length);
    return added.map(({ method, host, uri }) => ({
      method: this.string(method, 'request method'),
      host: this.string(host, 'request host'),
      uri: this.string(uri, 'request URI'),
    }));
  }

  modules(sets: readonly wire.Modules[]): LoadedModules[] {
    return sets.map((set) => {
      atMost(set.names.length, limits.modules, 'modules');
      const vm = set.vm.toString(16);
      this.keepModules(`${set.pid} ${vm}`, set.names.length);
      return {
        pid: set.pid,
        vm,
        names: set.names.map((name) => this.string(name, 'module name')),
        leftOut: set.leftOut,
        kongVersion: this.string(set.kongVersion, 'Kong version'),
        apisixVersion: this.string(set.apisixVersion, 'APISIX version'),
      };
    });
  }

  /** Each list of a VM takes the place of the one before. */
  private keepModules(vm: string, names: number): void {
    const before = this.moduleSets.get(vm);
    this.moduleSets.set(vm, Math.max(names, before ?? 0));
    if (before === undefined) this.account.keep('modules', 1);
    this.account.keep('module', Math.max(0, names - (before ?? 0)));
  }

  checkRows(
    stacks: readonly number[],
    pids: readonly number[],
    labels: readonly number[],
    requests: readonly number[],
  ): void {
    for (const stack of stacks) known(stack, this.stacks, 'row stack');
    for (const label of labels) known(label, this.labels, 'row labels');
    for (const request of requests) known(request, this.requests, 'row request');
    this.checkPids(pids);
  }

  checkPids(pids: readonly number[]): void {
    for (const pid of pids) {
      if (this.pids.has(pid)) continue;
      this.pids.add(pid);
      atMost(this.pids.size, limits.rowPids, 'workers in rows');
      this.account.keep('pid', 1);
    }
  }

  /** Throws ProbeError 'corrupt-stream'; `where` says who refers to it. */
  string(id: number, where: string): string {
    const text = this.strings[id];
    if (text === undefined) throw corrupt(`${where}: string ${id} of ${this.strings.length - 1}`);
    return text;
  }

  private reserve(size: number): void {
    if (size <= this.depths.length) return;
    const grown = new Uint16Array(Math.max(size, this.depths.length * 2));
    grown.set(this.depths);
    this.depths = grown;
  }
}

/** 0, which means none, is known too. */
function known(id: number, count: number, where: string): void {
  if (id > count) throw corrupt(`${where}: ${id} of ${count}`);
}

/** Not all numbers up to the highest are kinds. */
function frameKind(kind: number): FrameKind {
  if (!(kind in FrameKind)) throw corrupt(`frame kind: ${kind} is no known value`);
  return kind;
}
