import {
  createScorer,
  type NamedScorer,
  type Scorer,
  type ScoringWorld,
  scorerLabel,
  scorersMeant,
} from '../../eval/index.ts';
import type { SchemaChecker } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import type { Judgement, Metric } from '../metric.ts';

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

/**
 * Scorers by their names as labels, each once.
 * @throws WheelhouseError `invalid_request`
 */
export function labelsOf(
  scorers: readonly (string | NamedScorer)[],
  pin?: Parameters<typeof scorerLabel>[1],
): string[] {
  const labels = scorers.flatMap((scorer) => scorersMeant(scorer).map((one) => scorerLabel(one, pin)));
  if (labels.length === 0)
    throw new WheelhouseError('invalid_request', 'Nothing says how answers are judged.', {
      ...{ param: 'metric', hint: 'Give scorers by name, such as `exact`.' },
    });
  return [...new Set(labels)];
}

const sumOf = (costs: readonly (bigint | null)[]) =>
  costs.reduce((sum, cost) => (cost === null || sum === null ? null : sum + cost), 0n);

/** The mean of what scorers say; what they say of it is the feedback. `metadata` is that of the row with the input. */
export function namedMetric(
  labels: readonly string[],
  { world, checker, metadata }: { world: ScoringWorld; checker: SchemaChecker; metadata: WeakMap<object, JsonObject> },
): Metric<object, unknown> {
  const scorers: { label: string; score: Scorer }[] = labels.map((label) => ({
    ...{ label, score: createScorer(label, { checker }) },
  }));
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
