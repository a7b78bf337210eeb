import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProbeError } from './session';

/** Architectures by their name in `uname`, where the folder of the probe has another. */
const ALIASES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

export interface ProbeBinary {
  /** As `uname -m` calls it on Linux. */
  readonly architecture: string;
  readonly content: Uint8Array;
  /** SHA-256 of the content, in hex. */
  readonly sha256: string;
}

/** The probes that came with the extension, one for each architecture. */
export async function readProbes(probesDir: string): Promise<ProbeBinary[]> {
  let folders: string[];
  try {
    folders = (await readdir(probesDir)).sort();
  } catch (error) {
    throw notBuilt(probesDir, String(error));
  }
  const probes: ProbeBinary[] = [];
  for (const architecture of folders) {
    try {
      const content = await readFile(join(probesDir, architecture, 'acupoint-probe'));
      const sha256 = createHash('sha256').update(content).digest('hex');
      probes.push({ architecture, content, sha256 });
    } catch {
      // A folder without a probe supports nothing; when that is all there are, it is said below.
    }
  }
  if (probes.length === 0) throw notBuilt(probesDir, `folders: ${folders.join(', ')}`);
  return probes;
}

/** The probe for a machine; throws ProbeError 'wrong-architecture' naming what is there. */
export function chooseProbe(
  probes: readonly ProbeBinary[],
  system: string,
  machine: string,
): ProbeBinary {
  const supported = probes.map(({ architecture }) => architecture).join(' and ');
  if (system !== 'Linux') {
    throw new ProbeError(
      'wrong-architecture',
      `The host runs ${system || 'an unknown system'}; the probe runs on Linux only ` +
        `(${supported}).`,
    );
  }
  const architecture = ALIASES[machine] ?? machine;
  const probe = probes.find((candidate) => candidate.architecture === architecture);
  if (probe) return probe;
  throw new ProbeError(
    'wrong-architecture',
    `The host is Linux on ${machine || 'an unknown machine'}; there is a probe for ` +
      `${supported} only.`,
  );
}

function notBuilt(probesDir: string, detail: string): ProbeError {
  return new ProbeError(
    'file',
    `There is no probe in ${probesDir}: the extension is incomplete. ` +
      'Reinstall it; in a working copy of its repository, run `npm run build:native`.',
    detail,
  );
}
