import { fromOutside } from '../common/outside';
import { amountOf, atMost, countOf, nameOf, textOf } from './corrupt';
import type * as wire from './generated/acupoint_pb';
import { limits } from './limits';
import {
  ProbeError,
  type Hello,
  type MasterProcess,
  type Notice,
  type NoticeKind,
  type ProbeErrorKind,
  type SamplerKind,
  type ServerKind,
  type Started,
  type WorkerProcess,
} from './session';

/** The values below stand in the order of the enums in acupoint.proto. */
const SAMPLERS: readonly SamplerKind[] = ['none', 'BPF', 'perf ring', 'ptrace'];
const SERVERS: readonly ServerKind[] = ['nginx', 'OpenResty', 'Kong', 'APISIX'];
const NOTICES: readonly NoticeKind[] = [
  'other',
  'worker-joined',
  'worker-left',
  'no-lua-vm',
  'unsupported-vm',
  'vm-found',
  'rate-lowered',
  'sampler-fell-back',
  'rate-restored',
  'samples-weighed',
];
const FAILURES: readonly ProbeErrorKind[] = [
  'other',
  'no-such-process',
  'not-nginx',
  'privilege',
  'no-sampler',
  'verifier',
  'targets-gone',
  'bad-request',
  'file',
  'long-pause',
];

export function decodeHello(hello: wire.Hello): Hello {
  atMost(hello.missing.length, limits.missing, 'hello missing');
  return {
    probeVersion: textOf(hello.probeVersion, 'hello version'),
    architecture: textOf(hello.architecture, 'hello architecture'),
    kernel: textOf(hello.kernel, 'hello kernel'),
    sampler: nameOf(SAMPLERS, hello.sampler, 'hello sampler'),
    missing: hello.missing.map(({ what, why, remedy }) => ({
      what: textOf(what, 'missing what'),
      why: textOf(why, 'missing why'),
      remedy: textOf(remedy, 'missing remedy'),
    })),
    probePid: hello.probePid,
    cpus: hello.cpus,
  };
}

export function decodeStarted(started: wire.Started): Started {
  atMost(started.pids.length, limits.pids, 'started pids');
  return {
    sampler: nameOf(SAMPLERS, started.sampler, 'started sampler'),
    pids: started.pids,
    startUnixMs: countOf(started.startUnixUs, 'started time') / 1000,
  };
}

export function decodeNotice(notice: wire.Notice): Notice {
  const kind = nameOf(NOTICES, notice.kind, 'notice kind');
  return {
    kind: kind === 'worker-left' && notice.crashed ? 'worker-crashed' : kind,
    pid: notice.pid,
    text: fromOutside(textOf(notice.text, 'notice text')),
    detail: fromOutside(textOf(notice.detail, 'notice detail', limits.detailChars)),
  };
}

export function decodeFailure(failure: wire.Failure): ProbeError {
  return new ProbeError(
    nameOf(FAILURES, failure.kind, 'failure kind'),
    textOf(failure.text, 'failure text'),
    textOf(failure.detail, 'failure detail', limits.detailChars),
  );
}

export function decodeListing(listing: wire.Listing): MasterProcess[] {
  atMost(listing.masters.length, limits.masters, 'masters');
  return listing.masters.map(decodeMaster);
}

function decodeMaster(master: wire.Master): MasterProcess {
  atMost(master.listen.length, limits.listenAddresses, 'listen addresses');
  atMost(master.workers.length, limits.workers, 'workers');
  return {
    pid: master.pid,
    kind: nameOf(SERVERS, master.kind, 'master kind'),
    version: textOf(master.version, 'master version'),
    nginxVersion: textOf(master.nginxVersion, 'master nginx version'),
    executable: textOf(master.executable, 'master executable'),
    commandLine: textOf(master.commandLine, 'master command line'),
    prefix: textOf(master.prefix, 'master prefix'),
    configFile: textOf(master.configFile, 'master config file'),
    listen: master.listen.map((address) => textOf(address, 'listen address')),
    container: textOf(master.container, 'master container'),
    user: textOf(master.user, 'master user'),
    lua: master.lua,
    workers: master.workers.map(decodeWorker),
  };
}

function decodeWorker(worker: wire.Worker): WorkerProcess {
  return {
    pid: worker.pid,
    startTime: countOf(worker.startTime, 'worker start time'),
    cpuPercent: amountOf(worker.cpuPercent, 'worker CPU'),
    rssBytes: countOf(worker.rssBytes, 'worker RSS'),
    title: textOf(worker.title, 'worker title'),
    refused: worker.refused,
  };
}
