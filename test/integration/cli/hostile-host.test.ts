/** A host that sends what a terminal would obey. */
import assert from 'node:assert/strict';
import { hostileHost, startSshd, type HostileHost, type Sshd } from '../../fixtures/sshd';
import { hidden, tricks } from '../../fixtures/tricks';
import { waitFor } from '../../fixtures/wait';
import { start, startOnTerminal } from './command';

/** All tricks but the long one and what a shell or PAM cannot hold. */
const all = Object.values(tricks)
  .filter((text) => text.length < 10_000)
  .join(' ')
  .replaceAll('\0', '');

describe('acupoint and a hostile host', function () {
  this.timeout(60_000);
  let host: HostileHost;
  let sshd: Sshd;

  before(async () => {
    // Quoted in an error it is cut: the tricks that a terminal obeys come first.
    const system = `\u001b[2Ja\u202eb\u009b31m\u200b\u0007\r${all.replaceAll('\n', ' ')}`;
    host = hostileHost(system, `Code:\u001b]0;x\u0007\n${all}`);
    sshd = await startSshd(host.options);
  });
  after(async () => {
    await sshd?.stop();
    host.remove();
  });

  it('says what is wrong in characters that can be seen', async () => {
    const args = ['list', 'acupoint-test', '-F', sshd.configFile, '-v'];
    const { code, stderr, stdout } = await start(args).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^acupoint: The host runs ␛\[2Ja\ufffdb\ufffd31m/m);
    for (const line of `${stdout}${stderr}`.split('\n')) assert.doesNotMatch(line, hidden);
  });

  it('asks in characters that can be seen', async () => {
    await sshd.restart(host.asking);
    const typist = startOnTerminal(['list', 'acupoint-test', '-F', sshd.configFile, '-v']);
    await waitFor('the question', () => typist.screen().endsWith('Password: '), {
      describe: typist.screen,
    });
    // The terminal itself ends lines with a carriage return, and the command clears its own line.
    const shown = typist.screen().replaceAll('\r\n', '\n').replaceAll('\r\u001b[K', '\n');
    assert.match(shown, /Code:␛\]0;x␇/);
    const lines = shown.split('\n');
    for (const line of lines) assert.doesNotMatch(line, hidden);
    const forged = lines.findIndex((line) => line.includes('[info] all is well'));
    assert.match(lines[forged] ?? '', /^ {2}/, 'further lines of the host are indented');
    typist.type('\u0003');
    assert.equal(await typist.ended, 130, typist.screen());
  });
});
