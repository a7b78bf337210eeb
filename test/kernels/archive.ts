/**
 * Debian's packages of another suite or architecture, by a private apt folder: neither the package
 * lists nor the architectures of this machine change.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';

export const cache = join(repositoryRoot, '.cache/kernels');

const DEFAULT_MIRROR = 'http://deb.debian.org/debian';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The mirror of Debian that this machine uses. */
function mirror(): string {
  const format = '$(ORIGIN) $(LABEL) $(REPO_URI)';
  const targets = execFileSync('apt-get', ['indextargets', '--format', format], {
    encoding: 'utf8',
  });
  return /^Debian Debian (\S+)$/m.exec(targets)?.[1] ?? DEFAULT_MIRROR;
}

export class Archive {
  private readonly folder: string;
  private updated = false;

  /** `architecture`: Debian's name. Nothing is asked of the network yet. */
  constructor(
    private readonly suite: string,
    private readonly architecture: string,
  ) {
    this.folder = join(cache, 'apt', `${suite}-${architecture}`);
  }

  /** The packages that one depends on. Empty where the suite has no such package. */
  dependencies(name: string): string[] {
    const text = this.run('apt-cache', ['depends', '--important', name]) ?? '';
    return [...text.matchAll(/^\s*Depends: (\S+)$/gm)].flatMap(([, found]) => found ?? []);
  }

  has(name: string): boolean {
    return /^ {2}Candidate: [^(]/m.test(this.run('apt-cache', ['policy', name]) ?? '');
  }

  /**
   * Unpacks packages into an emptied `target`, without running anything of theirs; `wanted`: only
   * paths like this tar pattern. @throws where a package cannot be had.
   */
  unpack(names: readonly string[], target: string, wanted?: string): void {
    const debs = `${target}.debs`;
    for (const folder of [debs, target]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    }
    if (this.run('apt-get', ['download', ...names], debs) === undefined) {
      throw new Error(
        `${this.suite} has not all of these for ${this.architecture}: ${names.join(', ')}.`,
      );
    }
    const only = wanted === undefined ? '' : `--wildcards '${wanted}'`;
    for (const deb of readdirSync(debs)) {
      const unpack = `dpkg-deb --fsys-tarfile "$0" | tar -x -C "$1" ${only}`;
      execFileSync('/bin/sh', ['-c', unpack, join(debs, deb), target]);
    }
    rmSync(debs, { recursive: true });
  }

  /** The output of an apt command, or undefined where it fails. */
  private run(command: string, args: readonly string[], cwd?: string): string | undefined {
    this.update();
    try {
      return execFileSync(command, [...this.options(), ...args], {
        ...(cwd === undefined ? {} : { cwd }),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch {
      return undefined;
    }
  }

  private options(): string[] {
    const { folder, architecture } = this;
    const settings = {
      'Dir::State': join(folder, 'state'),
      'Dir::State::status': join(folder, 'status'),
      'Dir::Cache': join(folder, 'cache'),
      'Dir::Etc::sourcelist': join(folder, 'sources.list'),
      'Dir::Etc::sourceparts': join(folder, 'parts'),
      'APT::Architecture': architecture,
      'APT::Architectures::': architecture,
      'APT::Sandbox::User': '',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '3',
      'Acquire::http::Timeout': '20',
    };
    return [
      '-q=2',
      ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
    ];
  }

  private update(): void {
    if (this.updated) return;
    this.updated = true;
    for (const part of ['state/lists/partial', 'cache/archives/partial', 'parts']) {
      mkdirSync(join(this.folder, part), { recursive: true });
    }
    writeFileSync(join(this.folder, 'status'), '');
    if (!existsSync(KEYRING)) {
      throw new Error(`${KEYRING} is not there. Install debian-archive-keyring.`);
    }
    const source = `deb [signed-by=${KEYRING}] ${mirror()} ${this.suite} main\n`;
    writeFileSync(join(this.folder, 'sources.list'), source);
    if (this.run('apt-get', ['update']) === undefined) {
      throw new Error(`The package lists of ${this.suite} cannot be fetched from ${mirror()}.`);
    }
  }
}
