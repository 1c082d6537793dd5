import { measureFormat } from '../output/measures.ts';
import { cut, plain } from '../output/text.ts';
import { inputText } from './input-text.ts';
import { lettered, type Report, scoresOf, verdictWords } from './report.ts';

/** Text of others inside of a table: nothing of it is markup. */
const cell = (text: string) => plain(text).replace(/[\\`*_{}[\]<>|#!~@]/g, (char) => `\\${char}`);
const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  rows.length === 0 ? [] : [row(head), row(head.map(() => '---')), ...rows.map(row), ''];

const marks = { held: '✓ held', failed: '✕ failed', inconclusive: '… inconclusive' } as const;

/** A comment for a pull request: verdicts, gates and the worst rows of one evaluation. */
export function markdown({ evaluation, worse, url }: Report): string {
  const { name, id, runs, results, summaries, gateResults, dataset, datasetVersion, status, error } = evaluation;
  const title = `### ${cell(name || id)}`;
  const about = `${cell(dataset)} v${datasetVersion}${status === 'completed' ? '' : ` · ${status}${error ? `: ${cell(error)}` : ''}`}`;
  const single = summaries
    .filter(({ measure, mean }) => runs.length === 1 && !(measure === 'errors' && mean === 0))
    .map(({ measure, mean, low, high }) => {
      const format = measureFormat(measure, [mean]);
      return [
        cell(measure),
        format.mean(mean),
        low === null || high === null ? '–' : `${format.mean(low)} … ${format.mean(high)}`,
      ];
    });
  const compared = runs.slice(1).flatMap((run, at) =>
    table(
      ['', cell(lettered(runs, 0)), cell(lettered(runs, at + 1)), 'change', 'interval', ''],
      results
        .filter(({ runId }) => runId === run.id)
        .map(({ measure, meanA, meanB, difference, low, high, verdict }) => {
          const format = measureFormat(measure, [meanA, meanB]);
          const numbers = [
            format.mean(meanA),
            format.mean(meanB),
            format.change(difference),
            format.interval(low, high),
          ];
          return [cell(measure), ...numbers, verdictWords[verdict]];
        }),
    ),
  );
  const gates = table(
    ['gate', '', ''],
    gateResults.map(({ text, state, sentence }) => [cell(text), marks[state], cell(sentence)]),
  );
  const rows = table(
    ['worse', 'A', 'B'],
    runs.length === 2
      ? worse.rows.map((one) => [cell(cut(inputText(one.input), 60)), ...scoresOf(one, evaluation)])
      : [],
  );
  const link = url === null ? [] : [`[${id}](${url}/x/${id})`, ''];
  return [
    title,
    '',
    about,
    '',
    ...table(['', cell(lettered(runs, 0)), '95 % interval'], single),
    ...compared,
    ...gates,
    ...rows,
    ...link,
  ].join('\n');
}
