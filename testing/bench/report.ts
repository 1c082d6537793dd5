import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { root } from './wheelhouse.ts';

export type Table = { title: string; columns: string[]; rows: string[][] };

export type Goal = { goal: string; measured: string; met: boolean };

export type Report = {
  name: string;
  title: string;
  /** How it was measured, a sentence each. */
  method: string[];
  tables: Table[];
  goals: Goal[];
  /** Every number behind the tables. */
  figures: object;
};

export type Circumstances = { command: string; startedAt: string; loadBefore: number; seconds: number };

const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

function commit(): string {
  const changed = git('status', '--porcelain', '--', 'core', 'sdk', 'server', 'cli', 'web') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`;
}

const machine = () => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGib: Math.round(totalmem() / 2 ** 30),
  os: `${type()} ${release().split('-')[0]}`,
});

/** The load of the last minute, so that a reader sees whether the machine was busy with something else. */
export const loadNow = (): number => Number((loadavg()[0] ?? 0).toFixed(2));

export function printReport(report: Report): void {
  for (const { title, columns, rows } of report.tables) {
    const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
    const line = (cells: string[]) =>
      `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`;
    process.stdout.write(`\n  ${title}\n${[columns, ...rows].map(line).join('\n')}\n`);
  }
  if (report.goals.length > 0) process.stdout.write('\n');
  for (const { goal, measured, met } of report.goals)
    process.stdout.write(`  ${met ? '✓' : '✕'} ${goal}: ${measured}\n`);
}

function tableMarkdown({ title, columns, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, i) => (i === 0 ? '---' : '--:'));
  return [`**${title}**`, '', line(columns), line(rule), ...rows.map(line), ''].join('\n');
}

function sectionMarkdown(report: Report, meta: Circumstances & { commit: string; node: string }): string {
  const { cpu, cores, memoryGib, os } = machine();
  return [
    `## ${report.title}`,
    '',
    `\`${meta.command}\`, ${meta.startedAt.slice(0, 10)}, commit ${meta.commit}, Node ${meta.node}, ${os}, ${cores} cores of ${cpu},`,
    `${memoryGib} GiB; load before the run ${meta.loadBefore}; took ${Math.round(meta.seconds)} s.`,
    '',
    ...report.tables.map(tableMarkdown),
    ...(report.goals.length === 0
      ? []
      : [
          tableMarkdown({
            title: 'Goals',
            columns: ['goal', 'measured', 'met'],
            rows: report.goals.map(({ goal, measured, met }) => [goal, measured, met ? 'yes' : '**no**']),
          }),
        ]),
    ...report.method.map((sentence) => `- ${sentence}`),
    '',
  ].join('\n');
}

const head = `# Results

What Wheelhouse costs, measured beside something to compare it with. \`npm run bench\` measures again on the machine at
hand and rewrites the sections that it ran; the numbers behind them are in \`bench/results\`. Nothing here is asserted by a
test: a shared machine is noisy, so ratios between things measured in turn within one run say more than single numbers.

`;

/** Of the page, in this order. */
const sectionNames = [
  ...['gateway', 'ingest', 'query', 'datasets', 'evals', 'models', 'releases', 'start', 'memory', 'web', 'soak'],
  'small-model',
];

/** Sections that did not run stay as they were. */
function writePage(name: string, section: string): void {
  const file = join(root, 'docs', 'results.md');
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const sections = new Map(
    [...before.matchAll(/<!-- bench:([\w-]+) -->\n([\s\S]*?)<!-- end -->/g)].map(([, key = '', text = '']) => [
      key,
      text,
    ]),
  );
  sections.set(name, section);
  const ordered = sectionNames.flatMap((key) => {
    const text = sections.get(key);
    return text === undefined ? [] : [`<!-- bench:${key} -->\n${text}<!-- end -->\n`];
  });
  writeFileSync(file, head + ordered.join('\n'));
}

/** Writes `bench/results/<name>.json` and the section of `docs/results.md`. */
export function writeReport(report: Report, circumstances: Circumstances): void {
  const meta = { ...circumstances, commit: commit(), node: process.versions.node };
  const folder = join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const { goals, figures } = report;
  const content = { name: report.name, ...meta, machine: machine(), goals, figures };
  writeFileSync(join(folder, `${report.name}.json`), `${JSON.stringify(content, null, 2)}\n`);
  writePage(report.name, sectionMarkdown(report, meta));
}
