import type { EvaluationBody } from '@wheelhouse/sdk';
import { verdictWords } from '../eval/report.ts';
import { measureFormat } from '../output/measures.ts';

/** A version at the server where it was read. */
export type Origin = { server: string; model: string; version: number; hash: string };

/** What an evaluation found of a version, in a line: its score, the verdict against the baseline, its gates. */
export function evaluationLine(
  { runs, results, summaries, scorers, gateResults, dataset, datasetVersion }: EvaluationBody,
  { model, version }: Pick<Origin, 'model' | 'version'>,
): string {
  const run = runs.find((one) => one.model === model && one.version === version);
  const scorer = scorers[0] ?? '';
  const isMain = (one: { runId: string; measure: string }) => one.runId === run?.id && one.measure === scorer;
  const result = results.find(isMain);
  const { mean } = measureFormat(scorer, []);
  const against = result ? `, ${verdictWords[result.verdict]} against ${runs[0]?.label} (${mean(result.meanA)})` : '';
  const gates = gateResults.filter(({ runId }) => runId === run?.id);
  const held = gates.filter(({ state }) => state === 'held').length;
  const gated = gates.length === 0 ? '' : `; ${held} of ${gates.length} gates held`;
  const own = mean(summaries.find(isMain)?.mean ?? null);
  return `${dataset}@${datasetVersion}: ${scorer} ${own}${against}${gated}`;
}

export type Evaluated = { id: string; line: string; url: string };

/** Where a version is from and what was found of it there, for whoever meets it elsewhere. */
export function provenance({ server, model, version, hash }: Origin, evaluated: Evaluated | null): string {
  const from = `From ${server}: ${model}@${version}, ${hash.slice(0, 12)}.`;
  return evaluated === null ? from : `${from}\nEvaluated there on ${evaluated.line}. ${evaluated.url}`;
}

const longest = 1000;

/** Why a version was made, then where it is from; what is too long is cut in the first. */
export function messageWith(message: string, origin: string): string {
  const whole = message === '' ? origin : `${message}\n\n${origin}`;
  if (whole.length <= longest) return whole;
  const kept = message.slice(0, Math.max(0, longest - origin.length - 3)).replace(/[\ud800-\udbff]$/, '');
  return `${kept}…\n\n${origin}`.slice(0, longest);
}
