import type { Style } from '../output/style.ts';
import { renderTable } from '../output/table.ts';
import { cut, plain } from '../output/text.ts';
import { type Plan, toolNames } from './make-plan.ts';

const number = (value: number) => value.toLocaleString('en');
const many = (count: number, one: string, more = `${one}s`) => `${number(count)} ${count === 1 ? one : more}`;

/** What would be made, and what is not the same here. */
export function planText(plan: Plan, style: Style): string {
  const made: string[][] = [
    ...plan.datasets.map(({ name }) => ['dataset', plain(name), many(plan.rows.get(name) ?? 0, 'row')]),
    ...plan.models.map(({ name, definition }) => ['model', plain(name), plain(String(definition.baseModel ?? ''))]),
    ...(plan.prompts.length === 0 ? [] : [['prompts', '', many(plan.prompts.length, 'version')]]),
    ...(plan.events.length === 0 ? [] : [['traces', '', many(plan.events.length, 'event')]]),
    ...plan.evaluations.map(({ name, runs }) => {
      const cells = runs.reduce((sum, run) => sum + run.cells.length, 0);
      return ['evaluation', plain(name), `${many(runs.length, 'run')}, ${many(cells, 'answer')}`];
    }),
    ...plan.files.map(({ name, scorers }) => ['file', `${plain(name)}.eval.ts`, many(scorers.length, 'scorer')]),
  ];
  const lines = [`  ${style.bold(toolNames[plan.tool])}`];
  if (made.length === 0) lines.push('  There is nothing to bring over.');
  else lines.push(...renderTable(made, ['left', 'left', 'left']));
  if (plan.remarks.length > 0) lines.push('', '  Not the same here');
  for (const { of, said } of plan.remarks) lines.push(`  ${style.yellow('▲')} ${plain(of)}: ${plain(said)}`);
  return `${lines.join('\n')}\n`;
}

const shown = 20;

/** Records that cannot be read, with their lines; empty: there are none. */
export function problemsText(
  { problems, problemCount }: Pick<Plan, 'problems' | 'problemCount'>,
  style: Style,
): string {
  if (problemCount === 0) return '';
  const rows = problems.slice(0, shown).map(({ file, at, error }) => [`${plain(file)}:${at}`, cut(plain(error), 100)]);
  const more = problemCount > shown ? `\n  … and ${number(problemCount - shown)} more; --json lists up to 1,000` : '';
  const title = `  ${style.red('✕')} ${many(problemCount, 'record')} cannot be taken`;
  return `${title}\n${renderTable(rows, ['left', 'left']).join('\n')}${more}\n`;
}
