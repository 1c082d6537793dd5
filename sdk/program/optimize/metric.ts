import { createScorer, type Scorer, type ScoringWorld, scorerLabel, scorersMeant } from '@wheelhouse/core/eval';
import type { Judgement, Metric } from '@wheelhouse/core/optimize';
import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { valueChecker } from '../../model/index.ts';
import type { OptimizationDefinition } from './definition.ts';

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What is compared with what: the outputs that the expected value names, or else the last one. */
export function comparedOf(output: unknown, expected: Json): { output: string; expected: Json } {
  if (!isJsonObject(output as Json)) return { output: textOf(output as Json), expected };
  const values = output as JsonObject;
  const names = isJsonObject(expected) ? Object.keys(expected).filter((name) => Object.hasOwn(values, name)) : [];
  const [only] = names;
  if (only !== undefined && names.length === 1)
    return { output: textOf(values[only] ?? null), expected: (expected as JsonObject)[only] ?? null };
  if (names.length > 1) {
    const picked = (from: JsonObject) => Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
    return { output: JSON.stringify(picked(values)), expected: picked(expected as JsonObject) };
  }
  return { output: textOf(Object.values(values).at(-1) ?? null), expected };
}

type Named = string | { name: string; options?: Record<string, unknown> | undefined };

/** @throws WheelhouseError `invalid_request` */
function scorersOf(names: readonly Named[]): { label: string; score: Scorer }[] {
  const labels = names.flatMap((named) => {
    const scorer =
      typeof named === 'string' ? named : { name: named.name, options: (named.options ?? {}) as JsonObject };
    return scorersMeant(scorer).map((one) => scorerLabel(one));
  });
  const code = labels.find((label) => /^code\b/.test(label));
  if (labels.length === 0 || code !== undefined)
    throw new WheelhouseError(
      'invalid_request',
      code === undefined ? 'Nothing says how answers are judged.' : 'The scorer `code` runs in the server only.',
      { param: 'metric', hint: 'Give a function, or scorers by name, such as `exact`.' },
    );
  return labels.map((label) => ({ label, score: createScorer(label, { checker: valueChecker }) }));
}

const noSandbox: ScoringWorld['sandbox'] = { run: () => Promise.reject(new Error('There is no sandbox here.')) };
const sumOf = (costs: readonly (bigint | null)[]) =>
  costs.reduce((sum, cost) => (cost === null || sum === null ? null : sum + cost), 0n);

/** What the definition measures by, as the compiler takes it. @throws WheelhouseError `invalid_request` */
export function metricOf(
  { metric }: Pick<OptimizationDefinition<never, never>, 'metric'>,
  {
    metadata,
    ...asked
  }: Pick<ScoringWorld, 'runner' | 'embedder' | 'signal'> & { metadata: WeakMap<object, JsonObject> },
): Metric<object, unknown> {
  if (typeof metric === 'function')
    return (answered) => metric({ ...answered, metadata: metadata.get(answered.input) ?? {} } as never);
  const scorers = scorersOf((Array.isArray(metric) ? metric : [metric]) as Named[]);
  const world: ScoringWorld = { ...asked, sandbox: noSandbox };
  return async ({ input, output: whole, expected: wanted = null, calls }): Promise<Judgement> => {
    const { output, expected } = comparedOf(whole, wanted);
    const asks = calls.flatMap(({ asks: own }) => own);
    const target = {
      ...{ input: input as Json, output, expected, metadata: metadata.get(input) ?? {}, spans: null },
      latencyNs: asks.reduce((sum, { latencyNs }) => sum + latencyNs, 0n),
      costNanoUsd: sumOf(asks.map(({ costNanoUsd }) => costNanoUsd)),
    };
    let sum = 0;
    const said: string[] = [];
    for (const { label, score } of scorers) {
      const result = await score(target, world);
      if (!result.ok) throw new Error(`${label}: ${result.error}`);
      if (result.score === null) throw new Error(`${label} gives no score`);
      sum += result.score;
      said.push([`${label}: ${result.score}`, result.reason, result.feedback].filter(Boolean).join('. '));
    }
    const score = sum / scorers.length;
    const told = score < 1 && expected !== null ? [`Expected: ${textOf(expected)}`, `Got: ${output}`] : [];
    return { score, feedback: [...said, ...told].join('\n') };
  };
}
