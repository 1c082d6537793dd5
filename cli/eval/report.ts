import type { EvaluationBody, EvaluationRowBody, PairedResultBody, RunBody } from '@wheelhouse/sdk';
import { measureFormat } from '../output/measures.ts';
import type { Style } from '../output/style.ts';
import { type CellText, renderTable } from '../output/table.ts';
import { cut, padEnd, plain } from '../output/text.ts';
import { inputText } from './input-text.ts';

/** A finished evaluation and what of its rows a report shows. */
export type Report = {
  evaluation: EvaluationBody;
  /** Rows of the first scorer that got worse, the worst first, and how many there are. */
  worse: { rows: EvaluationRowBody[]; count: number };
  /** Null where it is gone when the command has ended. */
  url: string | null;
  /** How to ask for more, as it was asked for. */
  again: string;
};

type Measures = EvaluationBody['summaries'];

export const verdictWords = {
  better: 'better',
  worse: 'worse',
  no_clear_difference: 'no clear difference',
  not_enough_data: 'not enough data',
} as const;

const letters = 'ABCDEFGHIJ';
export const lettered = (runs: readonly RunBody[], at: number): string =>
  `${letters[at]} ${cut(runs[at]?.label ?? '', 24)}`;

function verdictPaint(verdict: PairedResultBody['verdict'], style: Style) {
  if (verdict === 'better') return style.green;
  return verdict === 'worse' ? style.red : style.dim;
}

/** One measure of B against A. */
export function resultCells(result: Omit<PairedResultBody, 'runId'>, style: Style): (string | CellText)[] {
  const { mean, change, interval } = measureFormat(result.measure, [result.meanA, result.meanB]);
  return [
    cut(result.measure, 30),
    mean(result.meanA),
    mean(result.meanB),
    change(result.difference),
    interval(result.low, result.high),
    { text: verdictWords[result.verdict], paint: verdictPaint(result.verdict, style) },
  ];
}

/** One candidate against the baseline. */
function comparisonTable({ runs, results }: EvaluationBody, at: number, style: Style): string[] {
  const own = results.filter(({ runId, meanA, meanB, measure }) => {
    const isUnknown = meanA === null && meanB === null && measure === 'cost';
    return runId === runs[at]?.id && !isUnknown;
  });
  const confidence = Math.round((own[0]?.confidence ?? 0.95) * 100);
  const bold = (text: string): CellText => ({ text, paint: style.bold });
  return renderTable(
    [
      ['', bold(lettered(runs, 0)), bold(lettered(runs, at)), 'change', `${confidence} % interval`, ''],
      ...own.map((result) => resultCells(result, style)),
    ],
    ['left', 'right', 'right', 'right', 'left', 'left'],
  );
}

function ownMeasures(summaries: Measures, runId: string | undefined): Measures {
  const says = ({ measure, mean }: Measures[number]) =>
    measure === 'errors' ? mean !== 0 : !(measure === 'cost' && mean === null);
  return summaries.filter((one) => one.runId === runId && says(one));
}

/** A run that is compared with nothing. */
function singleTable({ runs, summaries }: EvaluationBody, style: Style): string[] {
  const rows = ownMeasures(summaries, runs[0]?.id).map(({ measure, mean, low, high, failures, labels }) => {
    const format = measureFormat(measure, [mean]);
    const named = Object.entries(labels).map(([label, count]) => `${label} ${count}`);
    const interval = low === null || high === null ? '–' : `${format.mean(low)} … ${format.mean(high)}`;
    const without = failures === 0 || measure === 'errors' ? '' : `${failures} without`;
    return [cut(measure, 30), mean === null ? named.join(', ') || '–' : format.mean(mean), interval, without];
  });
  const head = [{ text: '', paint: style.bold }, { text: lettered(runs, 0), paint: style.bold }, '95 % interval', ''];
  return renderTable([head, ...rows], ['left', 'right', 'left', 'left']);
}

