/** Fuzzes the readers of files of the user's ssh. An input is a text of one to four lines that were changed. */
import { evaluate, writtenLines } from '../../extension/remote/config/evaluate';
import { parseSettings } from '../../extension/remote/config/resolve';
import {
  knownHostName,
  linesFor,
  parseKnownHosts,
  standingOf,
} from '../../extension/remote/known-hosts';
import { parseRevokedKeys } from '../../extension/remote/revoked-keys';
import { mutatedList, type Random } from './mutate';
import { refusable, type Target } from './reading';

const GROUP = 32;

const KNOWN_HOSTS = [
  'web1,10.0.0.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvnG0yGqVZ5HcFYJNvfyvM0GTaTqRCUVQXGyHlSIhnd me',
  '|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB',
  '@revoked *.example.com,!bad.example.com ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB',
  '@cert-authority [*.org]:2222,??.b ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=',
  '# a comment, then an empty line\n',
  '*a*a*a*a*a*a*a*a*a*a*a*a*b ssh-ed25519 AAAAC3NzaC1lZDI1NTE5',
];
const HOSTS = ['web1', '10.0.0.1', '[a.org]:2222', 'x.example.com', 'a'.repeat(60)];

export const knownHostsTarget = texts(KNOWN_HOSTS, (input) => {
  const entries = parseKnownHosts(Buffer.from(input).toString('utf8'), 'known_hosts');
  const key = entries[0]?.key;
  for (const host of HOSTS) {
    const lines = linesFor(entries, knownHostName(host, 2222));
    if (key) standingOf(lines, key);
  }
  refusable(() => parseRevokedKeys(Buffer.from(input)));
});

const SSH_CONFIG = [
  'Host web1 *.example.com !bad',
  '  HostName "%h.example.com"  # no comment',
  'Match host a,b exec "true %h" originalhost=*',
  'ProxyJump a@b:22,[::1]:23',
  'IdentityFile ~/.ssh/id_%r\nUserKnownHostsFile "a b" \'c d\' e\\ f',
  'Include conf.d/*',
  'Port=22\nConnectTimeout 5m',
];

const ASKED = { host: 'web1', user: 'me', port: 22, localUser: 'me' };

export const configTarget = texts(SSH_CONFIG, (input) => {
  const text = Buffer.from(input).toString('utf8');
  parseSettings(text);
  writtenLines(text);
  refusable(() => evaluate(text, ASKED));
});

function texts(of: readonly string[], readText: (input: Uint8Array) => void): Target {
  return {
    group: GROUP,
    read(random, at) {
      for (let place = 0; place < GROUP; place++) {
        const input = lines(of, random);
        at(place, () => input);
        readText(input);
      }
    },
  };
}

function lines(of: readonly string[], random: Random): Uint8Array {
  const some = Array.from({ length: 1 + random(4) }, () => Buffer.from(of[random(of.length)]!));
  return Buffer.concat(mutatedList(some, random).flatMap((line) => [line, Buffer.from('\n')]));
}
