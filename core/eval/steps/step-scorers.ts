import { z } from 'zod';
import type { SchemaChecker } from '../../ports/index.ts';
import { canonicalJson, isJsonObject, type Json, spanKinds } from '../../records/index.ts';
import { isClose } from '../numeric.ts';
import { defineScorer, failed, type ScoringTarget, scored } from '../scorer-kind.ts';
import { type MatchMode, matchSteps } from './match-steps.ts';
import { type CalledTool, toolCallsIn, toolCallsOfSpans, toolCallsOfText } from './read-tool-calls.ts';

/** More steps are not matched: each is held against each. */
const mostSteps = 500;

const matching = {
  mode: z.enum(['strict', 'unordered', 'subset', 'superset']).default('strict'),
  /** The share that matches, in place of yes or no. */
  partial: z.boolean().default(false),
};

type Named = { name: string };
type Match<Expected, Actual> = {
  expected: readonly Expected[];
  actual: readonly Actual[];
  fits: (expected: Expected, actual: Actual) => boolean;
};

function compare<Expected extends Named, Actual extends Named>(
  { expected, actual, fits }: Match<Expected, Actual>,
  { mode, partial }: { mode: MatchMode; partial: boolean },
) {
  const most = Math.max(expected.length, actual.length);
  if (most > mostSteps) return failed(`${most} steps are too many to compare; the limit is ${mostSteps}`);
  const { isMatch, share, missing, extra } = matchSteps(expected, actual, { mode, fits });
  const named = (places: number[], of: readonly Named[]) => places.map((i) => of[i]?.name ?? '').join(', ');
  const told = [
    ...(missing.length > 0 && mode !== 'subset' ? [`missing: ${named(missing, expected)}`] : []),
    ...(extra.length > 0 && mode !== 'superset' ? [`not expected: ${named(extra, actual)}`] : []),
  ];
  const metadata = { expected: expected.map(({ name }) => name), actual: actual.map(({ name }) => name) };
  return scored(partial ? share : isMatch ? 1 : 0, told.length === 0 ? null : told.join('; '), { metadata });
}

type Tolerance = { relative: number; absolute: number };

/** Whether two values are equal but for numbers that are near enough. */
function isNear(a: Json, b: Json, tolerance: Tolerance): boolean {
  if (typeof a === 'number' && typeof b === 'number') return isClose(a, b, tolerance);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => isNear(one, b[i] ?? null, tolerance));
  if (!isJsonObject(a) || !isJsonObject(b)) return canonicalJson(a) === canonicalJson(b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isNear(a[key] ?? null, b[key] ?? null, tolerance))
  );
}

type ArgumentRule = { arguments: 'equal' | 'schema' | 'any' } & Tolerance;

const fitsCall =
  (rule: ArgumentRule, checker: SchemaChecker) =>
  (expected: CalledTool, actual: CalledTool): boolean => {
    if (expected.name !== actual.name) return false;
    if (rule.arguments === 'any') return true;
    if (rule.arguments === 'equal') return isNear(expected.arguments, actual.arguments, rule);
    return isJsonObject(expected.arguments) && checker.check(expected.arguments, actual.arguments) === null;
  };

async function actualCalls({ output, spans }: ScoringTarget, from: 'output' | 'trace'): Promise<CalledTool[] | null> {
  if (from === 'output') return toolCallsOfText(output);
  return spans === null ? null : toolCallsOfSpans(await spans());
}

/** Tools that were called against those that were to be: 1 when they match. */
const toolCalls = defineScorer(
  z.strictObject({
    ...matching,
    arguments: z.enum(['equal', 'schema', 'any']).default('equal'),
    relative: z.number().min(0).default(0),
    absolute: z.number().min(0).default(0),
    from: z.enum(['output', 'trace']).default('output'),
  }),
  ({ from, ...options }, { checker }) => {
    const fits = fitsCall(options, checker);
    return async (target) => {
      const expected = toolCallsIn(target.expected);
      if (expected === null) return failed('the expected value is not a list of `{name, arguments}`');
      const faulty = options.arguments === 'schema' && expected.find((call) => schemaFault(call, checker) !== null);
      if (faulty) return failed(`the schema of ${faulty.name} cannot be used: ${schemaFault(faulty, checker)}`);
      const actual = await actualCalls(target, from);
      if (actual === null) return failed('there is no trace to look at');
      return compare({ expected, actual, fits }, options);
    };
  },
);

const schemaFault = ({ arguments: schema }: CalledTool, checker: SchemaChecker): string | null =>
  isJsonObject(schema) ? checker.checkSchema(schema) : 'it is no object';

/** Names in a list of names or of things with a name; null: it is neither. */
function stepsIn(expected: Json): Named[] | null {
  if (!Array.isArray(expected)) return null;
  const names = expected.map((one) => (isJsonObject(one) ? one.name : one));
  return names.every((name) => typeof name === 'string') ? names.map((name) => ({ name: String(name) })) : null;
}

/** The steps of a trace, by name, against those that were to be taken: 1 when they match. */
const trajectory = defineScorer(
  z.strictObject({
    ...matching,
    /** Which spans are steps. */
    kinds: z.array(z.enum(spanKinds)).min(1).default(['tool', 'agent', 'retriever', 'reranker', 'guardrail']),
  }),
  ({ kinds, ...options }) =>
    async ({ expected: given, spans }) => {
      const expected = stepsIn(given);
      if (expected === null) return failed('the expected value is not a list of names of steps');
      if (spans === null) return failed('there is no trace to look at');
      const isStep = new Set<string>(kinds);
      const actual = (await spans())
        .filter(({ kind }) => isStep.has(kind))
        .map(({ toolCall, name }) => ({ name: toolCall?.name ?? name }));
      return compare({ expected, actual, fits: (wanted, taken) => wanted.name === taken.name }, options);
    },
);

export const stepKinds = { tool_calls: toolCalls, trajectory };
