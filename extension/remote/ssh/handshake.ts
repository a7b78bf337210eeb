import type { Duplex } from 'node:stream';
import { Client } from 'ssh2';
import type { HostConfig } from '../config/host-config';
import type { HostKeys, Witness } from '../host-keys';
import type { Log } from '../../common/log';
import type { Prompter } from '../prompter';
import { RemoteError } from '../transport';
import { forSsh2, takesCertificate, type Offer } from './algorithms';
import { cancelled, cut, handshakeError, tooSlow } from './errors';
import { ServerOffer } from './negotiation';
import { SignIn } from './sign-in';
import { Watchdog } from './watchdog';

export interface HandshakeContext {
  readonly stream: Duplex;
  readonly config: HostConfig;
  readonly offer: Offer;
  readonly hostKeys: HostKeys;
  readonly prompter: Prompter;
  readonly target: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The host was reached directly, at a loopback address. */
  readonly isLoopback: boolean;
}

/** Proves the host to us and us to the host. Throws RemoteError; the stream is destroyed then. */
export function handshake(context: HandshakeContext): Promise<Client> {
  const { stream, config, offer, hostKeys, prompter, target, signal, log, isLoopback } = context;
  const { hostname, port, connectTimeoutMs, algorithms, compression } = config;
  const theirs = new ServerOffer();
  const client = new Client();
  /** Ends with the attempt, and with it whatever is being asked. */
  const questions = new AbortController();
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      watchdog.stop();
      questions.abort();
      signal.removeEventListener('abort', cancel);
      client.removeAllListeners();
      return true;
    };
    const fail = (error: RemoteError): void => {
      if (!settle()) return;
      // An error that is still on its way must find a listener.
      client.on('error', () => undefined);
      stream.on('error', () => undefined);
      client.destroy();
      stream.destroy();
      reject(error);
    };
    const cancel = (): void => fail(cancelled());
    const watchdog = new Watchdog(connectTimeoutMs, () =>
      fail(tooSlow(hostname, connectTimeoutMs)),
    );
    const signIn = new SignIn({
      ...context,
      signal: questions.signal,
      isTrusted: () => hostKeys.isTrusted,
      during: (question) => watchdog.during(question),
    });
    signIn.onGiveUp = fail;

    client.on('ready', () => {
      if (!settle()) return;
      stream.on('data', () => showLife(client));
      resolve(client);
    });
    client.on('handshake', ({ serverHostKey, kex }) => {
      log.trace(`${hostname}: host key ${serverHostKey}, key exchange ${kex}`);
      watchdog.kick();
      hostKeys.save().catch((error: unknown) => {
        log.warn(`The host key could not be kept, and will be asked for again: ${String(error)}`);
      });
    });
    client.on('banner', (text) => log.info(`${hostname} says: ${text.trim()}`));
    client.on('change password', () => fail(passwordExpired(hostname)));
    client.on('error', (error: Error & { level?: string }) => {
      log.trace(`ssh ${hostname}: ${error.level ?? ''} ${error.message}`);
      // A key that could not sign: the next one is tried.
      if (error.level === 'agent') return;
      fail(theirs.explain(error.message, offer, config) ?? handshakeError(error, hostname, port));
    });
    client.on('close', () => fail(cut(hostname, 'closed')));

    signal.addEventListener('abort', cancel);
    if (signal.aborted) return cancel();
    client.connect({
      sock: stream,
      username: config.user,
      // Its limit would count the time that the user takes to answer; the watchdog does not.
      readyTimeout: 0,
      keepaliveInterval: config.keepAliveMs,
      keepaliveCountMax: config.keepAliveCount,
      algorithms: forSsh2(offer, hostKeys.knownTypes, compression),
      debug: (line) => theirs.hear(line),
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void) => {
        // While keys are renewed ssh2 loses what it sends before it has our verdict: give it at
        // once.
        if (hostKeys.isAccepted(key)) return verify(true);
        const witness: Witness = {
          ask: (unknown) => prompter.askHostKey({ ...unknown, target, signal: questions.signal }),
          tell: (notice) => prompter.tellHostKey(notice),
        };
        const offersCertificate = takesCertificate(algorithms.hostKey, theirs.hostKeys);
        const verdict = hostKeys.check(key, { offersCertificate, isLoopback }, witness);
        watchdog.during(verdict).then(
          () => verify(true),
          (error: unknown) => {
            fail(asRemoteError(error));
            verify(false);
          },
        );
      },
      authHandler: (left, partial, next) => {
        watchdog.kick();
        // The typings leave out that there is no list before the first answer.
        const methods = (left as readonly string[] | null) ?? undefined;
        signIn.next(methods, partial === true).then(
          (method) => {
            if (!settled) next(method);
          },
          (error: unknown) => fail(asRemoteError(error)),
        );
      },
    });
  });
}

/**
 * Whatever comes is a sign of life, as it is to ssh. To ssh2 only an answer to its own question is,
 * which over a slow link waits until all has gone that was queued before the question.
 */
function showLife(client: Client): void {
  (client as Client & { _resetKA?: () => void })._resetKA?.();
}

function asRemoteError(error: unknown): RemoteError {
  if (error instanceof RemoteError) return error;
  return new RemoteError('failed', `Connecting failed: ${String(error)}.`);
}

function passwordExpired(host: string): RemoteError {
  return new RemoteError(
    'auth',
    `Your password on ${host} has expired. Sign in once with ssh to choose a new one.`,
  );
}
