import type { HostKeyNotice } from './prompter';

/** For people: a key that was accepted without a question, and what that means. */
export function hostKeyNoticeText(notice: HostKeyNotice): string {
  const { kind, host, keyType, fingerprint, setting, knownFrom, remarks } = notice;
  const accepted = `Your ssh config has ${setting}, so the ${keyType} key ${fingerprint} of ${host}`;
  if (kind === 'new') {
    const what = `${accepted}, which was not known, was accepted without a question.`;
    return [what, ...remarks].join(' ');
  }
  return (
    `${accepted} was accepted although ${knownFrom ?? 'a file'} knows another key. Someone may be ` +
    'between you and the host: no password is sent, and only keys are used to sign in.'
  );
}
