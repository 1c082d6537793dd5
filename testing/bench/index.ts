import { join } from 'node:path';
import { measureDatasets } from './datasets.ts';
import { measureEvals } from './evals.ts';
import { measureGateway } from './gateway.ts';
import { measureIngest } from './ingest.ts';
import { measureMemory } from './memory.ts';
import { measureModels } from './models.ts';
import { measureQuery } from './query.ts';
import { measureReleases } from './releases.ts';
import { loadNow, printReport, type Report, writeReport } from './report.ts';
import { measureSoak } from './soak.ts';
import { measureStart } from './start.ts';
import { measureWeb } from './web.ts';
import { root } from './wheelhouse.ts';

export type BenchOptions = {
  rounds: number;
  /** How long memory is left alone before it is read again. */
  idleSeconds: number;
  /** Folder for CPU profiles of the server; null takes none. */
  profile: string | null;
  /** How long `soak` calls. */
  minutes: number;
  /** How many spans `query` reads among. */
  spans: number;
  /** Folder in which what `query` wrote stays, to be read again without writing it again. */
  keep: string | null;
  /** How many rows `datasets` imports. */
  rows: number;
};

const benches: Record<string, (options: BenchOptions) => Promise<Report>> = {
  gateway: measureGateway,
  ingest: measureIngest,
  query: measureQuery,
  datasets: measureDatasets,
  evals: measureEvals,
  models: measureModels,
  releases: measureReleases,
  start: measureStart,
  memory: measureMemory,
  web: measureWeb,
  soak: measureSoak,
};
const names = Object.keys(benches);
/** Takes half an hour, so it runs only when it is named. */
const named = new Set(['soak']);

const usage = `Usage: npm run bench [-- ${names.map((name) => `[${name}]`).join(' ')} [--rounds=3] [--idle=30] [--spans=1000000] [--keep=FOLDER] [--rows=1000000] [--minutes=30] [--profile]]\n`;

function parse(args: string[]): { chosen: string[]; options: BenchOptions } | null {
  const chosen = args.filter((arg) => !arg.startsWith('--'));
  const flags = new Map<string, string | undefined>();
  for (const arg of args.filter((one) => one.startsWith('--'))) {
    const [name = '', value] = arg.slice(2).split('=', 2);
    flags.set(name, value);
  }
  const count = (name: string, otherwise: number) => Number(flags.get(name) ?? otherwise);
  const options = {
    rounds: count('rounds', 3),
    idleSeconds: count('idle', 30),
    minutes: count('minutes', 30),
    spans: count('spans', 1_000_000),
    rows: count('rows', 1_000_000),
    keep: flags.get('keep') ?? null,
    profile: flags.has('profile') ? join(root, '.cache', 'bench', 'profiles') : null,
  };
  const known =
    chosen.every((name) => names.includes(name)) &&
    [...flags.keys()].every((flag) => ['rounds', 'idle', 'minutes', 'spans', 'keep', 'rows', 'profile'].includes(flag));
  if (!known || !(options.rounds >= 1) || !(options.idleSeconds >= 0) || !(options.spans >= 20_000)) return null;
  if (!(options.rows >= 1)) return null;
  if (!(options.minutes > 0)) return null;
  return { chosen: chosen.length > 0 ? chosen : names.filter((name) => !named.has(name)), options };
}

/** Runs the named benchmarks, or all, one after the other. */
export async function main(args: string[]): Promise<number> {
  const parsed = parse(args);
  if (parsed === null || process.platform !== 'linux') {
    process.stderr.write(parsed === null ? usage : 'The benchmarks read /proc, so they need Linux.\n');
    return 2;
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  for (const name of names.filter((one) => parsed.chosen.includes(one))) {
    const measure = benches[name];
    if (!measure) continue;
    const command = ['npm run bench --', name, ...args.filter((arg) => arg.startsWith('--'))].join(' ');
    const circumstances = { command, startedAt: new Date().toISOString(), loadBefore: loadNow() };
    const startedAt = performance.now();
    process.stdout.write(`\n▸ ${name}   (load ${circumstances.loadBefore})\n`);
    const report = await measure(parsed.options);
    printReport(report);
    // A profile slows what it watches.
    if (parsed.options.profile === null)
      writeReport(report, { ...circumstances, seconds: (performance.now() - startedAt) / 1000 });
  }
  return 0;
}
