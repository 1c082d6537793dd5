import { z } from 'zod';
import type { SchemaChecker } from '../ports/index.ts';
import {
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  type ScorerResult,
  WheelhouseError,
} from '../records/index.ts';
import { codeScorer } from './code-scorer.ts';
import { editDistance } from './edit-distance.ts';
import { embeddingSimilarity } from './embedding-similarity.ts';
import { jsonDiff } from './json-diff.ts';
import { gEvalJudge } from './judges/g-eval.ts';
import { referenceJudge, rubricJudge } from './judges/grading.ts';
import type { JudgeKind } from './judges/judge-options.ts';
import { modelJudge } from './judges/model-judge.ts';
import { pairwiseJudge } from './judges/pairwise.ts';
import { panelJudge } from './judges/panel.ts';
import { answerRelevanceJudge, contextPrecisionJudge, contextRecallJudge, faithfulnessJudge } from './judges/rag.ts';
import { type LinearRegex, linearRegex } from './linear-regex.ts';
import { numericKind } from './numeric.ts';
import { retrievalKinds } from './retrieval/retrieval-scorers.ts';
import { defineComparing, failed, type Scorer, type ScorerKind, scored } from './scorer-kind.ts';
import { stepKinds } from './steps/step-scorers.ts';
import { qualityKinds } from './text-quality.ts';
import { textKinds } from './text-scorers.ts';
import { limitKinds } from './within-limits.ts';

/** Longest text that is compared letter by letter, in code points. */
const longest = 20_000;

/** A scorer is named by its options, too, on pages and in terminals. */
const longestLabel = 4_000;

/** undefined: it is not JSON. */
function parsed(output: string): Json | undefined {
  try {
    return JSON.parse(output) as Json;
  } catch {
    return undefined;
  }
}

const notJson = scored(0, 'the output is not JSON');

/** 1 when the texts are equal but for white space at the ends, or, where JSON is expected, when the values are equal. */
const exact = defineComparing(z.strictObject({ ignoreCase: z.boolean().default(false) }), ({ ignoreCase }) => {
  const folded = (text: string) => (ignoreCase ? text.trim().toLowerCase() : text.trim());
  return (output, expected) => {
    if (typeof expected === 'string') return scored(folded(output) === folded(expected) ? 1 : 0);
    const actual = parsed(output);
    return actual === undefined ? notJson : scored(canonicalJson(actual) === canonicalJson(expected) ? 1 : 0);
  };
});

/** 1 − edit distance ÷ length of the longer text, over Unicode code points; JSON is compared in canonical text. */
const levenshtein = defineComparing(z.strictObject({}), () => (output, expected) => {
  const isText = typeof expected === 'string';
  const value = isText ? undefined : parsed(output);
  const wanted = [...(isText ? expected.trim() : canonicalJson(expected))];
  const actual = [...(value === undefined ? output.trim() : canonicalJson(value))];
  const length = Math.max(wanted.length, actual.length);
  if (length > longest) return failed(`a text of ${length} characters is too long to compare; the limit is ${longest}`);
  return scored(length === 0 ? 1 : 1 - editDistance(wanted, actual) / length);
});

/** The texts to find; null where the expected value names none. */
function textsOf(expected: Json): string[] | null {
  const texts = (Array.isArray(expected) ? expected : [expected]).map((one) =>
    typeof one === 'number' || typeof one === 'boolean' ? String(one) : one,
  );
  return texts.length > 0 && texts.every((text) => typeof text === 'string' && text !== '')
    ? (texts as string[])
    : null;
}

/** 1 when the output has all of the texts, or any of them. */
const contains = defineComparing(
  z.strictObject({
    values: z.array(z.string().min(1)).min(1).optional(),
    need: z.enum(['all', 'any']).default('all'),
    ignoreCase: z.boolean().default(false),
  }),
  ({ values, need, ignoreCase }) => {
    const folded = (text: string) => (ignoreCase ? text.toLowerCase() : text);
    return (output, expected) => {
      const texts = values ?? textsOf(expected);
      if (!texts) return failed('the expected value is neither a text to find nor a list of them');
      const missing = texts.filter((text) => !folded(output).includes(folded(text)));
      if (missing.length === 0 || (need === 'any' && missing.length < texts.length)) return scored(1);
      return scored(0, `it lacks ${missing.map((text) => JSON.stringify(text)).join(', ')}`);
    };
  },
  'values',
);

