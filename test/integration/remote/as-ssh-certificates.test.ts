import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { besideSsh, nothing, theHost, type Place, type Row } from '../../fixtures/sshd';

const plainOnly = 'HostKeyAlgorithms -*-cert-v01@openssh.com';
const authority = ({ name, key }: Place): string => `@cert-authority ${name} ${key('authority')}\n`;
const revokedAuthority = ({ key }: Place): string => `@revoked * ${key('authority')}\n`;
const notVerified = /@cert-authority.*offers a certificate.*does not verify host certificates yet/;

/** The host has a certificate with the serial number 7 by an authority. */
const rows: readonly Row[] = [
  { what: 'a host that is known by its plain key', ssh: 'connects', ours: 'connects' },
  { what: 'a host that nothing is known of', known: nothing, ssh: 'refuses', ours: 'asks' },
  {
    what: 'a host that is known by an authority alone: not verified yet, and said',
    known: authority,
    ssh: 'connects',
    ours: 'asks',
    says: notVerified,
  },
  {
    what: 'the same by a line without its port, and a wildcard',
    known: ({ key }) => `@cert-authority 127.0.* ${key('authority')}`,
    ssh: 'connects',
    ours: 'asks',
    says: notVerified,
  },
  {
    what: 'the same where StrictHostKeyChecking is yes: advice that helps',
    known: authority,
    config: () => ['StrictHostKeyChecking yes'],
    ssh: 'connects',
    ours: 'refuses',
    says: /does not verify host certificates yet.*plain key to .*ssh_host_\*_key\.pub/,
  },
  {
    what: 'the same where certificates are left out by HostKeyAlgorithms',
    known: authority,
    config: () => [plainOnly],
    ssh: 'refuses',
    ours: 'asks',
    says: /@cert-authority.*offers no certificate/,
  },
  {
    what: 'the same where StrictHostKeyChecking is accept-new',
    known: authority,
    config: () => ['StrictHostKeyChecking accept-new'],
    ssh: 'connects',
    ours: 'connects',
  },
  {
    what: 'a host that is known by an authority, and by a plain key that has changed',
    known: (here) => authority(here) + `${here.name} ${here.key('other')}\n`,
    ssh: 'connects',
    ours: 'refuses',
    says: /knows SHA256.*does not verify host certificates yet/,
  },
  {
    what: 'another authority than that of the certificate',
    known: ({ name, key }) => `@cert-authority ${name} ${key('other')}\n`,
    ssh: 'refuses',
    ours: 'asks',
  },
  {
    what: 'an authority that is known and revoked',
    known: (here) => theHost(here) + authority(here) + revokedAuthority(here),
    ssh: 'refuses',
    ours: 'refuses',
    says: /revokes certificates or their authority.*HostKeyAlgorithms -\*-cert/,
  },
  {
    what: 'the same by a file of revoked keys',
    known: (here) => theHost(here) + authority(here),
    config: ({ file, key }) => [`RevokedHostKeys ${file('keys', key('authority'))}`],
    ssh: 'refuses',
    ours: 'refuses',
    says: /HostKeyAlgorithms -\*-cert/,
  },
  {
    what: 'the same without certificates, as ssh does then too',
    known: (here) => theHost(here) + authority(here) + revokedAuthority(here),
    config: () => [plainOnly],
    ssh: 'connects',
    ours: 'connects',
  },
  ...(
    [
      ['the serial number', 'serial: 7', 'refuses'],
      ['a range with the serial number', 'serial: 5-9', 'refuses'],
      [
        'many serial numbers, with the one',
        'serial: 2\nserial: 4\nserial: 7\nserial: 9',
        'refuses',
      ],
      ['the key id', 'id: the-host', 'refuses'],
      // Which one it is cannot be said here: refused, with the way out.
      ['another serial number', 'serial: 8', 'connects'],
    ] as const
  ).map(([what, content, ssh]): Row => ({
    what: `a KRL that revokes ${what}`,
    known: (here) => theHost(here) + authority(here),
    config: (here) => [`RevokedHostKeys ${here.krl(`${content}\n`)}`],
    ssh,
    ours: 'refuses',
    says: /krl revokes certificates.*HostKeyAlgorithms -\*-cert/,
  })),
  {
    what: 'a KRL that revokes the serial number, without certificates, as ssh does then too',
    config: (here) => [`RevokedHostKeys ${here.krl('serial: 7\n')}`, plainOnly],
    ssh: 'connects',
    ours: 'connects',
  },
  {
    what: 'a file that revokes the certificate revokes its key',
    config: ({ file }) => [`RevokedHostKeys ${file('keys', certificate())}`],
    ssh: 'refuses',
    ours: 'refuses',
    says: /marked as revoked/,
  },
];

let certificate: () => string = () => '';

function certify(folder: string): readonly string[] {
  const path = (name: string): string => join(folder, name);
  const names = ['-h', '-I', 'the-host', '-n', '127.0.0.1', '-z', '7'];
  const by = ['-q', '-s', path('host_authority')];
  execFileSync('ssh-keygen', [...by, ...names, path('host_ed25519.pub')]);
  certificate = () => execFileSync('cat', [path('host_ed25519-cert.pub')], { encoding: 'utf8' });
  return [`HostCertificate ${path('host_ed25519-cert.pub')}`];
}

describe('certificates of hosts are named as not verified', function () {
  this.timeout(60_000);
  besideSsh(rows, certify);
});
