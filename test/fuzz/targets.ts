/** The readers that are fuzzed here: what each is given, and what it may do with it. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { Account, MOST_BYTES } from '../../extension/probe/account';
import { ProbeClient } from '../../extension/probe/client';
import { frame } from '../../extension/probe/framing';
import { block } from '../../extension/probe/recording/blocks';
import {
  FIRST_LINE,
  headerRecord,
  Kind,
  markRecord,
  record,
} from '../../extension/probe/recording/format';
import { ReplaySession } from '../../extension/probe/recording/replay';
import { ProbeError, type ProbeSession } from '../../extension/probe/session';
import { TypeScriptEngine } from '../../extension/profile/engine-ts';
import type { ProfileBatch } from '../../extension/profile/frames';
import { ProfileStore } from '../../extension/profile/store';
import { evaluate, writtenLines } from '../../extension/remote/config/evaluate';
import { parseSettings } from '../../extension/remote/config/resolve';
import { silentLog } from '../../extension/remote/log';
import {
  knownHostName,
  linesFor,
  parseKnownHosts,
  standingOf,
} from '../../extension/remote/known-hosts';
import { parseRevokedKeys } from '../../extension/remote/revoked-keys';
import type { ExitStatus, RemoteProcess } from '../../extension/remote/transport';
import * as dialogue from '../unit/probe/recording/dialogue';
import { encode } from '../unit/probe/scripted-probe';
import { mutated, mutatedList, type Random } from './mutate';

export interface Target {
  /** The same for the same numbers. */
  make(random: Random): Uint8Array;
  /** Throws where the reader does what it must not. */
  read(input: Uint8Array): Promise<void> | void;
}

/** A fault of ours that a reader took for a fault of the input. */
const FAULTS = /TypeError|ReferenceError|Cannot read|is not a function|is not iterable|call stack/;
/** Most that a single message can add before the account is looked at. */
const ONE_MESSAGE_BYTES = 256 * 2 ** 20;
const SEEDS = 64;

/** Sessions of all kinds of messages, and short: a reader is in most of its states within them. */
const dialogues = Array.from({ length: SEEDS }, (_, seed) => {
  const random = dialogue.randomOf(seed);
  const run = new dialogue.Run(random);
  const bytes = new Uint8Array(1 + random(40)).fill(seed);
  return [
    dialogue.hello(),
    dialogue.listing(),
    dialogue.started(1_700_000_000_000),
    run.batch(),
    dialogue.notice(`notice ${seed}`),
    encode({ case: 'failure', value: { request: random(8), kind: random(9), text: 'no' } }),
    run.batch(),
    encode({ case: 'file', value: { request: 3, chunk: bytes, done: random(2) === 0 } }),
    encode({ case: 'heap', value: { request: 4, piece: bytes, done: random(2) === 0 } }),
    encode({ case: 'pong', value: { request: 5 } }),
    run.batch(),
    encode({ case: 'stopped', value: { request: 6 } }),
  ];
});

class DeafProcess implements RemoteProcess {
  readonly stdin = new PassThrough();
  readonly stdout = new EventEmitter() as unknown as PassThrough;
  readonly stderr = new EventEmitter() as unknown as PassThrough;
  readonly exit: Promise<ExitStatus>;
  private over: (status: ExitStatus) => void = () => undefined;

  constructor() {
    this.exit = new Promise((resolve) => (this.over = resolve));
    this.stdin.resume().on('end', () => this.kill());
  }

  kill(): void {
    this.stdout.emit('end');
    this.over({ code: 0, signal: null });
  }
}

const never = new AbortController().signal;

const wire: Target = {
  make(random) {
    const messages = mutatedList(dialogues[random(SEEDS)]!, random);
    const stream = Buffer.concat(messages.map(frame));
    return random(8) === 0 ? mutated(stream, random) : stream;
  },
  async read(input) {
    const probe = new DeafProcess();
    const account = new Account();
    const opening = ProbeClient.open(probe, silentLog, never, '', account).catch(allowed);
    // The hello in a first chunk: what follows it meets a session that listens.
    const head = 1 + (input[0] ?? 0);
    probe.stdout.emit('data', Buffer.from(input.subarray(0, head)));
    const immediately = new Promise<void>((resolve) => setImmediate(resolve));
    const client = await Promise.race([opening, immediately]);
    if (client) ask(client, heard());
    probe.stdout.emit('data', Buffer.from(input.subarray(head)));
    probe.kill();
    await opening;
    await client?.close();
    bounded(account);
  },
};