function matched(expression: LinearRegex | string, output: string): ScorerResult {
  if (typeof expression === 'string') return failed(`the pattern cannot be used: ${expression}`);
  const found = expression.test(output);
  return found === null ? failed('the output is too long for this pattern') : scored(found ? 1 : 0);
}

/** 1 when the pattern occurs in the output. */
const regex = defineComparing(
  z.strictObject({
    pattern: z.string().optional(),
    flags: z.array(z.enum(['i', 'm', 's'])).default([]),
  }),
  ({ pattern, flags }) => {
    const given = pattern === undefined ? undefined : linearRegex(pattern, flags);
    if (typeof given === 'string') return `the pattern cannot be used: ${given}`;
    const known = new Map<string, LinearRegex | string>();
    return (output, expected) => {
      if (given !== undefined) return matched(given, output);
      if (typeof expected !== 'string') return failed('the expected value is no pattern');
      const expression = known.get(expected) ?? linearRegex(expected, flags);
      if (known.size < 100) known.set(expected, expression);
      return matched(expression, output);
    };
  },
  'pattern',
);

/** 1 when the output is JSON that fits the schema. */
const jsonSchema = defineComparing(
  z.strictObject({ schema: z.record(z.string(), z.unknown()).optional() }),
  ({ schema }, { checker }) => {
    const problem = schema && checker.checkSchema(schema);
    if (problem) return `the schema cannot be used: ${problem}`;
    return (output, expected) => {
      const wanted = schema ?? expected;
      if (!isJsonObject(wanted)) return failed('the expected value is no JSON Schema');
      const fault = schema ? null : checker.checkSchema(wanted);
      if (fault !== null) return failed(`the schema cannot be used: ${fault}`);
      const actual = parsed(output);
      if (actual === undefined) return notJson;
      const misfit = checker.check(wanted, actual);
      return scored(misfit === null ? 1 : 0, misfit);
    };
  },
  'schema',
);

const shownDifferences = 5;

/** Share of the places of both values, leaf by leaf, that are equal. */
const jsonDifference = defineComparing(
  z.strictObject({ ignore: z.array(z.string().min(1)).default([]) }),
  ({ ignore }) =>
    (output, expected) => {
      const actual = parsed(output);
      if (actual === undefined) return notJson;
      const { leaves, equal, differences } = jsonDiff(actual, expected, ignore);
      if (differences.length === 0) return scored(1);
      const more = differences.length - shownDifferences;
      const reasons = differences.slice(0, shownDifferences).join('; ');
      return scored(equal / leaves, more > 0 ? `${reasons}; and ${more} more` : reasons);
    },
);

/** Judges: they ask models, and their labels have the hash of their prompts. */
const judgeKinds = {
  judge_rubric: rubricJudge,
  judge_reference: referenceJudge,
  judge_pairwise: pairwiseJudge,
  judge_g_eval: gEvalJudge,
  judge_panel: panelJudge,
  faithfulness: faithfulnessJudge,
  answer_relevance: answerRelevanceJudge,
  context_precision: contextPrecisionJudge,
  context_recall: contextRecallJudge,
} satisfies Record<string, JudgeKind>;

/** Every scorer, by name; what its options leave out is taken from the expected value of each example. */
const kinds = {
  exact,
  contains,
  regex,
  numeric: numericKind,
  json_schema: jsonSchema,
  json_diff: jsonDifference,
  levenshtein,
  ...textKinds,
  ...qualityKinds,
  embedding_similarity: embeddingSimilarity,
  ...retrievalKinds,
  ...stepKinds,
  ...limitKinds,
  code: codeScorer,
  judge_model: modelJudge,
  ...judgeKinds,
} satisfies Record<string, ScorerKind>;

export type ScorerName = keyof typeof kinds;
export const scorerNames = Object.keys(kinds) as ScorerName[];

const isScorerName = (name: string): name is ScorerName => Object.hasOwn(kinds, name);

function invalid(message: string): WheelhouseError {
  return new WheelhouseError('invalid_request', message, {
    param: 'scorers',
    hint: `Scorers are ${scorerNames.join(', ')}; options follow as JSON: \`bleu {"tokenize":"char"}\`.`,
  });
}

