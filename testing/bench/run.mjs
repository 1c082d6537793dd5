import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { buildStale } from '../../scripts/build.mjs';

/** Builds what is stale, then measures: `npm run bench [-- name …] [--rounds=3] [--idle=30] [--profile]`. */
if (await buildStale()) {
  const main = fileURLToPath(new URL('./index.ts', import.meta.url));
  const { module } = await runnerImport(main, { configFile: false, logLevel: 'warn' });
  process.exitCode = await module.main(process.argv.slice(2));
} else {
  process.exitCode = 1;
}
