import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { requireNode, root } from './require-node.mjs';

requireNode();
const { buildStale } = await import('./build.mjs');
const { ensureChromium } = await import('./chromium.mjs');
const { ensurePostgres } = await import('./postgres.mjs');

const reportFolder = join(root, '.cache', 'tests');
const done = [];
let passed = 0;
let failed = 0;
let skipped = 0;
const failures = [];

const bin = {
  tsc: 'node_modules/typescript/bin/tsc',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  knip: 'node_modules/knip/bin/knip.js',
  vitest: 'node_modules/vitest/vitest.mjs',
};

/** Runs a program of Node; `said` is the end of what it wrote to stderr. */
function node(args, env = process.env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'pipe'], env });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      process.stderr.write(text);
      said = (said + text).slice(-4_000);
    });
    child.on('close', (code) => resolve({ ok: code === 0, said }));
  });
}

/** Tests of vitest projects, from their report; a run that broke before a report counts as one failure. */
async function vitest(projects, env = process.env) {
  const file = join(reportFolder, `${projects.at(-1)}.json`);
  rmSync(file, { force: true });
  const chosen = projects.flatMap((project) => ['--project', project]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const { ok, said } = await node([bin.vitest, 'run', ...chosen, ...reporters], env);
  const report = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] };
  passed += report.numPassedTests;
  skipped += report.numPendingTests;
  failed += ok ? 0 : Math.max(1, report.numFailedTests);
  const before = failures.length;
  for (const { name, message, status, assertionResults } of report.testResults) {
    const of = relative(root, name);
    const broken = assertionResults.filter((test) => test.status === 'failed');
    for (const test of broken)
      failures.push({ name: `${of} › ${test.fullName}`, said: test.failureMessages.join('\n') });
    if (status === 'failed' && broken.length === 0) failures.push({ name: of, said: message });
  }
  // An error that belongs to no test fails the run all the same.
  if (!ok && failures.length === before) failures.push({ name: projects.join(', '), said });
  return ok;
}

async function check(args) {
  const { ok } = await node(args);
  if (!ok) failed += 1;
  return ok;
}

async function step(name, work) {
  process.stdout.write(`\n▸ ${name}\n`);
  const started = performance.now();
  const ok = await work().catch((error) => {
    process.stderr.write(`✕ ${error.message}\n`);
    failed += 1;
    return false;
  });
  done.push({ name, ok, seconds: (performance.now() - started) / 1000 });
  return ok;
}

async function build() {
  const ok = await buildStale();
  if (!ok) failed += 1;
  return ok;
}

mkdirSync(reportFolder, { recursive: true });
const built = await step('build', build);
await step('types of tests', () => check([bin.tsc, '-p', 'tsconfig.tests.json']));
await step('types of web', () => check([bin.tsc, '-p', 'web']));
await step('format and lint', () => check([bin.biome, 'check']));
await step('unused code', () => check([bin.knip]));
if (!process.argv.includes('--checks')) {
  await step('postgres', async () => {
    const { url, programs } = ensurePostgres(process.env);
    process.stdout.write(`  ${url ? 'the server of TEST_DATABASE_URL' : programs}\n`);
    return true;
  });
  await step('unit tests', () => vitest(['unit']));
  if (built) {
    let chromium = null;
    await step('chromium', async () => {
      chromium = ensureChromium(process.env);
      process.stdout.write(`  ${chromium}\n`);
      return true;
    });
    // What kills servers needs no browser.
    if (chromium === null) await step('durability tests', () => vitest(['durability']));
    else {
      const env = { ...process.env, CHROMIUM_PATH: chromium };
      await step('end-to-end tests', () => vitest(['durability', 'e2e'], env));
    }
  }
}

process.stdout.write('\n');
for (const { name, ok, seconds } of done) {
  process.stdout.write(`${ok ? '✓' : '✕'} ${name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s\n`);
}
// What failed stands at the end again, for whoever sees only the end of a long log.
for (const { name, said } of failures) {
  process.stdout.write(`\n✕ ${name}\n${said.slice(0, 4_000)}\n`);
}
if (!built) process.stdout.write('✕ nothing end to end was tested, because the build failed\n');
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;
