import type { CandidateChange, CompileReport, Demo, Optimized, Spent } from '@wheelhouse/sdk/program';
import { resultCells } from '../eval/report.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Style } from '../output/style.ts';
import { type CellText, renderTable } from '../output/table.ts';
import { cut, plain } from '../output/text.ts';
import { spentText } from './progress.ts';

/** A finished optimization, and what can be done with it. */
export type Outcome = { optimized: Optimized; next: string };

const shownLines = 12;
const columns = 76;

/** What went, then what came, of texts line by line. */
function textChange(before: unknown, after: unknown, style: Style): string[] {
  const linesOf = (value: unknown): string[] => {
    const text = typeof value === 'string' ? value : value == null ? '' : JSON.stringify(value);
    return text.split('\n').map(plain).filter(Boolean);
  };
  const [was, is] = [linesOf(before), linesOf(after)];
  const marked = (lines: string[], others: string[], mark: string, paint: (text: string) => string) => {
    const own = lines.filter((line) => !others.includes(line));
    const rest = own.length - shownLines;
    const shown = rest > 0 ? [...own.slice(0, shownLines), `… ${rest} more ${rest === 1 ? 'line' : 'lines'}`] : own;
    return shown.map((line) => paint(`${mark} ${cut(line, columns - 2)}`));
  };
  return [...marked(was, is, '−', style.red), ...marked(is, was, '+', style.green)];
}

function memberText({ member, before, after }: CandidateChange, style: Style): string[] {
  if (member !== 'demos') return textChange(before, after, style);
  const [was, is] = [before, after].map((demos) => (demos ?? []) as unknown as Demo[]);
  const made = is?.filter(({ augmented }) => augmented === true).length ?? 0;
  return [`${was?.length ?? 0} → ${is?.length ?? 0} examples${made > 0 ? `, ${made} of them made by runs` : ''}`];
}

/** What the search came to; where it is not known to be better, it says that the program stays as it was. */
function changeLines({ changes, report }: Optimized, style: Style): string[] {
  const shown = changes.flatMap((change) => {
    const place = `${change.path === '' ? '' : `${change.path} `}${change.member}`;
    return [`  ${style.bold(place)}`, ...memberText(change, style).map((line) => `    ${line}`)];
  });
  if (shown.length === 0 || report.verdict === 'gain') return shown;
  return [`  ${style.dim('the best that was tried, which is not taken over')}`, ...shown];
}

/** The budget's end is no fault, unless nothing could be said by then. */
export function exitOf({ verdict, stopped }: Pick<CompileReport, 'verdict' | 'stopped'>): ExitCode {
  if (stopped.reason === 'called_off') return exitCodes.stopped;
  if (stopped.reason === 'failing' || stopped.reason === 'price_unknown') return exitCodes.failed;
  return stopped.reason === 'budget' && verdict === 'not_compared' ? exitCodes.budget : exitCodes.done;
}

/** Of a row, in and out together. */
export function tokensOf({ tokens }: Pick<Spent, 'tokens'>, rows: number): string {
  return tokens === null || rows === 0 ? '–' : `${Math.round((tokens.input + tokens.output) / rows)}`;
}

function comparisonLines({ comparison, before, after, rows }: CompileReport, style: Style): string[] {
  if (comparison === null || after === null) return [];
  const bold = (text: string): CellText => ({ text, paint: style.bold });
  const shown = comparison.filter(({ measure, meanA, meanB }) => measure !== 'cost' || meanA !== 0 || meanB !== 0);
  const confidence = Math.round((comparison[0]?.confidence ?? 0.95) * 100);
  const tokens = [tokensOf(before.spent, before.rows), tokensOf(after.spent, after.rows)] as const;
  return renderTable(
    [
      [
        `${rows.compared} held-out rows`,
        bold('A as it is'),
        bold('B compiled'),
        'change',
        `${confidence} % interval`,
        '',
      ],
      ...shown.map((result) => resultCells(result, style)),
      ['tokens/row', ...tokens, '', '', ''],
    ],
    ['left', 'right', 'right', 'right', 'left', 'left'],
  );
}

function failureLines({ failures: { answer, call, metric, first } }: CompileReport): string[] {
  const counts = [
    answer > 0 ? `answers that could not be read: ${answer}` : '',
    call > 0 ? `calls that failed: ${call}` : '',
    metric > 0 ? `answers that the metric said nothing of: ${metric}` : '',
  ].filter(Boolean);
  return counts.length === 0 ? [] : [`  ${counts.join(' · ')}`, `  the first: ${cut(plain(first ?? ''), 68)}`];
}

/** The comparison on rows that no search has seen, what was changed, what it took, and one next step. */
export function optimizationReport({ optimized, next }: Outcome, style: Style): string {
  const { report } = optimized;
  const { verdict, sentence, candidates, spent, rows } = report;
  const paint = verdict === 'gain' ? style.green : verdict === 'no_gain' ? style.yellow : style.dim;
  const mark = verdict === 'gain' ? '✓' : verdict === 'no_gain' ? '■' : '–';
  const overlapping =
    rows.overlapping > 0 ? [`  left out of the search, as they are held out too: ${rows.overlapping} rows`] : [];
  const blocks = [
    comparisonLines(report, style),
    [`  ${paint(mark)} ${sentence}`],
    changeLines(optimized, style),
    [
      `  tried ${candidates.length} ${candidates.length === 1 ? 'candidate' : 'candidates'}  ${spentText(spent.total)}  (${spent.comparison.calls} calls for the comparison)`,
      ...overlapping,
      ...failureLines(report),
    ],
    [`  next  ${next}`],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}
