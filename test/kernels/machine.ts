/** An emulated machine that runs until its first process is done, and what that printed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLeashed } from '../fixtures/leash';
import { waitFor } from '../fixtures/wait';
import type { Architecture } from './kernels';

const LIMIT_MS = 240_000;

const EMULATORS: Record<Architecture, { command: string; args: string[]; console: string }> = {
  x86_64: {
    command: 'qemu-system-x86_64',
    // Emulated, cmpxchg16b may leave pointers in the flags (qemu 7.2); 6.12 does not survive that.
    args: ['-M', 'q35', '-cpu', 'max,-cx16'],
    console: 'ttyS0',
  },
  aarch64: {
    command: 'qemu-system-aarch64',
    args: ['-M', 'virt', '-cpu', 'cortex-a57'],
    console: 'ttyAMA0',
  },
};

/** A part of what was printed: a command's output and its exit code. */
export interface Section {
  readonly text: string;
  readonly status: number;
}

export interface Transcript {
  readonly sections: ReadonlyMap<string, Section>;
  /** undefined: it came to its end. Else what it printed last. */
  readonly broken: string | undefined;
}

/** @throws where the emulator cannot be started. A kernel that fails is a broken transcript. */
export async function runMachine(
  architecture: Architecture,
  kernel: string,
  initramfs: string,
  folder: string,
): Promise<Transcript> {
  const emulator = EMULATORS[architecture];
  const serial = join(folder, 'serial');
  const machine = startLeashed(emulator.command, [
    ...['-accel', 'tcg', ...emulator.args, '-m', '512', '-smp', '1', '-nodefaults'],
    ...['-display', 'none', '-no-reboot', '-serial', `file:${serial}`],
    ...['-kernel', kernel, '-initrd', initramfs],
    ...['-append', `console=${emulator.console} quiet panic=-1`],
  ]);
  try {
    // Done or dead, it powers off; one that hangs is ended.
    await waitFor('', () => !machine.running(), { timeoutMs: LIMIT_MS, everyMs: 100 }).catch(
      () => undefined,
    );
  } finally {
    await machine.stop();
  }
  const text = await readFile(serial, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new Error(`${emulator.command} did not start: ${machine.output() || 'is it installed?'}`);
  }
  return readTranscript(text.replaceAll('\r', ''));
}

const LAST = 1500;

function readTranscript(text: string): Transcript {
  const sections = new Map<string, Section>();
  const pattern = /^@@begin (\S+)\n(.*?)\n@@end \1 (\d+)$/gms;
  for (const [, name = '', body = '', status] of text.matchAll(pattern)) {
    sections.set(name, { text: body, status: Number(status) });
  }
  return { sections, broken: /^@@done$/m.test(text) ? undefined : text.slice(-LAST) };
}
