import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planInstallation, planRemoval } from '../../../extension/probe';
import type { Transport } from '../../../extension/remote';

/** A host that says what it likes of itself. */
function hostSaying(stdout: string): Transport {
  return {
    label: 'web1',
    exec: () => Promise.resolve({ code: 0, signal: null, stdout: Buffer.from(stdout), stderr: '' }),
    spawn: () => Promise.reject(new Error('not asked for')),
    upload: () => Promise.reject(new Error('not asked for')),
    onDidClose: () => undefined,
    dispose: () => undefined,
  };
}

describe('The script of an installation', () => {
  let probesDir: string;
  before(() => {
    probesDir = mkdtempSync(join(tmpdir(), 'acupoint-probes-'));
    mkdirSync(join(probesDir, 'x86_64'));
    writeFileSync(join(probesDir, 'x86_64/acupoint-probe'), 'a probe');
  });
  after(() => rmSync(probesDir, { recursive: true }));

  const plan = (name: string) =>
    planInstallation(hostSaying(`Linux\nx86_64\n1000\n${name}\n`), probesDir, 'sudo');

  it('names who signed in, as one word of the shell', async () => {
    const { script, review, sha256 } = await plan("o'neil $(id)");
    assert.ok(script.includes(`\nuser='o'\\''neil $(id)'\n`));
    assert.ok(script.includes('\n# may run it') && script.includes('the user o?neil???id?'));
    assert.ok(script.includes(Buffer.from('a probe').toString('base64')));
    assert.ok(!review.includes(Buffer.from('a probe').toString('base64')));
    assert.ok(script.includes(sha256) && review.includes(sha256));
  });

  it('names nobody whose name an administrator would not see as it is', async () => {
    for (const name of ['\u001b[2Jann', 'ann\rroot', '\u202eann', 'ann,root', '-x', ' ann']) {
      await assert.rejects(plan(name), /a name for who signed in that no user can have/);
    }
  });

  it('names no file that anybody but root could have put there', async () => {
    for (const { script } of [
      await plan('ann'),
      await planRemoval(hostSaying('Linux\nx\n0\nr\n')),
    ]) {
      assert.doesNotMatch(script, /\/(tmp|home|var|dev\/shm|run\/user)\b/);
    }
  });
});
