// Builds again after each change, and says so in two lines that an editor's task can wait for.
import { context } from 'esbuild';

/** @param {import('esbuild').BuildOptions[]} bundles */
export async function watch(bundles) {
  let running = 0;
  let errors = 0;
  /** @type {import('esbuild').Plugin} */
  const reporter = {
    name: 'report',
    setup(build) {
      build.onStart(() => {
        if (running++ > 0) return;
        errors = 0;
        console.log('watch: build begins');
      });
      build.onEnd((result) => {
        errors += result.errors.length;
        if (--running === 0) console.log(`watch: build ends, ${errors} errors`);
      });
    },
  };
  for (const bundle of bundles) {
    const watched = await context({ ...bundle, plugins: [reporter] });
    await watched.watch();
  }
}
