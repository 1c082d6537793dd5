import type { EvaluationBody, RequestBody } from '@wheelhouse/sdk';
import { knownScorers } from './scorer-choices.ts';

/** An evaluation as its form has it: what is not said is empty. */
export type EvaluationDraft = {
  name: string;
  dataset: string;
  /** Empty: the head, a changed draft is frozen first. */
  version: string;
  split: string;
  tag: string;
  first: string;
  /** The first is the baseline; empty ones are not chosen yet. */
  runs: string[];
  scorers: string[];
  /** Scorers with options, one in a line. */
  more: string;
  /** One in a line. */
  gates: string;
  repetitions: string;
  concurrency: string;
  cap: string;
};

export const newDraft: EvaluationDraft = {
  ...{ name: '', dataset: '', version: '', split: '', tag: '', first: '', runs: ['', ''] },
  ...{ scorers: ['exact', 'levenshtein'], more: '', gates: '', repetitions: '1', concurrency: '8', cap: '' },
};

/** What stands in each line of a field, without empty ones. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const wholeOf = (text: string, otherwise: number): number => Math.max(1, Math.round(Number(text)) || otherwise);

/** What starts it; null while something that it takes is missing. */
export function bodyOf(draft: EvaluationDraft): RequestBody<'createEvaluation'> | null {
  const { dataset, version, split, tag, first, cap } = draft;
  const runs = draft.runs.filter((ref) => ref !== '');
  const scorers = [...draft.scorers, ...linesOf(draft.more)];
  if (dataset === '' || runs.length === 0 || scorers.length === 0) return null;
  return {
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    dataset,
    ...(version === '' ? {} : { version: Number(version) }),
    rows: {
      ...(split === '' ? {} : { split }),
      ...(tag === '' ? {} : { tag }),
      ...(first === '' ? {} : { first: wholeOf(first, 1) }),
    },
    runs: runs.map((ref) => ({ ref })),
    scorers,
    gates: linesOf(draft.gates),
    repetitions: wholeOf(draft.repetitions, 1),
    concurrency: wholeOf(draft.concurrency, 8),
    ...(cap === '' ? {} : { cap }),
  };
}

const signs = { at_least: '>=', above: '>', at_most: '<=', below: '<' };
const usualRisk = 0.05;
const tidy = (amount: number) => String(Number(amount.toPrecision(12)));

function amountText({ measure, than }: Gate, amount: number): string {
  if (measure === 'latency') return `${tidy(amount)}s`;
  if (measure === 'cost') return `$${tidy(amount)}`;
  return `${tidy(amount * 100)}${than === 'baseline' ? 'pp' : '%'}`;
}

type Gate = EvaluationBody['gates'][number];

/** A gate as it is typed. */
export function gateText(gate: Gate): string {
  const { measure, statistic, direction, limit, than, risk } = gate;
  const shift = limit === 0 ? '' : ` ${limit < 0 ? '-' : '+'} ${amountText(gate, Math.abs(limit))}`;
  const right = than === 'baseline' ? `baseline${shift}` : amountText(gate, limit);
  const name = statistic === 'mean' ? measure : `${measure} ${statistic}`;
  return `${name} ${signs[direction]} ${right}${risk === usualRisk ? '' : ` (risk ${tidy(risk * 100)}%)`}`;
}

/** The same once more, over the same version. */
export function draftOf(evaluation: EvaluationBody): EvaluationDraft {
  const { name, dataset, datasetVersion, rows, runs, scorers, repetitions, concurrency, capNanoUsd } = evaluation;
  return {
    ...{ name, dataset, version: String(datasetVersion) },
    ...{ split: rows.split ?? '', tag: rows.tag ?? '', first: rows.first === null ? '' : String(rows.first) },
    runs: runs.map(({ ref }) => ref ?? ''),
    scorers: scorers.filter((scorer) => knownScorers.has(scorer)),
    more: scorers.filter((scorer) => !knownScorers.has(scorer)).join('\n'),
    gates: evaluation.gates.map(gateText).join('\n'),
    ...{ repetitions: String(repetitions), concurrency: String(concurrency) },
    cap: capNanoUsd === null ? '' : String(Number(capNanoUsd) / 1e9),
  };
}
