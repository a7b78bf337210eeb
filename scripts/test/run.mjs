// Runs the layers of tests one after another, whatever happens in each, and adds up what mocha counted.
//
//   node scripts/test/run.mjs [LAYER...]
import { spawn } from 'node:child_process';
import { countMocha, failuresOf, sum } from './count.mjs';
import { measurePatience, VARIABLE } from './patience.mjs';
import { SecretsScan } from './secrets/index.mjs';

const MOCHA = ['node_modules/.bin/mocha', '--no-color'];
const FUZZ = 'scripts/test/fuzz.mjs';
const CHECKS = ['types', 'lint', 'format', 'layers', 'dead', 'c', 'rooms'];
/** Characters of one layer's failures that are shown again. */
const LONGEST_FAILURE = 6000;
/** Seconds of each; a deep run is `npm run test:fuzz -- --deep`. */
const FUZZED = [
  ...['elf', 'frames', 'inbox', 'texts', 'vm', 'walk'].map((name) => [name, '9']),
  ...['wire', 'recordings', 'known-hosts', 'config'].map((name) => [name, '4']),
];

/**
 * Minutes without a line of output, times the patience with this machine, after which a command is
 * ended as hung. There is no limit on how long it works: a slow machine would meet it.
 */
const SILENT_MINUTES = 5;

/** A command counts as mocha says; a step of `checks` is one test. */
const LAYERS = [
  { name: 'check', checks: CHECKS.map((check) => ['npm', 'run', '--silent', `check:${check}`]) },
  { name: 'unit', mocha: ['--timeout', '20000'] },
  { name: 'native', mocha: ['--timeout', '60000', '--exit'] },
  {
    name: 'fuzz',
    checks: FUZZED.map(([name, seconds]) => ['node', FUZZ, '--seconds', seconds, name]),
  },
  { name: 'webview', mocha: ['--timeout', '60000', '--exit'] },
  { name: 'host', command: ['node', 'out/run-host.js'] },
  { name: 'integration', mocha: ['--timeout', '120000', '--exit'] },
  {
    name: 'kernels',
    checks: [['node', 'out/kernels/main.js', '--short']],
    show: true,
  },
  { name: 'e2e', mocha: ['--timeout', '240000', '--exit'] },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !LAYERS.some((layer) => layer.name === name));
if (unknown.length > 0) {
  console.error(
    `No such layer: ${unknown.join(', ')}. There are: ${LAYERS.map((l) => l.name).join(', ')}.`,
  );
  process.exit(2);
}

const secrets = new SecretsScan();
const results = [];
/** Told again at the end: where a log is cut, its end is what is kept. */
const failures = [];
for (const layer of LAYERS) {
  if (wanted.length > 0 && !wanted.includes(layer.name)) continue;
  const began = performance.now();
  const patience = measurePatience();
  process.env[VARIABLE] = String(patience);
  console.log(`\n=== ${layer.name} (limits times ${patience})`);
  const counts = [];
  for (const check of layer.checks ?? []) counts.push(await runCheck(check, layer));
  const command = layer.mocha ? mochaCommand(layer) : layer.command;
  if (command) counts.push(await runMocha(command));
  results.push({ name: layer.name, seconds: (performance.now() - began) / 1000, ...sum(counts) });
}
await scanForSecrets();
report();

function mochaCommand(layer) {
  return [...MOCHA, ...layer.mocha, `out/${layer.name}/**/*.test.js`];
}

/** After all that could have left one. */
async function scanForSecrets() {
  const began = performance.now();
  console.log('\n=== secrets');
  const wrong = await secrets.end();
  console.log(`  ${wrong.length === 0 ? '✔' : '✗'} ${secrets.summary}`);
  for (const each of wrong) console.log(`  ${each}`);
  if (wrong.length > 0) failures.push(wrong.join('\n').slice(0, LONGEST_FAILURE));
  const seconds = (performance.now() - began) / 1000;
  const failed = wrong.length > 0 ? 1 : 0;
  results.push({ name: 'secrets', seconds, passed: 1 - failed, failed, pending: 0 });
}

async function runCheck(command, { show = false }) {
  const { code, output } = await run(command, show);
  const passed = code === 0;
  console.log(`  ${passed ? '✔' : '✗'} ${command.join(' ')}`);
  if (!passed && !show) console.log(output);
  if (!passed) failures.push(`${command.join(' ')}\n${output.trim().slice(-LONGEST_FAILURE)}`);
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, pending: 0 };
}

async function runMocha(command) {
  const { code, output } = await run(command, true);
  const counted = countMocha(output);
  const nameless = code !== 0 && counted.failed === 0;
  if (nameless) {
    const said = `${command.join(' ')} ended with ${code} without naming a failed test.`;
    console.log(`  ${said}`);
    failures.push(`${said}\n${output.trim().slice(-LONGEST_FAILURE)}`);
  } else if (counted.failed > 0) {
    failures.push(failuresOf(output).slice(0, LONGEST_FAILURE));
  }
  return nameless ? { ...counted, failed: 1 } : counted;
}

/** Runs a command in a group of its own, which is ended when it has been silent for too long. */
function run([command, ...args], show) {
  const minutes = SILENT_MINUTES * Number(process.env[VARIABLE]);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...secrets.environment },
    });
    let output = '';
    const take = (chunk) => {
      silence.refresh();
      output += chunk;
      if (show) process.stdout.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const end = (signal) => () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It has ended by itself in between.
      }
    };
    const silence = setTimeout(() => {
      take(`\nSilent for ${minutes} minutes; ended.\n`);
      end('SIGKILL')();
    }, minutes * 60_000);
    const interrupt = () => {
      end('SIGTERM')();
      process.exit(130);
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    child.on('close', (code) => {
      clearTimeout(silence);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      secrets.take(output);
      resolve({ code, output });
    });
    child.on('error', (error) => take(`${error.message}\n`));
  });
}

function report() {
  for (const failure of failures) console.log(`\n=== failed\n${failure}`);
  console.log('\n=== all layers');
  for (const { name, passed, failed, pending, seconds } of results) {
    const more = pending > 0 ? `, ${pending} pending` : '';
    console.log(
      `  ${name.padEnd(12)} ${passed} passed, ${failed} failed${more} (${seconds.toFixed(0)} s)`,
    );
  }
  const total = sum(results);
  console.log(`\n  ${total.passed} passing`);
  if (total.pending > 0) console.log(`  ${total.pending} pending`);
  if (total.failed > 0) console.log(`  ${total.failed} failing`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}
