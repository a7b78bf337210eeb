/** Texts for refused host keys: what was found, what it means, and what to do next. */
import { placeOf, type KnownHost } from './known-hosts';
import { BY_COMMAND } from './known-hosts-command';
import { fingerprintOf, type PublicKey } from './public-key';
import { RemoteError, type RemoteErrorKind } from './transport';

export type Refusals = ReturnType<typeof refusals>;

export function refusals(host: string) {
  const refuse = (kind: RemoteErrorKind, why: string, ...next: readonly string[]): RemoteError =>
    new RemoteError(
      kind,
      [`The connection to ${host} was refused: ${why}.`, ...next].filter(Boolean).join(' '),
    );
  return {
    another: () => refuse('host-key-changed', 'it showed another key during the connection'),

    noKey: () =>
      refuse(
        'host-key-rejected',
        'the host key that it showed is of a form that ssh would not read either',
        'Ask the administrator of the host.',
      ),

    tooShort: (bits: number, required: number) =>
      refuse(
        'host-key-rejected',
        `its RSA key has ${bits} bits, and RequiredRSASize of your ssh config wants ${required}`,
        'Ask the administrator of the host for a longer key, or one of another type.',
      ),

    revoked: (fingerprint: string, where: string) =>
      refuse(
        'host-key-revoked',
        `its key ${fingerprint} is marked as revoked in ${where}`,
        'Whoever holds this key is not to be trusted. Ask the administrator of the host.',
      ),

    unreadCertificate: (where: string) =>
      refuse(
        'host-key-rejected',
        `${where} revokes certificates or their authority, the host offers a certificate, and ` +
          'Acupoint does not read host certificates yet, so that nobody can say whether it is ' +
          'revoked',
        'To have its plain key compared instead, by ssh too, set HostKeyAlgorithms ' +
          '-*-cert-v01@openssh.com for this host in your ssh config.',
      ),

    changed: (key: PublicKey, at: KnownHost, remarks: readonly string[]) =>
      refuse(
        'host-key-changed',
        at.key.type === key.type
          ? `its ${key.type} key is now ${fingerprintOf(key.plain)}, but ${placeOf(at)} knows ` +
              fingerprintOf(at.key.plain)
          : `it shows the ${key.type} key ${fingerprintOf(key.plain)}, but ${placeOf(at)} knows ` +
              `its ${at.key.type} key ${fingerprintOf(at.key.plain)}`,
        ...remarks,
        'Someone may be between you and the host, or the host was set up again. If you know that ' +
          `it was: ${removal(host, at)}, then connect again.`,
      ),

    unknown: (
      fingerprint: string,
      setting: string,
      file: string | undefined,
      remarks: readonly string[],
    ) =>
      refuse(
        'host-key-rejected',
        `its key ${fingerprint} is not known, and your ssh config has ${setting}`,
        ...remarks,
        // ssh may have found the host by other means than a line for its key.
        remarks.length > 0 || file === undefined
          ? `Add a line for the host's plain key to ${file ?? 'a known_hosts file'}, as ` +
              '/etc/ssh/ssh_host_*_key.pub on the host has it.'
          : `Connect once with ssh, or add the key to ${file}.`,
      ),

    declined: (fingerprint: string) =>
      refuse('host-key-rejected', `its key ${fingerprint} was not accepted`),
  };
}

/** Why a host that ssh may know by its certificate is a stranger here. */
export function authorityRemark(where: string, offersCertificate: boolean): string {
  return offersCertificate
    ? `${where} trusts an authority (@cert-authority) for this host, and the host offers a ` +
        'certificate, but Acupoint does not verify host certificates yet: this is its plain key.'
    : `${where} trusts an authority (@cert-authority) for this host, but the host offers no ` +
        'certificate, and Acupoint would not verify one yet.';
}

function removal(host: string, { file }: KnownHost): string {
  if (file === BY_COMMAND) return `correct what the ${BY_COMMAND} of your ssh config prints`;
  return `ssh-keygen -R '${host}' -f '${file}'`;
}
