/**
 * Records walks again, on this machine's programs, into recordings/. `--only WORDS`: scenes whose
 * name ("nginx-compiled-guards") has the words. Checks the recorded walks against the known
 * answers: exit code 1 where a stack is not one that its load can have. Look at the change of the
 * texts before you commit it. `--as luajit2-gc32`, with `--only luajit2-` and a LuaJIT without GC64
 * in ACUPOINT_LUAJIT2: the recordings of that kind, which no package has.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Burner, BURNERS } from '../../truth/burners';
import { isWayOf } from '../../truth/stack';
import { luaFolder, startTarget } from '../../truth/target';
import { SCENES, type Scene } from './scenes';
import { buildWalks, chainsOf, hostMachine, recordingsFolder } from './walks';

const KEEP = 4;
/** The driver of the load is at work between the burner's slices. */
const DRIVER: Burner = { frames: [[]] };

/** The stacks that the load cannot have had. */
async function record(walks: string, scene: Scene, lua: string, as: string): Promise<string[]> {
  const name = scene.name.replace(/^luajit2/, as);
  const out = join(recordingsFolder, hostMachine, name);
  const target = await startTarget(scene.load, false, lua);
  try {
    const { pid } = await target.ledger();
    const args = ['record', `${pid}`, `${out}.gz`, '--keep', `${KEEP}`];
    args.push(...(scene.state ? ['--state', scene.state] : ['--looks', '600']));
    const { stdout, stderr } = await promisify(execFile)(walks, args);
    process.stderr.write(stderr);
    writeFileSync(`${out}.txt`, stdout);
    const burner = BURNERS[Object.keys(scene.load.weights)[0] ?? ''];
    return chainsOf(stdout)
      .filter((chain) => !burner || !(isWayOf(chain, burner) || isWayOf(chain, DRIVER)))
      .map((chain) => chain.join(' '));
  } finally {
    await target.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string', default: '' }, as: { type: 'string', default: 'luajit2' } },
  });
  const walks = await buildWalks(hostMachine);
  const lua = mkdtempSync(join(tmpdir(), 'acupoint-walks-'));
  cpSync(luaFolder, lua, { recursive: true });
  mkdirSync(join(recordingsFolder, hostMachine), { recursive: true });
  try {
    for (const scene of SCENES.filter(({ name }) => name.includes(values.only))) {
      const wrong = await record(walks, scene, lua, values.as);
      console.log(`${scene.name}: ${wrong.length ? 'WRONG' : 'ok'}`);
      for (const chain of wrong) console.log(`    ${chain}`);
      if (wrong.length) process.exitCode = 1;
    }
  } finally {
    rmSync(lua, { recursive: true, force: true });
  }
}

void main();
