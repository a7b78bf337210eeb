import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { repositoryRoot } from '../../fixtures/root';

interface Needles {
  read(lines: string): number;
  in(bytes: Uint8Array): string[];
}

const load = (name: string): Promise<Record<string, unknown>> => {
  const url = pathToFileURL(join(repositoryRoot, 'scripts/test/secrets', name)).href;
  return import(url) as Promise<Record<string, unknown>>;
};
const note = (kind: string, value: string): string =>
  JSON.stringify({ kind, value: Buffer.from(value).toString('base64') });

describe('The scan for secrets', () => {
  const password = 'p+ss/w "örd" 1';
  const keyBytes = Buffer.from(Array.from({ length: 48 }, (_, i) => (i * 37) & 255));
  let needles: Needles;
  let scanPath: (path: string, needles: Needles) => { where: string; kinds: string[] }[];
  before(async () => {
    needles = new ((await load('needles.mjs'))['Needles'] as new () => Needles)();
    scanPath = (await load('scan.mjs'))['scanPath'] as typeof scanPath;
    const lines = [note('password', password), note('key in bytes', keyBytes.toString('latin1'))];
    assert.equal(needles.read(`${lines.join('\n')}\n`), 2);
  });

  const bytes = Buffer.from(password);
  const forms: Record<string, Buffer> = {
    'as it is': Buffer.from(`Password: ${password}\n`),
    'in hex': Buffer.from(`0x${bytes.toString('hex')}`),
    'in hex, upper case': Buffer.from(bytes.toString('hex').toUpperCase()),
    'in an address': Buffer.from(`ssh://u:${encodeURIComponent(password)}@h`),
    'in JSON': Buffer.from(JSON.stringify({ a: password })),
    'in UTF-16': Buffer.from(`x${password}`, 'utf16le'),
  };
  for (const before of ['', 'u', 'us', 'user:'])
    forms[`in base64 behind "${before}"`] = Buffer.from(
      Buffer.from(`${before}${password}tail`).toString('base64'),
    );
  for (const [name, form] of Object.entries(forms))
    it(`finds one ${name}`, () => assert.deepEqual(needles.in(form), ['password']));

  it('finds the bytes of a key', () => {
    assert.deepEqual(needles.in(Buffer.concat([Buffer.from('xx'), keyBytes])), ['key in bytes']);
    assert.deepEqual(needles.in(Buffer.from(keyBytes.toString('base64'))), ['key in bytes']);
  });

  it('finds none where there is none', () => {
    assert.deepEqual(needles.in(Buffer.from('Password: p+ss/w\n')), []);
  });

  it('looks into folders, file names and recordings', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'acupoint-scan-'));
    try {
      await writeFile(join(folder, 'clean'), 'nothing');
      await writeFile(join(folder, 'x.acupoint'), gzipSync(`said ${password}`));
      await writeFile(join(folder, bytes.toString('hex')), '');
      const found = scanPath(folder, needles).map(({ where }) => where);
      assert.deepEqual(
        found.sort(),
        [join(folder, bytes.toString('hex')), join(folder, 'x.acupoint')].sort(),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
