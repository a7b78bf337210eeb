// After all layers: no secret that they signed in with is in what the product wrote, said, started or left behind.
// Before that it plants one of its own in each of these places, and fails where it does not find it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Needles } from './needles.mjs';
import { Observer } from './observe.mjs';
import { scanPath } from './scan.mjs';

/** Where the probe lands and tests work. */
const LEFT_IN = [tmpdir(), '/tmp', '/dev/shm', '/var/tmp'];
const PLANTED_MS = 15_000;

export class SecretsScan {
  #began = Date.now();
  #folder = mkdtempSync(join(tmpdir(), 'secrets-of-tests-'));
  #file = join(this.#folder, 'secrets');
  #scanned = join(this.#folder, 'left');
  #needles = new Needles();
  #count = 0;
  #observer = new Observer(this.#needles, () => this.#refresh());

  constructor() {
    writeFileSync(this.#file, '', { mode: 0o600 });
    mkdirSync(this.#scanned);
  }

  /** For the layers. */
  get environment() {
    return { ACUPOINT_SECRETS: this.#file, ACUPOINT_SCAN_DIR: this.#scanned };
  }

  /** All that a layer printed. */
  take(output) {
    appendFileSync(join(this.#scanned, 'output-of-layers'), output);
  }

  /** @returns lines that say what is wrong; none: nothing is. */
  async end() {
    const wrong = await this.#selfCheck();
    this.#observer.stop();
    this.#refresh();
    const left = [...new Set(LEFT_IN)].flatMap((folder) => this.#leftIn(folder));
    const found = [this.#scanned, ...left].flatMap((path) => scanPath(path, this.#needles));
    for (const { where, kinds } of [...found, ...this.#observer.findings])
      wrong.push(`${kinds.join(', ')} in ${where}`);
    this.summary =
      `${this.#count} secrets looked for in ${this.#observer.looked} processes, ` +
      `${readdirSync(this.#scanned).length} outputs and folders, ${left.length} left in temporary folders`;
    rmSync(this.#folder, { recursive: true, force: true });
    return wrong;
  }

  #refresh() {
    this.#count = this.#needles.read(readFileSync(this.#file, 'utf8'));
  }

  #leftIn(folder) {
    return readdirSync(folder)
      .filter((name) => name.startsWith('acupoint') && join(folder, name) !== this.#folder)
      .map((name) => join(folder, name))
      .filter((path) => (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= this.#began);
  }

  /** Takes the planted secrets away again and forgets the findings. */
  async #selfCheck() {
    const needles = new Needles();
    const secret = `planted+${randomBytes(9).toString('base64')}"é`;
    needles.read(
      JSON.stringify({ kind: 'planted', value: Buffer.from(secret).toString('base64') }),
    );
    const folder = mkdtempSync(join(this.#folder, 'planted-'));
    const forms = {
      log: secret,
      settings: JSON.stringify({ password: secret }),
      state: Buffer.from(`SQLite${secret}`, 'utf16le'),
      recording: gzipSync(`said ${secret}`),
      encoded: Buffer.from(`user:${secret}:x`).toString('base64'),
      address: `ssh://u:${encodeURIComponent(secret)}@h`,
      bytes: Buffer.from(secret).toString('hex'),
    };
    for (const [name, text] of Object.entries(forms)) writeFileSync(join(folder, name), text);
    const found = new Set(scanPath(folder, needles).map(({ where }) => where));
    const missed = Object.keys(forms).filter((name) => !found.has(join(folder, name)));
    rmSync(folder, { recursive: true });
    if (!(await seen(needles, [secret], {}))) missed.push('arguments');
    if (!(await seen(needles, [], { PLANTED: secret }))) missed.push('environment');
    return missed.map((place) => `A secret that was planted was not found: ${place}.`);
  }
}

/** Whether an observer finds it in a process that has these. */
async function seen(needles, argv, env) {
  const observer = new Observer(needles, () => undefined);
  const child = spawn('sh', ['-c', 'sleep 30', 'sh', ...argv], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  try {
    const late = Date.now() + PLANTED_MS;
    while (observer.findings.length === 0 && Date.now() < late) {
      observer.look();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return observer.findings.length > 0;
  } finally {
    observer.stop();
    child.kill('SIGKILL');
  }
}
