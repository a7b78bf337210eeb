import { readFileSync } from 'node:fs';
import { besideSsh, nothing, theHost, type BySsh, type Place, type Row } from '../../fixtures/sshd';

const another = ({ name, key }: Place): string => `${name} ${key('other')}\n`;
const otherType = ({ name, key }: Place): string => `${name} ${key('rsa')}\n`;
const checking = (value: string) => (): string[] => [`StrictHostKeyChecking ${value}`];
const revoking =
  (file: (place: Place) => string) =>
  (place: Place): string[] => [`RevokedHostKeys ${file(place)}`];

const rows: readonly Row[] = [
  // StrictHostKeyChecking
  { what: 'a known key', ssh: 'connects', ours: 'connects' },
  { what: 'an unknown key', known: nothing, ssh: 'refuses', ours: 'asks' },
  ...(['yes', 'true', 'accept-new', 'no', 'off', 'false', 'ask'] as const).flatMap(
    (value): Row[] => {
      const isLax = ['no', 'off', 'false'].includes(value);
      const isNewTaken = isLax || value === 'accept-new';
      const refusal = value === 'ask' ? 'asks' : 'refuses';
      return [
        {
          what: `StrictHostKeyChecking ${value}, an unknown key`,
          known: nothing,
          config: checking(value),
          ssh: isNewTaken ? 'connects' : 'refuses',
          ours: isNewTaken ? 'connects' : refusal,
        },
        {
          what: `StrictHostKeyChecking ${value}, a changed key`,
          known: another,
          config: checking(value),
          ssh: isLax ? 'connects' : 'refuses',
          ours: isLax ? 'connects' : 'refuses',
        },
        {
          what: `StrictHostKeyChecking ${value}, a key of another type`,
          known: otherType,
          config: checking(value),
          ssh: isLax ? 'connects' : 'refuses',
          ours: isLax ? 'connects' : 'refuses',
        },
      ];
    },
  ),
  {
    what: 'a revoked key, StrictHostKeyChecking no: refused here all the same',
    known: (here) => `@revoked ${theHost(here)}`,
    config: checking('no'),
    ssh: 'connects',
    ours: 'refuses',
    says: /revoked/,
  },
  {
    what: 'a key that one line knows and another revokes',
    known: (here) => theHost(here) + `@revoked * ${here.key('ed25519')}`,
    ssh: 'refuses',
    ours: 'refuses',
    says: /revoked/,
  },
  {
    what: 'another key of the name without the port',
    known: ({ key }) => `127.0.0.1 ${key('other')}`,
    config: checking('accept-new'),
    ssh: 'connects',
    ours: 'connects',
  },
  ...['ask', 'accept-new', 'no'].map((value): Row => ({
    what: `UserKnownHostsFile none, StrictHostKeyChecking ${value}`,
    known: nothing,
    config: () => ['UserKnownHostsFile none', `StrictHostKeyChecking ${value}`],
    ssh: 'refuses',
    ours: 'refuses',
    says: /UserKnownHostsFile none/,
  })),
  {
    what: 'UserKnownHostsFile /dev/null, StrictHostKeyChecking no',
    config: () => ['UserKnownHostsFile /dev/null', 'StrictHostKeyChecking no'],
    ssh: 'connects',
    ours: 'connects',
  },
  {
    what: 'NoHostAuthenticationForLocalhost, a changed key',
    known: another,
    config: () => ['NoHostAuthenticationForLocalhost yes'],
    ssh: 'connects',
    ours: 'connects',
  },
  {
    what: 'NoHostAuthenticationForLocalhost, an alias',
    known: another,
    config: () => ['NoHostAuthenticationForLocalhost yes', 'HostKeyAlias some'],
    ssh: 'refuses',
    ours: 'asks',
  },
  {
    what: 'NoHostAuthenticationForLocalhost, a key that a file revokes',
    config: (here) => [
      'NoHostAuthenticationForLocalhost yes',
      `RevokedHostKeys ${here.file('keys', here.key('ed25519'))}`,
    ],
    ssh: 'refuses',
    ours: 'refuses',
  },

  // RevokedHostKeys
  {
    what: 'a file with the key, a comment, blank lines, CRLF, no final newline',
    config: revoking(({ file, key }) =>
      file('keys', `# c\n\n  \n${key('other')} x y\r\n \t${key('ed25519')}`),
    ),
    ssh: 'refuses',
    ours: 'refuses',
    says: /SHA256:.*revoked.*keys/,
  },
  {
    what: 'a file with another key',
    config: revoking(({ file, key }) => file('keys', `${key('other')}\n`)),
    ssh: 'connects',
    ours: 'connects',
  },
  ...(
    [
      ['that is empty', '', 'connects'],
      ['with options before a key', `no-pty ssh-ed25519 AAAA`, 'refuses'],
      ['with a line that is no key', 'hello\n', 'refuses'],
      ['with broken base64', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP==', 'refuses'],
      ['of binary rubbish', Buffer.from([0, 1, 2, 3, 255, 254, 10, 9, 8]), 'refuses'],
      ['that ends within a KRL header', Buffer.from('SSHKRL\n\0\0\0', 'latin1'), 'refuses'],
    ] as const
  ).map(([what, content, outcome]): Row => ({
    what: `a file ${what}`,
    config: revoking(({ file }) => file('keys', content)),
    ssh: outcome,
    ours: outcome,
    ...(outcome === 'refuses' ? { says: /RevokedHostKeys.*keys, which cannot be used/ } : {}),
  })),
  {
    what: 'a file that is not there',
    config: () => ['RevokedHostKeys /nowhere/keys'],
    ssh: 'refuses',
    ours: 'refuses',
    says: /RevokedHostKeys.*\/nowhere\/keys.*no such file/i,
  },
  {
    what: 'a folder for a file',
    config: revoking(({ folder: path }) => path),
    ssh: 'refuses',
    ours: 'refuses',
  },
  { what: 'none', config: () => ['RevokedHostKeys none'], ssh: 'connects', ours: 'connects' },
  {
    what: 'an unknown key that is revoked: no question',
    known: nothing,
    config: revoking(({ file, key }) => file('keys', key('ed25519'))),
    ssh: 'refuses',
    ours: 'refuses',
    says: /revoked/,
  },
  {
    what: 'a quoted path with blanks',
    config: ({ file, key }) => [`RevokedHostKeys "${file('revoked keys', key('ed25519'))}"`],
    ssh: 'refuses',
    ours: 'refuses',
    says: /marked as revoked in .*revoked keys/,
  },
  ...(
    [
      ['the key', (here) => `key: ${here.key('ed25519')}`, 'refuses'],
      ['another key', (here) => `key: ${here.key('other')}`, 'connects'],
      ['the key by SHA-1', (here) => `sha1: ${here.key('ed25519')}`, 'refuses'],
      ['the key by SHA-256', (here) => `sha256: ${here.key('ed25519')}`, 'refuses'],
      ['another key by SHA-256', (here) => `sha256: ${here.key('other')}`, 'connects'],
      ['nothing', () => '', 'connects'],
      // The server has no certificate here.
      ['serial numbers and key ids', () => 'serial: 1-99\nserial: 7777\nid: web\n', 'connects'],
    ] as readonly [string, (here: Place) => string, BySsh][]
  ).map(([what, content, outcome]): Row => ({
    what: `a KRL that revokes ${what}`,
    config: revoking((here) => here.krl(`${content(here)}\n`)),
    ssh: outcome,
    ours: outcome,
  })),
  {
    what: 'a KRL that was cut off',
    config: revoking((here) => {
      const whole = readFileSync(here.krl(`key: ${here.key('other')}\n`));
      return here.file('cut', whole.subarray(0, whole.length - 5));
    }),
    ssh: 'refuses',
    ours: 'refuses',
  },
];

describe('host keys are judged as ssh judges them', function () {
  this.timeout(60_000);
  besideSsh(rows);
});
