/** Quotes, comments and lists of the ssh configuration: read by ssh, and read without it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { splitArguments } from '../../../extension/remote/config/arguments';
import type { HostConfig } from '../../../extension/remote/config/host-config';
import { resolveConfig } from '../../../extension/remote/config/resolve';
import { silentLog } from '../../../extension/common/log';

describe('arguments of the ssh configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'acupoint-quotes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const resolve = (text: string, sshProgram: string): Promise<HostConfig> => {
    const configFile = join(folder, 'config');
    writeFileSync(configFile, text);
    const { signal } = new AbortController();
    const destination = { kind: 'ssh', host: 'web', user: 'ann' } as const;
    return resolveConfig(destination, { configFile, signal, log: silentLog, sshProgram });
  };
  const part = (config: HostConfig): unknown => ({
    hostname: config.hostname,
    port: config.port,
    knownHostsFiles: config.knownHostsFiles,
    newHosts: config.newHosts,
    revokedHostKeys: config.revokedHostKeys,
    command: config.knownHostsCommand?.command,
    checking: config.strictHostKeyChecking,
    loopback: config.trustsLoopback,
    rsa: config.requiredRsaBits,
    dns: config.verifyHostKeyDns,
    identityFiles: config.identityFiles,
    certificateFiles: config.certificateFiles,
    alias: config.hostKeyAlias,
    proxyCommand: config.proxyCommand,
    compression: config.compression,
  });

  for (const [what, ...lines] of [
    ['two files, one with blanks', 'UserKnownHostsFile "/a b/known hosts" /x'],
    ['blanks that would make other names', 'UserKnownHostsFile "/a /b" "/c d"'],
    ['single quotes', "UserKnownHostsFile '/a b' /c"],
    ['an escaped blank', 'UserKnownHostsFile /a\\ b /c'],
    ['a quote within quotes', 'UserKnownHostsFile "/a \\"b\\" c" /d'],
    ['a quote in the middle', 'UserKnownHostsFile /a" "b /c'],
    ['a backslash that escapes nothing', 'UserKnownHostsFile /a\\x /b'],
    ['a home folder', 'UserKnownHostsFile "~/a b" ~/c'],
    ['tokens', 'UserKnownHostsFile "/%h %p/%%" /%n', 'Port 2222'],
    ['none', 'UserKnownHostsFile none', 'GlobalKnownHostsFile none'],
    ['nothing that is kept', 'UserKnownHostsFile /dev/null'],
    ['a comment behind', 'UserKnownHostsFile "/a b" # "/c'],
    ['a # within a word', 'UserKnownHostsFile /a#b /c'],
    ['= and blanks', 'UserKnownHostsFile = "/a b"', 'GlobalKnownHostsFile="/c d" /e'],
    ['revoked keys', 'RevokedHostKeys "/r k/list"'],
    ['a key and a certificate', 'IdentityFile "/k y/id"', 'CertificateFile "/k y/id-cert.pub"'],
    ['several keys', 'IdentityFile /one', 'IdentityFile "/t wo"', 'IdentityFile=/three'],
    ['a quoted host', 'HostName "web.example.org"', 'Port "2222"'],
    ['a command with quotes', 'KnownHostsCommand /bin/x "a b" %H # c'],
    ['a proxy with quotes', 'ProxyCommand "/p q/x y" %h \'z\''],
    ['an alias with case', 'HostKeyAlias "The Alias"'],
    ['what is said twice', 'UserKnownHostsFile "/a b"', 'UserKnownHostsFile /c'],
    ['the checks', 'StrictHostKeyChecking=accept-new', 'VerifyHostKeyDNS ask', 'Compression yes'],
    ['more checks', 'NoHostAuthenticationForLocalhost yes', 'RequiredRSASize 3072'],
    ['tabs', 'UserKnownHostsFile\t"/a b"\t/c\t'],
    ['a Match that is met', 'Match user ann host "web,db"', 'UserKnownHostsFile "/a b"'],
    ['a Match that is not met', 'Match !originalhost web', 'UserKnownHostsFile /n'],
    ['a Match with =', 'Match originalhost=web', 'UserKnownHostsFile "/a b"'],
    ['a Match for the end', 'Match final', 'Port 2', 'Match all', 'HostName x'],
    ['a Host with negation', 'Host * !web', 'Port 2', 'Host "web"', 'Port 3'],
  ] as const) {
    it(`are split as ssh splits them: ${what}`, async () => {
      // Which keys are usual differs between versions of ssh.
      const text = `${['Host web', ...lines].join('\n  ')}\nMatch all\nIdentityFile /usual\n`;
      const [withSsh, without] = await Promise.all([
        resolve(text, 'ssh'),
        resolve(text, '/nowhere/ssh'),
      ]);
      assert.deepEqual(part(without), part(withSsh));
    });
  }

  it('come from the lines of files, since ssh -G prints lists without their quotes', async () => {
    const found = await resolve('Host web\n UserKnownHostsFile "/a /b" "/c d" /e\n', 'ssh');
    assert.deepEqual(found.knownHostsFiles.slice(0, 3), ['/a /b', '/c d', '/e']);
  });

  it('are not split where a quote is not closed', async () => {
    assert.equal(splitArguments('"a'), undefined);
    assert.equal(splitArguments("a 'b"), undefined);
    for (const program of ['ssh', '/nowhere/ssh']) {
      await assert.rejects(resolve('Host web\n UserKnownHostsFile "/a\n', program), {
        kind: 'config',
        message: /line 2/,
      });
    }
  });

  it('come back as they were when each is quoted', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (args) => {
        const quoted = args.map((arg) => `"${arg.replace(/["'\\]/g, '\\$&')}"`);
        assert.deepEqual(splitArguments(quoted.join(' \t'), { comments: true }), args);
      }),
    );
  });
});
