import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProbe, removeProbe, type Health, type ProbeError } from '../../../extension/probe';
import type { ProfileBatch } from '../../../extension/profile/frames';
import { silentLog } from '../../../extension/common/log';
import { connect, LocalTransport, type Transport } from '../../../extension/remote';
import { startLoad, type Load } from '../../fixtures/gateway/load';
import { startGateway, type Gateway } from '../../fixtures/gateway/start';
import { repositoryRoot } from '../../fixtures/root';
import { isRunning } from '../../fixtures/running';
import { ScriptedUser, startSshd, type Sshd } from '../../fixtures/sshd';
import { waitFor } from '../../fixtures/wait';

const BUILT = join(repositoryRoot, 'native/probe/build/x86_64/acupoint-probe');

describe('the probe', function () {
  this.timeout(60_000);
  let gateway: Gateway;
  let load: Load;
  let sshd: Sshd;
  let probesDir: string;

  before(async () => {
    probesDir = mkdtempSync(join(tmpdir(), 'acupoint-probes-'));
    mkdirSync(join(probesDir, 'x86_64'));
    cpSync(BUILT, join(probesDir, 'x86_64', 'acupoint-probe'));
    [gateway, sshd] = await Promise.all([startGateway(), startSshd()]);
    load = startLoad(gateway.port);
  });
  after(async () => {
    await load?.stop();
    await gateway?.stop();
    await sshd?.stop();
    rmSync(probesDir, { recursive: true, force: true });
  });

  const transports: Record<string, () => Promise<Transport>> = {
    'this machine': () => Promise.resolve(new LocalTransport()),
    'a host over ssh': () =>
      connect({ kind: 'ssh', host: 'acupoint-test' }, new ScriptedUser(), {
        signal: new AbortController().signal,
        log: silentLog,
        stateDir: join(sshd.folder, 'state'),
        configFile: sshd.configFile,
      }),
  };
  const open = (transport: Transport): ReturnType<typeof openProbe> =>
    openProbe(transport, { probesDir, signal: new AbortController().signal, log: silentLog });

  for (const [where, reach] of Object.entries(transports)) {
    describe(`on ${where}`, () => {
      let transport: Transport;
      beforeEach(async () => {
        transport = await reach();
      });
      afterEach(() => transport.dispose());

      it('lists, samples, reads a file and leaves', async () => {
        const session = await open(transport);
        assert.equal(session.hello.sampler, 'BPF');
        const masters = await session.list();
        const master = masters.find(({ pid }) => pid === gateway.masterPid);
        assert.ok(master, 'the gateway is listed');
        const [worker] = master.workers;
        assert.ok(worker);

        const batches: ProfileBatch[] = [];
        const healths: Health[] = [];
        let ended: ProbeError | undefined | 'no' = 'no';
        session.listen({
          batch: (batch) => batches.push(batch),
          health: (health) => healths.push(health),
          closed: (error) => (ended = error),
        });
        const started = await session.start({
          target: { pid: worker.pid },
          rateHz: 99,
          budgetPercent: 0,
          requestLabels: true,
        });
        assert.deepEqual(started.pids, [worker.pid]);
        await waitFor('batches with rows', () => batches.some(({ stacks }) => stacks.length > 0));
        await waitFor('health', () => healths.length > 0);
        await session.setRate(199);
        await waitFor('the new rate', () => healths.at(-1)?.rateHz === 199);
        const file = await session.readFile(worker.pid, gateway.confPath);
        assert.match(Buffer.from(file.content).toString(), /lua_package_path/);
        await assert.rejects(session.readFile(worker.pid, '/nowhere'), { kind: 'file' });
        await session.stop();
        const { probePid } = session.hello;
        await session.close();
        assert.equal(ended, undefined);
        assert.ok(!isRunning(probePid), 'the probe is gone');
      });

      it('is found again without a second upload, and can be removed', async () => {
        let uploads = 0;
        const counting: Transport = Object.assign(Object.create(transport) as Transport, {
          upload: (content: Uint8Array, path: string, mode: number) => {
            uploads++;
            return transport.upload(content, path, mode);
          },
        });
        await removeProbe(transport, silentLog);
        await (await open(counting)).close();
        assert.equal(uploads, 1);
        await (await open(counting)).close();
        assert.equal(uploads, 1);
        const [removed] = await removeProbe(transport, silentLog);
        assert.match(removed ?? '', /acupoint-0\/acupoint-probe-[0-9a-f]{16}$/);
        assert.ok(!existsSync(removed ?? ''));
      });

      it('refuses a process that is not there', async () => {
        const session = await open(transport);
        const target = { pid: 0x3ffffe };
        await assert.rejects(
          session.start({ target, rateHz: 99, budgetPercent: 0, requestLabels: false }),
          {
            kind: 'no-such-process',
          },
        );
        await session.close();
      });

      it('reports a probe that dies, with what it had said', async () => {
        const session = await open(transport);
        const ended = new Promise<ProbeError | undefined>((closed) => session.listen({ closed }));
        process.kill(session.hello.probePid, 'SIGKILL');
        const error = await ended;
        assert.equal(error?.kind, 'probe-died');
        assert.match(error?.message ?? '', /SIGKILL/);
        await assert.rejects(session.list(), { kind: 'probe-died' });
        await session.close();
      });
    });
  }

  it('reports a connection that is cut, and is gone from the host within 2 s', async () => {
    const transport = await transports['a host over ssh']!();
    const session = await open(transport);
    const ended = new Promise<ProbeError | undefined>((closed) => session.listen({ closed }));
    const reason = new Promise((resolve) => transport.onDidClose(resolve));
    sshd.cut();
    assert.equal((await ended)?.kind, 'connection-lost');
    assert.equal(((await reason) as { kind: string }).kind, 'connection-lost');
    await waitFor('the probe to end', () => !isRunning(session.hello.probePid), {
      timeoutMs: 2000,
      promised: true,
    });
  });

  it('ends by itself on a link that is dead, and we notice', async () => {
    const transport = await transports['a host over ssh']!();
    const session = await open(transport);
    const ended = new Promise<ProbeError | undefined>((closed) => session.listen({ closed }));
    sshd.freeze();
    try {
      await waitFor('the probe to end', () => !isRunning(session.hello.probePid), {
        timeoutMs: 2500,
        promised: true,
      });
      assert.equal((await ended)?.kind, 'connection-lost');
    } finally {
      sshd.thaw();
      transport.dispose();
    }
  });
});
