import { type AllocationRows, Quality, type SampleLabels, VmState } from './frames';

/** Samples counted by what their labels say and by worker. */
export class Tallies {
  samples = 0;
  /** On-CPU microseconds. */
  weightUs = 0;
  /** Indexed by {@link Quality}. */
  byQuality: number[] = zeros(Quality.Unknown + 1);
  /** Indexed by {@link VmState}. */
  byVmState: number[] = zeros(VmState.Jit + 1);
  readonly byPid = new Map<number, number>();
  /** What allocations were seen to ask for, and the stacks that were taken of them. */
  bytes = 0;
  allocationSamples = 0;

  add(pid: number, labels: SampleLabels | undefined, count: number, periodUs: number): void {
    const quality = labels?.quality ?? Quality.NoLua;
    const state = labels?.vmState ?? VmState.None;
    this.samples += count;
    this.weightUs += count * periodUs;
    this.byQuality[quality] = (this.byQuality[quality] ?? 0) + count;
    this.byVmState[state] = (this.byVmState[state] ?? 0) + count;
    this.byPid.set(pid, (this.byPid.get(pid) ?? 0) + count);
  }

  addAllocations({ bytes, counts }: AllocationRows): void {
    for (const each of bytes) this.bytes += each;
    for (const count of counts) this.allocationSamples += count;
  }

  /** Samples where Lua was running. */
  get luaSamples(): number {
    return this.samples - this.byQuality[Quality.NoLua]!;
  }

  clear(): void {
    this.samples = 0;
    this.weightUs = 0;
    this.bytes = 0;
    this.allocationSamples = 0;
    this.byQuality = zeros(this.byQuality.length);
    this.byVmState = zeros(this.byVmState.length);
    this.byPid.clear();
  }
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
