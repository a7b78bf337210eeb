import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { besideSsh, nothing, theHost, type Place, type Row } from '../../fixtures/sshd';

const another = ({ name, key }: Place): string => `${name} ${key('other')}\n`;

const rows: readonly Row[] = [
  // KnownHostsCommand
  {
    what: 'a command that knows the key',
    known: nothing,
    config: (here) => [`KnownHostsCommand /bin/cat "${here.file('known ones', theHost(here))}"`],
    ssh: 'connects',
    ours: 'connects',
  },
  {
    what: 'a command that gets its tokens',
    known: nothing,
    config: ({ file }) => [
      `KnownHostsCommand /bin/sh ${file('run', 'test "$3" = NONE || echo "$1" "$2" "$3"')} %H %t %K`,
    ],
    ssh: 'connects',
    ours: 'connects',
  },
  {
    what: 'a command that has a shell act upon nothing',
    known: nothing,
    config: (here) => [`KnownHostsCommand /bin/cat ${here.file('known', theHost(here))} ; exit 3`],
    ssh: 'refuses',
    ours: 'refuses',
  },
  {
    what: 'a command that knows another key',
    known: nothing,
    config: (here) => [`KnownHostsCommand /bin/cat ${here.file('known', another(here))}`],
    ssh: 'refuses',
    ours: 'refuses',
    says: /correct what the KnownHostsCommand/,
  },
  {
    what: 'a command that revokes a key that a file knows',
    config: (here) => [
      `KnownHostsCommand /bin/cat ${here.file('known', `@revoked ${theHost(here)}`)}`,
    ],
    ssh: 'refuses',
    ours: 'refuses',
    says: /revoked in KnownHostsCommand:1/,
  },
  {
    what: 'a command that prints the line of another host',
    known: nothing,
    config: (here) => [`KnownHostsCommand /bin/echo other.example.org ${here.key('ed25519')}`],
    ssh: 'refuses',
    ours: 'asks',
  },
  {
    what: 'a command that knows the key only as long as it has not seen it',
    known: nothing,
    config: ({ file, name, key }) => [
      `KnownHostsCommand /bin/sh ${file('run', `test $1 = HOSTNAME || echo ${name} ${key('ed25519')}`)} %I`,
    ],
    ssh: 'refuses',
    ours: 'asks',
  },
  {
    what: 'a command that fails, although a file knows the key',
    config: () => ['KnownHostsCommand /bin/false'],
    ssh: 'refuses',
    ours: 'refuses',
    says: /ended with code 1/,
  },
  {
    what: 'a command that cannot be started, and a file that knows the key',
    config: () => ['KnownHostsCommand /nowhere/command'],
    ssh: 'connects',
    ours: 'connects',
  },
  {
    what: 'a command without a path',
    known: nothing,
    config: (here) => [`KnownHostsCommand cat ${here.file('known', theHost(here))}`],
    ssh: 'refuses',
    ours: 'asks',
  },

  // Lists of algorithms
  ...(
    [
      ['KexAlgorithms curve25519-sha256', 'connects'],
      ['KexAlgorithms -*', 'refuses'],
      ['KexAlgorithms nonsense', 'refuses'],
      ['Ciphers aes256-ctr', 'connects'],
      ['Ciphers ^chacha20-poly1305@openssh.com', 'connects'],
      ['Ciphers +aes128-cbc', 'connects'],
      ['Ciphers 3des-cbc', 'refuses'],
      ['MACs hmac-sha2-512', 'connects'],
      ['MACs -hmac-sha2*', 'connects'],
      ['HostKeyAlgorithms ssh-ed25519', 'connects'],
      ['HostKeyAlgorithms -ssh-ed25519', 'refuses'],
      ['HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256', 'refuses'],
      ['PubkeyAcceptedAlgorithms -ssh-ed25519', 'refuses'],
      ['PubkeyAcceptedKeyTypes ssh-ed25519', 'connects'],
      ['Compression yes', 'connects'],
    ] as const
  ).map(([line, outcome]): Row => ({
    what: line,
    config: () => [line],
    ssh: outcome,
    ours: outcome,
    ...(outcome === 'refuses' ? { says: new RegExp(line.split(' ')[0]!, 'i') } : {}),
  })),

  // Quotes
  ...(
    [
      ['a quoted path with blanks', (path) => `"${path}"`],
      ['one of two quoted paths', (path) => `"/no where" "${path}"`],
      ['a path in single quotes', (path) => `'${path}'`],
      ['escaped blanks', (path) => path.replaceAll(' ', '\\ ')],
      ['a comment behind', (path) => `"${path}" # "${path} no`],
      ['= with blanks', (path) => `= "${path}"`],
    ] as readonly [string, (path: string) => string][]
  ).map(([what, quote]): Row => ({
    what: `UserKnownHostsFile, ${what}`,
    known: nothing,
    config: (here) => {
      mkdirSync(join(here.folder, 'a b'));
      return [`UserKnownHostsFile ${quote(here.file('a b/known hosts', theHost(here)))}`];
    },
    ssh: 'connects',
    ours: 'connects',
  })),
  {
    what: 'GlobalKnownHostsFile, a quoted path with blanks',
    known: nothing,
    config: (here) => [`GlobalKnownHostsFile "${here.file('known hosts', theHost(here))}"`],
    ssh: 'connects',
    ours: 'connects',
  },
];

describe('the ssh configuration decides as it does for ssh', function () {
  this.timeout(60_000);
  besideSsh(rows);
});
