import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Outcome } from '../import/carried.ts';
import { type Carried, carryOut } from '../import/carry-out.ts';
import { evaluationFile } from '../import/evaluation-file.ts';
import { makePlan, type Plan, type Tool } from '../import/make-plan.ts';
import { planText, problemsText } from '../import/plan-text.ts';
import { findExports } from '../import/read-files.ts';
import type { Range } from '../import/scores.ts';
import { openClient } from '../open-client.ts';
import { type ExitCode, exitCodes, UsageError } from '../output/exit-codes.ts';
import { createProgress } from '../output/progress.ts';
import { renderTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { plain } from '../output/text.ts';

type Deps = { config: Config; terminal: Terminal };

export type ImportOptions = {
  dryRun?: boolean;
  out: string;
  prefix: string;
  licence: string;
  model?: string;
  range: ReadonlyMap<string, Range>;
  json?: boolean;
  only?: string[];
  judge?: string;
  breaking?: boolean;
};

/** Files that are there stay as they are. */
async function writeFiles(
  plan: Plan,
  { refOf }: Carried,
  { folder, shown, model }: { folder: string; shown: string; model: string },
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  if (plan.files.length > 0) await mkdir(folder, { recursive: true });
  for (const file of plan.files) {
    const name = `${file.name}.eval.ts`;
    const text = evaluationFile(file, { model, refOf });
    const path = join(folder, name);
    const before = await readFile(path, 'utf8').catch(() => null);
    if (before === null) await writeFile(path, text);
    const said =
      before === null ? 'written' : before === text ? 'is there already' : 'is there and differs: it stays as it is';
    outcomes.push({ what: 'file', name: shown === '.' ? name : join(shown, name), said, isNew: before === null });
  }
  return outcomes;
}

/** What is told of a plan as JSON: counts in the place of rows and answers. */
const planBody = ({
  datasets,
  rows,
  models,
  evaluations,
  files,
  events,
  prompts,
  remarks,
  problems,
  problemCount,
}: Plan) => ({
  datasets: datasets.map((one) => ({ ...one, rows: rows.get(one.name) ?? 0 })),
  models: models.map(({ name, definition }) => ({ name, definition })),
  evaluations: evaluations.map(({ name, dataset, runs }) => ({
    ...{ name, dataset },
    runs: runs.map(({ id, label, madeAt, cells }) => ({ id, label, madeAt, answers: cells.length })),
  })),
  files: files.map(({ name, scorers }) => ({ name: `${name}.eval.ts`, scorers: scorers.map((one) => one.name) })),
  ...{ events: events.length, prompts: prompts.length, remarks, problems, problemCount },
});

function outcomeTable(outcomes: readonly Outcome[], terminal: Terminal): string {
  const { green, dim } = terminal.outStyle;
  const rows = outcomes.map(({ what, name, said, isNew }) => [
    { text: isNew ? '✓' : '=', paint: isNew ? green : dim },
    ...[what, plain(name), plain(said)],
  ]);
  return `${renderTable(rows, ['left', 'left', 'left', 'left']).join('\n')}\n`;
}

/** `wheelhouse import <tool>`: says what an export holds, then makes it here, except with `--dry-run`. */
export async function importExport(
  tool: Tool,
  { what, options }: { what: string[]; options: ImportOptions },
  deps: Deps,
): Promise<ExitCode> {
  const { config, terminal } = deps;
  const { prefix, judge = 'openai/gpt-4o-mini', range, only = [], json } = options;
  if (!/^(?:[a-z][a-z0-9._-]*)?$/.test(prefix))
    throw new UsageError(
      `\`${prefix}\` cannot stand before a name.`,
      'It takes a-z, 0-9 and . _ -, and begins with a letter.',
    );
  const files = await findExports(what, config.cwd);
  const progress = createProgress(terminal, () => performance.now());
  let read = 0;
  const onFile = ({ shown }: { shown: string }) => progress.update(read++, files.length * 2, `reading ${plain(shown)}`);
  const plan = await makePlan(files, { tool, prefix, judge, ranges: range, only, ...(terminal.live && { onFile }) });
  progress.end();
  const printJson = (value: unknown) => terminal.out(`${JSON.stringify(value, null, 2)}\n`);
  const report = options.dryRun && !json ? terminal.out : terminal.err;
  const style = options.dryRun ? terminal.outStyle : terminal.errStyle;
  if (!json) report(planText(plan, style));
  if (!json) report(problemsText(plan, style));
  const code = plan.problemCount === 0 ? exitCodes.done : exitCodes.failed;
  if (options.dryRun) {
    if (json) printJson(planBody(plan));
    return code;
  }
  const model = options.model ?? null;
  const carried = await carryOut(
    plan,
    { client: openClient(config), config, terminal },
    { licence: options.licence, model, breaking: options.breaking ?? false },
  );
  const place = { folder: join(config.cwd, options.out), shown: options.out, model: model ?? 'sim/echo' };
  const outcomes = [...carried.outcomes, ...(await writeFiles(plan, carried, place))];
  const { problems } = carried;
  if (json) printJson({ ...planBody(plan), problems: [...plan.problems, ...problems], outcomes });
  else {
    terminal.err(problemsText({ problems, problemCount: problems.length }, terminal.errStyle));
    terminal.out(outcomeTable(outcomes, terminal));
    const [file] = plan.files;
    if (file) terminal.err(`  next  wheelhouse eval ${join(options.out, `${file.name}.eval.ts`)}\n`);
  }
  return problems.length > 0 ? exitCodes.failed : code;
}