function countLines({ runs, results, scorers, summaries, erased, failed, cached, done }: EvaluationBody): string[] {
  const main = results.find(({ measure }) => measure === scorers[0]);
  const failures = summaries.filter(({ measure, failures: count }) => measure === scorers[0] && count > 0);
  const without = failures.map(({ runId, failures: count }) => {
    const at = runs.findIndex(({ id }) => id === runId);
    return `${letters[at]} ${count}`;
  });
  return [
    ...(main && runs.length === 2
      ? [`  ${main.measure}: ${main.wins} rows better, ${main.losses} worse, ${main.ties} same`]
      : []),
    ...(main && runs.length === 2 ? [`  ${main.sentence}`] : []),
    ...(without.length > 0 ? [`  without a score: ${without.join(', ')}`] : []),
    ...(failed > 0 ? [`  calls that failed: ${failed} of ${done}`] : []),
    ...(cached > 0 ? [`  answers taken from earlier: ${cached} of ${done}`] : []),
    ...(erased > 0 ? [`  left out: ${erased} whose content was erased with its trace`] : []),
  ];
}

function meanScore(row: EvaluationRowBody, runId: string | undefined, scorer: string | undefined): string {
  const scores = (row.cells[runId ?? ''] ?? []).flatMap(({ scores: { [scorer ?? '']: result } }) =>
    result?.ok && result.score !== null ? [result.score] : [],
  );
  return scores.length === 0 ? '–' : (scores.reduce((sum, score) => sum + score, 0) / scores.length).toFixed(2);
}

/** The baseline's score and the candidate's on a row that got worse. */
export const scoresOf = (row: EvaluationRowBody, { runs, scorers }: EvaluationBody): [string, string] => [
  meanScore(row, runs[0]?.id, scorers[0]),
  meanScore(row, runs[1]?.id, scorers[0]),
];

function worseLines({ evaluation, worse }: Report, style: Style): string[] {
  if (evaluation.runs.length !== 2) return [];
  const lines = worse.rows.map((row) => {
    const [a, b] = scoresOf(row, evaluation);
    const text = padEnd(cut(plain(inputText(row.input)), 30), 30);
    return `  ${style.red('worse')}  ${row.exampleId}  ${text}  ${a} → ${b}`;
  });
  const rest = worse.count - worse.rows.length;
  return rest > 0 ? [...lines, `         … ${rest} more: wheelhouse eval show ${evaluation.id} --worse`] : lines;
}

function gateLines({ gateResults, runs }: EvaluationBody, style: Style): string[] {
  const paint = { held: style.green, failed: style.red, inconclusive: style.yellow } as const;
  return gateResults.flatMap(({ text, state, sentence, runId }) => {
    const whose =
      runs.length > 2
        ? `  ${lettered(
            runs,
            runs.findIndex(({ id }) => id === runId),
          )}`
        : '';
    return [`  gate  ${text}${whose}   ${paint[state](state)}`, `        ${style.dim(sentence)}`];
  });
}

/** What to do now: release a better version, ask again for more evidence, or look at the rows. */
function nextLine({ evaluation, url, again }: Report): string {
  const { results, runs, scorers, repetitions, dataset } = evaluation;
  const main = results.find(({ measure }) => measure === scorers[0]);
  const b = runs[1];
  if (main?.verdict === 'better' && b?.version != null)
    return `  next  wheelhouse model move ${b.model}@production ${b.version}`;
  if (main?.verdict === 'no_clear_difference') return `  next  ${again} --repeat ${repetitions * 3}`;
  if (main?.verdict === 'not_enough_data') return `  next  add examples: wheelhouse dataset add ${dataset}`;
  if (url === null) return '  next  wheelhouse start, to look at every row';
  return `  next  wheelhouse eval show ${evaluation.id}`;
}

/** The tables, the counts, the worst rows, the gates, one link and one next step. */
export function evaluationReport(report: Report, style: Style): string {
  const { evaluation, url } = report;
  const { runs } = evaluation;
  const tables =
    runs.length === 1
      ? [singleTable(evaluation, style)]
      : runs.slice(1).map((_, at) => comparisonTable(evaluation, at + 1, style));
  const link = url === null ? [] : [`  → ${style.cyan(`${url}/x/${evaluation.id}`)}`];
  const blocks = [
    ...tables,
    countLines(evaluation),
    worseLines(report, style),
    gateLines(evaluation, style),
    [...link, nextLine(report)],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}
