import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { buildStale } from '../../scripts/build.mjs';

/** Builds what is stale, then compiles for a real model: `npm run test:model [-- --seeds=10 --rows=50 --minutes=60]`. */
if (await buildStale()) {
  const main = fileURLToPath(new URL('./index.ts', import.meta.url));
  const { module } = await runnerImport(main, { configFile: false, logLevel: 'warn' });
  process.exitCode = await module.main(process.argv.slice(2));
} else {
  process.exitCode = 1;
}
