import type { ComparisonBody, PairedResultBody } from '@wheelhouse/sdk';
import type { Gate, GateState } from '../gate.ts';
import { inputText, type WorseRow } from '../worst-rows.ts';
import { measureFormat } from './measures.ts';
import type { Style } from './style.ts';
import { type CellText, renderTable } from './table.ts';
import { cut, padEnd, plain } from './text.ts';

export type Report = {
  comparison: ComparisonBody;
  worse: WorseRow[];
  gates: { gate: Gate; state: GateState }[];
  url: string;
};

const verdictWords = {
  better: 'better',
  worse: 'worse',
  no_clear_difference: 'no clear difference',
  not_enough_data: 'not enough data',
} as const;

function verdictPaint(verdict: PairedResultBody['verdict'], style: Style) {
  if (verdict === 'better') return style.green;
  return verdict === 'worse' ? style.red : style.dim;
}

function resultRow(result: PairedResultBody, style: Style): (string | CellText)[] {
  const { mean, change, interval } = measureFormat(result.measure, [result.meanA, result.meanB]);
  return [
    result.measure,
    mean(result.meanA),
    mean(result.meanB),
    change(result.difference),
    interval(result.low, result.high),
    { text: verdictWords[result.verdict], paint: verdictPaint(result.verdict, style) },
  ];
}

function countLines(main: PairedResultBody, erased: number): string[] {
  const counts = `  ${main.measure}: ${main.wins} rows better, ${main.losses} worse, ${main.ties} same`;
  const failed = main.failuresA + main.failuresB > 0;
  return [
    counts,
    ...(failed ? [`  without a score: A ${main.failuresA}, B ${main.failuresB}`] : []),
    ...(erased > 0 ? [`  left out: ${erased} whose content was erased with its trace`] : []),
  ];
}

const shownWorse = 3;

function worseLines(worse: WorseRow[], style: Style): string[] {
  const lines = worse.slice(0, shownWorse).map(({ exampleId, input, a, b }) => {
    const text = padEnd(cut(plain(inputText(input)), 30), 30);
    return `  ${style.red('worse')}  ${exampleId}  ${text}  ${a.toFixed(2)} → ${b.toFixed(2)}`;
  });
  return worse.length > shownWorse ? [...lines, `         … ${worse.length - shownWorse} more`] : lines;
}

function gateLines(gates: Report['gates'], style: Style): string[] {
  const paint = { held: style.green, failed: style.red, inconclusive: style.yellow } as const;
  return gates.map(({ gate, state }) => `  gate  ${gate.text.replace('>=', '≥')}   ${paint[state](state)}`);
}

/** What to do now: release a better version, ask again for more evidence, or look at the rows. */
function nextLine({ comparison, url }: Report): string {
  const verdict = comparison.results[0]?.verdict;
  if (verdict === 'better' && comparison.b.version !== null) {
    return `  next  move an alias to ${comparison.b.model}@${comparison.b.version}: ${url}/models/${comparison.b.model}`;
  }
  if (verdict === 'no_clear_difference') {
    const { dataset, a, b, repetitions } = comparison;
    return `  next  wheelhouse eval ${dataset} --a ${a.ref} --b ${b.ref} --repeat ${repetitions * 3}`;
  }
  if (verdict === 'not_enough_data')
    return `  next  add examples to ${comparison.dataset}: ${url}/datasets/${comparison.dataset}`;
  return `  next  read the rows that got worse: ${url}/x/${comparison.id}`;
}

/** The table, the counts, the worst rows, the gates, one link and one next step. */
export function comparisonReport(report: Report, style: Style): string {
  const { comparison, worse, gates, url } = report;
  const [main] = comparison.results;
  const confidence = Math.round((main?.confidence ?? 0.95) * 100);
  const bold = (text: string): CellText => ({ text, paint: style.bold });
  const table = renderTable(
    [
      [
        '',
        bold(`A ${cut(comparison.a.ref, 24)}`),
        bold(`B ${cut(comparison.b.ref, 24)}`),
        'change',
        `${confidence} % interval`,
        '',
      ],
      ...comparison.results.map((result) => resultRow(result, style)),
    ],
    ['left', 'right', 'right', 'right', 'left', 'left'],
  );
  const blocks = [
    table,
    main ? countLines(main, comparison.erased) : [],
    worseLines(worse, style),
    gateLines(gates, style),
    [`  → ${style.cyan(`${url}/x/${comparison.id}`)}`, nextLine(report)],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}
