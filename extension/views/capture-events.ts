/** Tells the user what happens to a capture without having been asked for. */
import type { Capture } from '../capture/capture';
import type { Subscription } from '../common/emitter';
import { plain, plainText } from '../common/plain';
import type { NoticeKind } from '../probe';
import { NoticeGate, noticeLimits } from '../probe/notice-gate';
import { hostArgument } from './attach/attach';
import type { Notifier } from './notify';

/**
 * The panel shows every notice; these are worth an interruption, for they change what can be seen.
 */
const loud: readonly NoticeKind[] = [
  'worker-crashed',
  'no-lua-vm',
  'unsupported-vm',
  'sampler-fell-back',
];

export function watchCapture(
  capture: Capture,
  notifier: Notifier,
  attach: (raw: unknown) => void,
): Subscription {
  let over = false;
  // The panel counts what is left out.
  const popups = new NoticeGate(() => undefined, { ...noticeLimits, notices: 3 });
  const subscriptions = [
    capture.onNotice((notice) => {
      if (loud.includes(notice.kind) && popups.lets(notice.kind, 0))
        notifier.warn(plainText(notice.text, 500));
    }),
    capture.onDidChange((change) => {
      // Before a target is chosen the one who attaches reports what goes wrong.
      if (change !== 'state' || over || !capture.life.hasRun) return;
      const message = plainText(capture.message, 1000);
      const again = { title: plain`Attach Again`, run: () => attach(sameTarget(capture)) };
      if (capture.state === 'failed') notifier.error(message, again);
      else if (capture.state === 'stopped' && message !== '') notifier.warn(message, again);
      over = capture.state === 'failed' || capture.state === 'stopped';
    }),
  ];
  return { dispose: () => subscriptions.forEach((each) => each.dispose()) };
}

/** Arguments of Attach Tracer for the host and process of a capture. */
export function sameTarget(capture: Capture): Record<string, unknown> {
  const { target } = capture;
  const host = hostArgument(capture);
  if (target === undefined) return { host };
  return target.worker === undefined
    ? { host, master: target.master.pid }
    : { host, pid: target.worker.pid };
}
