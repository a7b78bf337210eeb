/** The samplers that need no BPF: the same stacks, what they say of themselves, what they leave. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { waitFor } from '../fixtures/wait';
import { recorderPath, runRecorder } from './binary';
import {
  luaFrames,
  nameAndLine,
  type Recording,
  recordScript,
  withScript,
} from './trace/recording';

const NOBODY = 65534;
const RATES = { bpf: 499, perf: 499, ptrace: 99 } as const;
const KINDS = { bpf: 'bpf', perf: 'perfRing', ptrace: 'ptrace' } as const;

function chainShare(recording: Recording, wanted: string): number {
  return recording.share((stack) => {
    const frames = luaFrames(stack).filter(({ name }) => name !== '[C function]');
    return frames.map(nameAndLine).join(' ').startsWith(wanted);
  });
}

describe('samplers', () => {
  for (const sampler of ['bpf', 'perf', 'ptrace'] as const) {
    describe(sampler, () => {
      const how = { sampler };
      for (const mode of ['', 'jit']) {
        it(`gives known shares ${mode ? 'of compiled code' : 'of interpreted code'}`, async () => {
          const args = mode ? [mode] : [];
          const recording = await recordScript('known.lua', args, 3, RATES[sampler], how);
          assert.equal(recording.json.meta.sampler, KINDS[sampler]);
          assert.ok(recording.samples > 50, `${recording.samples} samples`);
          const share = recording.total('three_quarters');
          // Three standard deviations of what so many samples can tell, and two points.
          const tolerance = 0.02 + 3 * Math.sqrt(0.1875 / recording.samples);
          assert.ok(Math.abs(share - 0.75) < tolerance, `three_quarters has ${share}`);
          assert.ok(recording.unattributed <= 0.01, `${recording.unattributed}`);
        });
      }

      // The third one's period is of wall time.
      if (sampler !== 'ptrace')
        it('is not in step with a load of the same period', async () => {
          const rate = RATES[sampler];
          const recording = await recordScript('in_step.lua', [`${1e6 / rate}`], 6, rate, how);
          const share = recording.total('first');
          assert.ok(Math.abs(share - 0.5) < 0.15, `first has ${share}`);
        });

      it('keeps every frame through calls of C', async () => {
        const recording = await recordScript('shapes.lua', ['pcall'], 1.5, RATES[sampler], how);
        const protectedCalls = Array.from({ length: 5 }, () => 'protected:17 pcall').join(' ');
        const wanted = `main chunk:62 pcall:34 ${protectedCalls} protected:16 work`;
        const share = chainShare(recording, wanted);
        assert.ok(share > 0.9, `${share}; ${recording.commonest().join(' ')}`);
      });

      it('joins coroutines and ends native stacks at the root', async () => {
        const args = ['coroutines'];
        const recording = await recordScript('shapes.lua', args, 1.5, RATES[sampler], how);
        assert.ok(recording.total('coroutine.resume') > 0.9);
        const whole = recording.share(({ frames }) => frames[0]?.name === '_start');
        assert.ok(whole > 0.9, `${whole}`);
      });
    });
  }

  it('says what a sampler without BPF costs and does not see', async () => {
    const perf = await recordScript('known.lua', [], 0.3, 99, { sampler: 'perf' });
    assert.match(perf.stderr, /perf events: .*marked approximate/);
    const ptrace = await recordScript('known.lua', [], 0.3, 999, { sampler: 'ptrace' });
    assert.match(ptrace.stderr, /stops the worker .* 1 % of its time/);
    assert.match(ptrace.stderr, /stopped for [\d.]+ % of the time/);
  });

  it('falls back by itself, and says so, for a user without capabilities', async () => {
    const recording = await recordScript('known.lua', [], 2, 199, { as: NOBODY });
    assert.notEqual(recording.json.meta.sampler, 'bpf');
    assert.match(recording.stderr, /BPF cannot be used here\. /);
    assert.ok(Math.abs(recording.total('three_quarters') - 0.75) < 0.15);
    assert.ok(recording.unattributed <= 0.02);
  });

  it('stops a process of the same user for moments where there is nothing else', async () => {
    const how = { as: NOBODY, sampler: 'ptrace' } as const;
    const recording = await recordScript('known.lua', [], 2, 99, how);
    assert.ok(recording.samples > 5, `${recording.samples}`);
    assert.ok(recording.unattributed <= 0.02);
  });

  it('leaves no process stopped or traced when the probe is killed', async () => {
    await withScript('known.lua', [], async (pid) => {
      // On one CPU with its target, so that another is free to see what the probe does.
      const cpu = statusOf(pid, 'Cpus_allowed_list').split(/[-,]/)[0] ?? '0';
      execFileSync('taskset', ['--pid', '--cpu-list', cpu, String(pid)]);
      for (let round = 0; round < 10; round++) {
        const args = ['--cpu-list', cpu, recorderPath(), '--pid', String(pid)];
        args.push('--seconds', '60', '--sampler', 'ptrace');
        const probe = spawn('taskset', args, { stdio: ['ignore', 'ignore', 'pipe'] });
        const closed = once(probe, 'close');
        let said = '';
        probe.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
        await waitFor('the VM to be found', () => said.includes('Lua VM'));
        // Wherever it is in a sample, one time or another while it is traced.
        await waitFor('a stop', () => round % 2 === 0 || meetsStop(pid));
        probe.kill('SIGKILL');
        await closed;
        await waitFor('nobody to trace it', () => statusOf(pid, 'TracerPid') === '0');
        await waitFor('it to run', () => statusOf(pid, 'State').startsWith('R'));
      }
    });
  });

  it('does not touch a process that a debugger holds', async () => {
    await withScript('known.lua', [], async (pid) => {
      const tracer = spawn('python3', ['-c', HOLD, String(pid)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const closed = once(tracer, 'close');
      await once(tracer.stdout, 'data');
      const args = ['--pid', String(pid), '--seconds', '1', '--sampler', 'ptrace'];
      const run = await runRecorder(args);
      tracer.stdin.end();
      await closed;
      assert.equal(run.code, 1);
      assert.match(run.stderr, /another tracer is attached/);
    });
  });
});

/** Seizes a process until its input ends. */
const HOLD = `
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
assert libc.ptrace(0x4206, int(sys.argv[1]), None, None) == 0
print('held', flush=True)
sys.stdin.read()
`;

/** Looks many times in a row: a stop is too short to be met by a look now and then. */
function meetsStop(pid: number): boolean {
  for (let look = 0; look < 2000; look++) {
    if (statusOf(pid, 'TracerPid') !== '0') return true;
  }
  return false;
}

function statusOf(pid: number, name: string): string {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim() ?? '';
}