/** As a body of the API has it: the options are JSON. */
export type NamedScorer = { name: string; options: JsonObject };

/** Reads `bleu` and `bleu {"tokenize":"char"}`. */
function readScorer(text: string): NamedScorer {
  const [, name = '', given] = /^\s*([a-z][\w]*)\s*(\{[\s\S]*\})?\s*$/.exec(text) ?? [];
  const options = given === undefined ? {} : parsed(given);
  if (!name || !isJsonObject(options)) throw invalid(`\`${text}\` is not a scorer.`);
  return { name, options };
}

type PinModel = (ref: string) => string;

/** Options that name models. */
const modelOptions = ['model', 'models', 'embedder'];

/** Whether a scorer may call models: its options name one. */
export const asksModels = (label: string): boolean =>
  Object.keys(readScorer(label).options).some((key) => modelOptions.includes(key));

/** With the models that are named made fast, and, of a judge, with the hash of its prompts. */
function pinned({ name, options }: NamedScorer, pin: PinModel): JsonObject {
  const fixed = Object.entries(options).map(([key, value]): [string, Json] => {
    if (!modelOptions.includes(key)) return [key, value];
    const pinOne = (one: Json) => (typeof one === 'string' ? pin(one) : one);
    return [key, Array.isArray(value) ? value.map(pinOne) : pinOne(value)];
  });
  const hash = Object.hasOwn(judgeKinds, name) ? judgeKinds[name as keyof typeof judgeKinds].hash(options) : null;
  return Object.fromEntries(hash === null || options.prompt !== undefined ? fixed : [...fixed, ['prompt', hash]]);
}

/**
 * The one text for a scorer with its options, by which an evaluation knows it: `bleu`, or `bleu {"tokenize":"char"}`.
 * @param pin makes a name of a model fast, where an alias of it may move
 * @throws WheelhouseError `invalid_request`
 */
export function scorerLabel(scorer: string | NamedScorer, pin: PinModel = (ref) => ref): string {
  const named = typeof scorer === 'string' ? readScorer(scorer) : scorer;
  const options = pinned(named, pin);
  const label = Object.keys(options).length === 0 ? named.name : `${named.name} ${canonicalJson(options)}`;
  if (label.length > longestLabel)
    throw invalid(
      `The options of \`${named.name}\` have ${label.length} characters, more than ${longestLabel}; put what is so long into the expected values, or into a model of the registry that judges.`,
    );
  return label;
}

function checked(result: ScorerResult): ScorerResult {
  if (!result.ok) return result;
  const { score, label, metadata, calls } = result;
  const refuse = (error: string) => failed(error, { metadata, calls });
  if (score === null) return label === null ? refuse('there is neither a score nor a label') : result;
  if (!Number.isFinite(score)) return refuse('the score is not a number');
  return score < 0 || score > 1 ? refuse(`the score ${score} is not between 0 and 1`) : result;
}

/** What breaks on one output is told of that output, and no number that is none gets through. */
const guarded =
  (scorer: Scorer): Scorer =>
  (target, world) => {
    const broken = (error: unknown) => {
      if (world.signal.aborted) throw world.signal.reason;
      return failed(`the scorer broke: ${error instanceof Error ? error.message : String(error)}`);
    };
    try {
      const result = scorer(target, world);
      return 'ok' in result ? checked(result) : result.then(checked).catch(broken);
    } catch (error) {
      return broken(error);
    }
  };

/**
 * What judges outputs, by its label ({@link scorerLabel}).
 * @throws WheelhouseError `invalid_request` for a name that is unknown and options that cannot be used
 */
export function createScorer(label: string, world: { checker: SchemaChecker }): Scorer {
  const { name, options } = readScorer(label);
  if (!isScorerName(name)) throw invalid(`There is no scorer \`${name}\`.`);
  const scorer = kinds[name](options, world);
  if (typeof scorer === 'string') throw invalid(`The options of \`${name}\` do not work: ${scorer}.`);
  return guarded(scorer);
}

/** Whether {@link createScorer} makes one of the label; others are a client's own. */
export function isScorerLabel(label: string, world: { checker: SchemaChecker }): boolean {
  try {
    createScorer(label, world);
    return true;
  } catch {
    return false;
  }
}
