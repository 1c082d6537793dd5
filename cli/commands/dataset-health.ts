import type { DatasetHealthBody } from '@wheelhouse/sdk';
import type { Style } from '../output/style.ts';

const number = (value: number) => value.toLocaleString('en');
const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
const first = (ids: readonly string[]) =>
  ids.length === 0 ? '' : `  ${ids.slice(0, 3).join(' ')}${ids.length > 3 ? ' …' : ''}`;

/** A report on the health of a dataset, a line a finding; what is fine is said too. */
export function healthLines(report: DatasetHealthBody, { green, yellow, bold }: Style): string[] {
  const { duplicates, leakage, conflicts, outliers, personal, coverage, misfits } = report;
  const line = (isFine: boolean, text: string) => `  ${isFine ? green('✓') : yellow('▲')} ${text}`;
  const splits = leakage.splits.map((one) => `${one.splits.join(' and ')} ${number(one.rows)}`).join(', ');
  const prompts = leakage.prompts.map(({ prompt, rows }) => `${prompt} ${number(rows)}`).join(', ');
  const odd = outliers.short.rows + outliers.long.rows + outliers.unlike.rows;
  const kinds = Object.entries(personal.kinds).map(([kind, rows]) => `${kind} ${number(rows)}`);
  const looked = report.looked < report.rows ? `, ${number(report.looked)} of them looked at` : '';
  const gaps = coverage?.gaps.slice(0, 3).map(({ words, size }) => `${words.join(' ')} (${number(size)})`) ?? [];
  const topics = report.map.clusters
    .filter(({ words }) => words.length > 0)
    .map(({ words, size }) => `${words.slice(0, 3).join(' ')} (${number(size)})`);
  return [
    `  ${bold(number(report.rows))} rows${looked}`,
    line(misfits.rows === 0, `schema: ${number(misfits.rows)} rows do not fit`),
    line(
      duplicates.nearRows === 0,
      `duplicates: ${number(duplicates.exactRows)} equal, ${number(duplicates.nearRows)} with nearly equal ones${first(duplicates.clusters[0]?.ids ?? [])}`,
    ),
    line(leakage.splits.length === 0, `in two splits: ${splits || 'none'}`),
    line(leakage.prompts.length === 0, `in prompts of models: ${prompts || 'none'}`),
    line(
      conflicts.inputs === 0,
      `same input, other expected value: ${number(conflicts.inputs)}${first(conflicts.list[0]?.ids ?? [])}`,
    ),
    line(
      odd === 0,
      `unusual: ${number(outliers.short.rows)} short, ${number(outliers.long.rows)} long, ${number(outliers.unlike.rows)} unlike the others`,
    ),
    line(
      personal.rows === 0,
      `personal data: ${number(personal.rows)} rows${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`,
    ),
    coverage === null
      ? `  – production: nothing came lately`
      : line(
          coverage.covered >= 0.9,
          `production: ${percent(coverage.covered)} of ${number(coverage.traces)} recent inputs are covered${gaps.length > 0 ? `; not: ${gaps.join(', ')}` : ''}`,
        ),
    `    languages: ${report.languages
      .slice(0, 5)
      .map(({ language, rows }) => `${language} ${number(rows)}`)
      .join(', ')}`,
    ...(topics.length > 0 ? [`    topics: ${topics.join(', ')}`] : []),
  ];
}
