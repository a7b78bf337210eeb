/**
 * Are the profiles true? Lua loads with known answers, under the probe at 999 Hz and then under
 * LuaJIT's own profiler. Prints a table and, last, one line of JSON; exit code 1 where a bar is
 * missed. `--short`: 3 CPU seconds a load instead of 10, with leeway for chance. `--only WORDS`:
 * loads whose name ("nginx interpreter") has the words. `--strays`: also what is wrong in rows that
 * pass.
 */
import { parseArgs } from 'node:util';
import { BURNERS } from './burners';
import { type InProcessRow, readInProcess } from './in-process';
import { judgeWith } from './judge';
import { type Load, LOADS } from './loads';
import { measureRow, measureWhole, type Row, type Whole } from './measure';
import { record, recordInProcess } from './record';
import { hotLinesOf } from './source';
import { readStacks } from './stack';
import { tableHead, tableRow, tableWhole } from './table';
import { startTarget } from './target';

/** A span that a busy machine cut off has fewer samples than the bars are made for. */
const ENOUGH_SAMPLES = 9000;

interface Verdict {
  readonly load: string;
  readonly version: string;
  readonly whole: Whole;
  readonly rows: readonly (Row & { readonly jitProfile: InProcessRow | undefined })[];
  readonly misses: readonly string[];
}

async function prove(load: Load, cpuSeconds: number, strays: boolean): Promise<Verdict> {
  const names = Object.keys(load.weights);
  const hotLines = new Map(names.map((name) => [name, hotLinesOf(name)]));
  const target = await startTarget(load, false);
  const ours = await record(target, cpuSeconds).finally(() => target.stop());
  const other = await startTarget(load, true);
  const inside = await recordInProcess(other, cpuSeconds).finally(() => other.stop());
  const beside = readInProcess(inside.counted, inside.shares, hotLines);

  const stacks = readStacks(ours.recording);
  const rows = names.map((name) =>
    measureRow(name, stacks, ours.shares, hotLines.get(name) ?? { lines: new Map() }),
  );
  const whole = measureWhole(stacks, rows, load.target !== 'nginx');
  const judge = judgeWith(whole.samples < ENOUGH_SAMPLES);
  const title = `${load.target} ${load.mode}`;
  const misses: string[] = [];
  const found = (of: string, missed: readonly string[]) => {
    misses.push(...missed.map((miss) => `${title}, ${of}: ${miss}`));
    return missed;
  };

  console.log(`\n${title}: ${target.version}\n${tableHead()}`);
  for (const row of rows) {
    const missed = found(row.burner, judge.row(row, load.mode, whole.samples));
    const note = BURNERS[row.burner]?.misleads;
    console.log(tableRow(row, beside.get(row.burner), missed, note));
    if (missed.length || strays) for (const stray of row.strays) console.log(`    ${stray}`);
  }
  console.log(tableWhole(whole, found('all', judge.whole(whole))));
  return {
    load: title,
    version: target.version,
    whole,
    rows: rows.map((row) => ({ ...row, jitProfile: beside.get(row.burner) })),
    misses,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      strays: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
    },
  });
  const began = performance.now();
  const verdicts: Verdict[] = [];
  for (const load of LOADS) {
    if (!`${load.target} ${load.mode}`.includes(values.only)) continue;
    verdicts.push(await prove(load, values.short ? 3 : 10, values.strays));
  }
  const misses = verdicts.flatMap((verdict) => verdict.misses);
  const pass = verdicts.length > 0 && misses.length === 0;
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log('');
  for (const miss of misses) console.log(`missed: ${miss}`);
  console.log(JSON.stringify({ truth: verdicts, misses, seconds, pass }, rounded));
  process.exitCode = pass ? 0 : 1;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
});
