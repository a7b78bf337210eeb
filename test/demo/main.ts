/** The demo: sets the scene and keeps it until it is interrupted, or checks it and leaves. Started by scripts/demo.sh. */
import { parseArgs } from 'node:util';
import { startStage, type Stage } from '../fixtures/stage';
import { checkStage } from './check';

const CHECK_LIMIT_MS = 4 * 60_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { check: { type: 'boolean' }, port: { type: 'string' } },
  });
  const interrupted = interruption();
  const starting = startStage({
    port: Number(values.port ?? 0),
    attached: values.check !== true,
    settings: { 'files.exclude': { '**/.vscode': true } },
    onStep: (text) => console.log(`demo: ${text}`),
  });
  try {
    const stage = await Promise.race([starting, interrupted]);
    if (typeof stage === 'number') return stage;
    if (values.check === true)
      return await Promise.race([checkStage(stage), interrupted, tooLate()]);
    tell(stage);
    return await interrupted;
  } finally {
    // Also what was still being started when the interruption came.
    const stage = await starting.catch(() => undefined);
    await stage?.stop();
  }
}

/** Resolves with the exit code that the first signal asks for; a second one ends at once. */
function interruption(): Promise<number> {
  return new Promise((resolve) => {
    const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
    let once = false;
    for (const [signal, code] of Object.entries(signals)) {
      process.on(signal, () => {
        if (once) process.exit(code);
        once = true;
        console.log('\ndemo: ending');
        resolve(code);
      });
    }
  });
}

function tell(stage: Stage): void {
  const { gateway } = stage;
  console.log(`
  VS Code, attached to nginx ${gateway.masterPid} over SSH:

    ${stage.url}

  Open it in a browser on this machine. The load makes ${gateway.expected.hotFunction} hot: find its
  frame and click it. The gateway serves on http://127.0.0.1:${gateway.port}/, runs the Lua code in
  ${gateway.luaRoot}, and reloads it with: kill -HUP ${gateway.masterPid}

  Ctrl-C ends everything and removes it.
`);
}

function tooLate(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Error(`The check did not end within ${CHECK_LIMIT_MS / 60_000} minutes.`));
    }, CHECK_LIMIT_MS).unref();
  });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
