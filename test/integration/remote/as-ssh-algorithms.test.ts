import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { besideSsh, type Place, type Row } from '../../fixtures/sshd';

/** A server that has one old algorithm alone. */
interface OldServer {
  readonly line: string;
  /** Without more the server is refused, and this is said. */
  readonly says: RegExp;
  readonly option: string;
  readonly name: string;
}

const rsa = ({ name, key }: Place): string => `${name} ${key('rsa')}\n`;
const servers: readonly OldServer[] = [
  {
    line: 'HostKeyAlgorithms ssh-rsa',
    says: /no type of host key in common. The host takes: ssh-rsa. Offered was: ssh-ed25519, /,
    option: 'HostKeyAlgorithms',
    name: 'ssh-rsa',
  },
  {
    line: 'KexAlgorithms diffie-hellman-group14-sha1',
    says: /no key exchange in common. The host takes: diffie-hellman-group14-sha1.*by KexAlgorithms/,
    option: 'KexAlgorithms',
    name: 'diffie-hellman-group14-sha1',
  },
  {
    line: 'KexAlgorithms diffie-hellman-group1-sha1',
    says: /The host takes: diffie-hellman-group1-sha1/,
    option: 'KexAlgorithms',
    name: 'diffie-hellman-group1-sha1',
  },
  {
    line: 'Ciphers 3des-cbc',
    says: /no cipher in common. The host takes: 3des-cbc/,
    option: 'Ciphers',
    name: '3des-cbc',
  },
  {
    line: 'Ciphers aes256-cbc',
    says: /The host takes: aes256-cbc/,
    option: 'Ciphers',
    name: 'aes256-cbc',
  },
  {
    line: 'MACs hmac-md5',
    says: /no MAC in common. The host takes: hmac-md5/,
    option: 'MACs',
    name: 'hmac-md5',
  },
];

describe('algorithms are offered as ssh offers them', function () {
  this.timeout(60_000);
  for (const { line, says, option, name } of servers) {
    describe(`to a server with ${line}`, () => {
      // A cipher that has a MAC of its own would hide the list of MACs.
      const more = option === 'MACs' ? ['Ciphers aes256-ctr'] : [];
      const row = (config: string, outcome: 'connects' | 'refuses', words = says): Row => ({
        what: config || 'with the usual lists',
        known: rsa,
        config: () => (config === '' ? more : [...more, config]),
        ssh: outcome,
        ours: outcome,
        ...(outcome === 'refuses' ? { says: words } : {}),
      });
      besideSsh(
        [
          row('', 'refuses'),
          row(`${option} +${name}`, 'connects'),
          row(`${option} ^${name}`, 'connects'),
          row(`${option} ${name}`, 'connects'),
          row(
            `${option} -*${name.slice(3)}`,
            'refuses',
            new RegExp(`${option} of your ssh config decides`),
          ),
        ],
        (folder) => [`HostKey ${join(folder, 'host_rsa')}`, line, ...more],
      );
    });
  }

  describe('to a server and by a key of RSA with 2048 bits', () => {
    let identity = '';
    const row = (bits: number, outcome: 'connects' | 'refuses', says?: RegExp): Row => ({
      what: `RequiredRSASize ${bits}`,
      known: rsa,
      config: () => [`IdentityFile ${identity}`, `RequiredRSASize ${bits}`],
      ssh: outcome,
      ours: outcome,
      ...(says ? { says } : {}),
    });
    besideSsh(
      [
        row(2048, 'connects'),
        row(3072, 'refuses', /its RSA key has 2048 bits, and RequiredRSASize .* wants 3072/),
      ],
      (folder) => {
        identity = join(folder, 'host_rsa');
        appendFileSync(join(folder, 'authorized_keys'), readFileSync(`${identity}.pub`));
        return [`HostKey ${identity}`, 'HostKeyAlgorithms rsa-sha2-512'];
      },
    );
  });

  describe('to a server that has only what is not built in', () => {
    const sntrup = 'sntrup761x25519-sha512@openssh.com';
    const row = (what: string, says: RegExp): Row => ({
      what: what || 'with the usual lists',
      config: () => (what === '' ? [] : [what]),
      ssh: 'connects',
      ours: 'refuses',
      says,
    });
    besideSsh(
      [
        row('', new RegExp(`The host takes: ${sntrup}. Offered was: curve25519-sha256, `)),
        row(
          `KexAlgorithms ${sntrup}`,
          /KexAlgorithms of your ssh config allows for 127.0.0.1 only sntrup.* built in here/,
        ),
      ],
      () => [`KexAlgorithms ${sntrup}`],
    );
  });
});