const recording: Target = {
  make(random) {
    const seed = random(SEEDS);
    const messages = dialogues[seed]!.filter((_, i) => ![5, 7, 8, 9, 11].includes(i));
    const records = [
      headerRecord({ host: 'h', target: 't', savedUnixMs: 5 }),
      ...messages.map((message) => record(Kind.heard, message)),
      record(Kind.said, dialogue.start()),
      markRecord({ event: 'heap', at: 5, pid: 101 }),
      record(Kind.heap, new Uint8Array(seed)),
      markRecord({ event: 'heap-end', at: 5 }),
      markRecord({ event: 'reset', at: 6 }),
      markRecord({ event: 'end', at: 7, text: '' }),
    ];
    const changed = random(16) === 0 ? records : mutatedList(records, random);
    const cut = random(changed.length + 1);
    const blocks = [
      Buffer.concat([Buffer.from(FIRST_LINE), ...changed.slice(0, cut)]),
      Buffer.concat(changed.slice(cut)),
    ];
    const file = Buffer.concat(blocks.map((each) => block(each, random(2))));
    return random(6) === 0 ? mutated(file, random) : file;
  },
  async read(input) {
    let session: ReplaySession;
    try {
      session = await ReplaySession.open(input);
    } catch (error) {
      return allowed(error);
    }
    ask(session, heard());
    await session.play();
    if (session.recorded.heaps.length > 0 && input.length % 4 === 0)
      await session
        .takeHeap({ pid: 101, maxPauseMs: 1, signal: never }, () => undefined)
        .catch(allowed);
    bounded(session.account);
  },
};

const KNOWN_HOSTS = [
  'web1,10.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvnG0yGqVZ5HcFYJNvfyvM0GTaTqRCUVQXGyHlSIhnd me',
  '|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB',
  '@revoked *.example.com,!bad.example.com ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB',
  '@cert-authority [*.org]:2222,??.b ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=',
  '# a comment, then an empty line\n',
  '*a*a*a*a*a*a*a*a*a*a*a*a*b ssh-ed25519 AAAAC3NzaC1lZDI1NTE5',
];
const HOSTS = ['web1', '10.0.0.1', '[a.org]:2222', 'x.example.com', 'a'.repeat(60)];

const knownHosts: Target = {
  make: (random) => lines(KNOWN_HOSTS, random),
  read(input) {
    const entries = parseKnownHosts(Buffer.from(input).toString('utf8'), 'known_hosts');
    const key = entries[0]?.key;
    for (const host of HOSTS) {
      const lines = linesFor(entries, knownHostName(host, 2222));
      if (key) standingOf(lines, key);
    }
    refusable(() => parseRevokedKeys(Buffer.from(input)));
  },
};

const SSH_CONFIG = [
  'Host web1 *.example.com !bad',
  '  HostName "%h.example.com"  # no comment',
  'Match host a,b exec "true %h" originalhost=*',
  'ProxyJump a@b:22,[::1]:23',
  'IdentityFile ~/.ssh/id_%r\nUserKnownHostsFile "a b" \'c d\' e\\ f',
  'Include conf.d/*',
  'Port=22\nConnectTimeout 5m',
];

const ASKED = { host: 'web1', user: 'me', port: 22, localUser: 'me' };

/** An input may be refused, but never by a fault of ours. */
function refusable(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    // These readers throw plain errors, whose words say what is wrong with the input.
    if (!(error instanceof Error) || FAULTS.test(`${error.name}: ${error.message}`)) fault(error);
  }
}

const config: Target = {
  make: (random) => lines(SSH_CONFIG, random),
  read(input) {
    const text = Buffer.from(input).toString('utf8');
    parseSettings(text);
    writtenLines(text);
    refusable(() => evaluate(text, ASKED));
  },
};

export const targets: Readonly<Record<string, Target>> = {
  wire,
  recordings: recording,
  'known-hosts': knownHosts,
  config,
};

function lines(of: readonly string[], random: Random): Uint8Array {
  const some = Array.from({ length: 1 + random(5) }, () => Buffer.from(of[random(of.length)]!));
  return Buffer.concat(mutatedList(some, random).flatMap((line) => [line, Buffer.from('\n')]));
}

/** All that a session can be asked for; it may refuse it. */
function ask(session: ProbeSession, batch: (batch: ProfileBatch) => void): void {
  session.listen({ batch, closed: (error) => error && allowed(error) });
  const target = { master: 100 };
  const options = { target, rateHz: 99, budgetPercent: 1, requestLabels: true };
  const heap = { pid: 101, maxPauseMs: 1, signal: never };
  const asked = [
    session.list(),
    session.start(options),
    session.readFile(101, '/x'),
    session.takeHeap(heap, () => undefined),
    session.setRate(5),
    session.stop(),
  ];
  for (const each of asked) each.catch(allowed);
}

/** One store for many sessions, each another run to it: to make one takes longer than an input. */
let store = new ProfileStore(new TypeScriptEngine());
let runs = 0;

/** A store takes each batch that the reader lets through, or says why not. */
function heard(): (batch: ProfileBatch) => void {
  if (runs++ % 16 === 0) store = new ProfileStore(new TypeScriptEngine());
  store.beginRun(1);
  return (batch) => {
    try {
      store.add(batch);
    } catch (error) {
      if (!(error instanceof RangeError)) fault(error);
      throw error;
    }
  };
}

function allowed(error: unknown): undefined {
  if (!(error instanceof ProbeError) || FAULTS.test(error.detail)) fault(error);
  return undefined;
}

/** Faults within callbacks, which the reader itself would catch. */
export const faults: unknown[] = [];

function fault(error: unknown): void {
  faults.push(error instanceof ProbeError ? new Error(error.detail) : error);
}

function bounded(account: Account): void {
  if (account.bytes > MOST_BYTES + ONE_MESSAGE_BYTES) throw new Error(`account: ${account.bytes}`);
}
