/** The kernels that the probe must work on: those of Debian's suites, in their cloud flavour. */

export type Architecture = 'x86_64' | 'aarch64';

export interface Kernel {
  readonly name: string;
  readonly architecture: Architecture;
  readonly suite: string;
  /** The release that results are compared on; without one, or when it is gone: the newest. */
  readonly pinned: string | undefined;
  /** The suite that LuaJIT and the C library are of. */
  readonly userland: 'bookworm' | 'bullseye';
  /** Also in the short form. */
  readonly short: boolean;
}

const SERIES = [
  { name: '5.10', suite: 'bullseye', pinned: '5.10.0-32', short: true },
  { name: '6.1', suite: 'bookworm', pinned: '6.1.0-50', short: false },
  { name: '6.12', suite: 'trixie', pinned: '6.12.107+deb13', short: false },
  { name: 'newest', suite: 'sid', pinned: undefined, short: true },
] as const;

/** One userland for all, so that only the kernel differs; and a LuaJIT with arm64's old C frames. */
export const KERNELS: readonly Kernel[] = [
  ...(['x86_64', 'aarch64'] as const).flatMap((architecture) =>
    SERIES.map((series) => ({
      ...series,
      architecture,
      userland: 'bookworm' as const,
      short: series.short && (architecture === 'x86_64' || series.name === 'newest'),
    })),
  ),
  { ...SERIES[0], architecture: 'aarch64', userland: 'bullseye', short: false },
];

/** Returns a kernel's name in the table, and for `--only`. */
export function titleOf({ name, architecture, userland }: Kernel): string {
  return `${name} ${architecture}${userland === 'bookworm' ? '' : ` ${userland}`}`;
}

/** Debian's name of an architecture. */
export const debianName = { x86_64: 'amd64', aarch64: 'arm64' } as const;
