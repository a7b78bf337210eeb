// Looks at arguments and environments of all processes while the suite runs.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

const EVERY_MS = 250;
/** Tools of the tests, which are given a passphrase to make or to load a key with. */
const TOOLS = new Set(['ssh-keygen', 'ssh-add', 'openssl']);

export class Observer {
  findings = [];
  looked = 0;
  #seen = new Set();
  #timer;

  constructor(needles, refresh) {
    this.needles = needles;
    this.refresh = refresh;
    this.#timer = setInterval(() => this.look(), EVERY_MS);
    this.#timer.unref();
  }

  stop() {
    clearInterval(this.#timer);
    this.look();
  }

  look() {
    this.refresh();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const cmdline = read(`/proc/${pid}/cmdline`);
      const command = cmdline.toString('latin1');
      const key = `${pid} ${command}`;
      if (cmdline.length === 0 || this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.looked++;
      const [program = ''] = command.split('\0');
      if (TOOLS.has(basename(program))) continue;
      this.#note(`arguments of ${command.replaceAll('\0', ' ').slice(0, 200)}`, cmdline);
      this.#note(`environment of ${program}`, read(`/proc/${pid}/environ`));
    }
  }

  #note(where, bytes) {
    const kinds = this.needles.in(bytes);
    if (kinds.length > 0) this.findings.push({ where, kinds });
  }
}

/** It may have ended, or be another's. */
function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
