import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

/** Runs simulations and writes their results: `npm run simulations [-- name …] [--runs=N] [--processes=2] [--only=text in ids of cells]`. */
// The sources, not what was built of them: a result belongs to the code it stands beside.
const resolve = { noExternal: [/^@wheelhouse\//], conditions: ['@wheelhouse/source', 'node'] };
const config = { configFile: false, logLevel: 'warn', environments: { inline: { resolve } } };
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const { module } = await runnerImport(main, config);
process.exitCode = await module.main(process.argv.slice(2));
