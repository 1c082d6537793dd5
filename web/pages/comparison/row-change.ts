import type { ComparisonRowBody } from '@wheelhouse/sdk';

export type Cell = ComparisonRowBody['a'][number];
export type Show = 'regressions' | 'improvements' | 'all';

/** Mean over the repetitions that were scored; null when none was. */
function meanScore(cells: Cell[], scorer: string): number | null {
  const scores = cells.flatMap((cell) => {
    const result = cell.scores[scorer];
    return result?.ok ? [result.score] : [];
  });
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** B − A on the first scorer; null when a side has no score, which is a failure and not a zero. */
export function changeOf(row: ComparisonRowBody, scorer: string): number | null {
  const a = meanScore(row.a, scorer);
  const b = meanScore(row.b, scorer);
  return a === null || b === null ? null : b - a;
}

/** The rows to show; regressions and improvements with the largest change first. */
export function rowsToShow(rows: ComparisonRowBody[], scorer: string, show: Show): ComparisonRowBody[] {
  if (show === 'all') return rows;
  const sign = show === 'regressions' ? -1 : 1;
  return rows
    .map((row) => ({ row, size: (changeOf(row, scorer) ?? 0) * sign }))
    .filter(({ size }) => size > 0)
    .sort((one, other) => other.size - one.size)
    .map(({ row }) => row);
}

/** The scorers that said nothing but 0 and 1 on these rows. */
export function yesNoScorers(rows: ComparisonRowBody[], scorers: string[]): ReadonlySet<string> {
  const isYesNo = (scorer: string) =>
    rows.every((row) =>
      [...row.a, ...row.b].every((cell) => {
        const result = cell.scores[scorer];
        return !result?.ok || result.score === 0 || result.score === 1;
      }),
    );
  return new Set(scorers.filter(isYesNo));
}
