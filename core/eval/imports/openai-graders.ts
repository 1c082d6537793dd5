import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import type { NamedScorer } from '../scorers.ts';
import { isOperation, stringCheck } from './code-twins.ts';
import { type ItemShape, itemFields, onlyPlace, readTemplate } from './openai-template.ts';
import { type JudgeDraft, judgeFormat, noTwin, type Twin, twin } from './twin.ts';
import { type PromptPiece, writePrompt } from './write-prompt.ts';

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const listOf = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** Text of a message's content: text itself, or parts of which each is text. */
function contentText(content: Json | undefined): string | null {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content : [content];
  const texts = parts.map((part) => {
    if (typeof part === 'string') return part;
    return isJsonObject(part) && typeof part.text === 'string' ? part.text : null;
  });
  return texts.includes(null) ? null : texts.join('\n');
}

const roles = ['system', 'developer', 'user', 'assistant'];

/**
 * Messages of OpenAI's templates as those of a prompt; a text says why they are none.
 * @param place how a path here is written in the prompt
 */
export function readMessages(
  given: Json | undefined,
  shape: ItemShape,
  place: (at: string) => string = (at) => at,
): JudgeDraft['messages'] | string {
  const messages: JudgeDraft['messages'] = [];
  for (const message of Array.isArray(given) ? given : []) {
    if (!isJsonObject(message)) return 'a message is no object';
    const text = contentText(message.content);
    if (text === null) return 'a message has more than text';
    const pieces = readTemplate(text, shape);
    if (typeof pieces === 'string') return pieces;
    const role = textOf(message.role);
    const placed = pieces.map((piece) => ('at' in piece ? { at: place(piece.at) } : piece));
    messages.push({ role: roles.includes(role) ? role : 'user', content: writePrompt(placed) });
  }
  return messages.length === 0 ? 'it has no messages' : messages;
}

type Compared = { input: PromptPiece[]; reference: PromptPiece[] };

function comparedBy(grader: JsonObject, shape: ItemShape): Compared | string {
  const input = readTemplate(textOf(grader.input), shape);
  if (typeof input === 'string') return input;
  const reference = readTemplate(textOf(grader.reference), shape);
  return typeof reference === 'string' ? reference : { input, reference };
}

const isAnswerWithExpected = ({ input, reference }: Compared) =>
  onlyPlace(input) === 'output' && onlyPlace(reference) === 'expected';

function stringCheckTwin(name: string, grader: JsonObject, shape: ItemShape): Twin {
  const { operation } = grader;
  if (!isOperation(operation)) return noTwin(name, `there is no operation ${JSON.stringify(operation ?? null)}`);
  const compared = comparedBy(grader, shape);
  if (typeof compared === 'string') return noTwin(name, compared);
  const isPlain = isAnswerWithExpected(compared);
  if (isPlain && operation === 'eq')
    return twin(name, { name: 'exact', options: {} }, 'white space at the ends does not count here');
  const options: JsonObject = operation === 'ilike' ? { ignoreCase: true } : {};
  if (isPlain && operation !== 'ne') return twin(name, { name: 'contains', options });
  return twin(name, stringCheck(operation, compared));
}

/** What OpenAI's measures of similarity are here; a remark where the numbers may differ. */
const similar: Record<string, { scorer: NamedScorer; remark?: string }> = {
  bleu: {
    scorer: { name: 'bleu', options: {} },
    remark: 'BLEU is sacreBLEU’s here, and may be smoothed in another way',
  },
  meteor: { scorer: { name: 'meteor', options: {} }, remark: 'METEOR knows no synonyms here' },
  rouge_1: { scorer: { name: 'rouge_1', options: {} } },
  rouge_2: { scorer: { name: 'rouge_2', options: {} } },
  rouge_l: { scorer: { name: 'rouge_l', options: {} } },
  fuzzy_match: {
    scorer: { name: 'levenshtein', options: {} },
    remark: 'edit distance stands for rapidfuzz’s ratio: near, not equal',
  },
  cosine: { scorer: { name: 'embedding_similarity', options: { model: 'openai/text-embedding-3-large' } } },
};

const thresholdRemark = ({ pass_threshold: threshold }: JsonObject): string[] =>
  typeof threshold === 'number'
    ? [`it passed from ${threshold}; here the score itself counts, and a gate says what is enough`]
    : [];

function similarityTwin(name: string, grader: JsonObject, shape: ItemShape): Twin {
  const metric = textOf(grader.evaluation_metric);
  const found = Object.hasOwn(similar, metric) ? similar[metric] : undefined;
  if (!found) return noTwin(name, `\`${metric}\` is not measured here`);
  const compared = comparedBy(grader, shape);
  if (typeof compared === 'string') return noTwin(name, compared);
  if (!isAnswerWithExpected(compared))
    return noTwin(name, `it compares other texts than the answer with what is expected`);
  return twin(name, found.scorer, ...(found.remark === undefined ? [] : [found.remark]), ...thresholdRemark(grader));
}

/** OpenAI's models have no vendor before their names. */
export const openaiModel = (model: Json | undefined): string | null =>
  typeof model !== 'string' || model === '' ? null : model.includes('/') ? model : `openai/${model}`;

/** Parameters of sampling, as the chat API calls them. */
export function samplingParameters(given: Json | undefined): JsonObject {
  if (!isJsonObject(given)) return {};
  const known = ['temperature', 'top_p', 'seed', 'reasoning_effort', 'response_format', 'tools'];
  const kept = Object.entries(given).filter(([name, value]) => known.includes(name) && value !== null);
  const most = given.max_completion_tokens ?? given.max_completions_tokens ?? null;
  return { ...Object.fromEntries(kept), ...(most === null ? {} : { max_completion_tokens: most }) };
}

function labelTwin(name: string, grader: JsonObject, shape: ItemShape): Twin {
  const labels = listOf(grader.labels);
  const passing = listOf(grader.passing_labels);
  const messages = readMessages(grader.input, shape);
  if (typeof messages === 'string') return noTwin(name, messages);
  if (labels.length === 0) return noTwin(name, 'it names no labels');
  const choices = Object.fromEntries(labels.map((label) => [label, passing.includes(label) ? 1 : 0]));
  const parameters = {
    ...samplingParameters(grader.sampling_params),
    ...judgeFormat('label', { label: { type: 'string', enum: labels } }),
  };
  return twin(name, { judge: { baseModel: openaiModel(grader.model), messages, parameters, options: { choices } } });
}

function scoreTwin(name: string, grader: JsonObject, shape: ItemShape): Twin {
  const messages = readMessages(grader.input, shape);
  if (typeof messages === 'string') return noTwin(name, messages);
  const [low = 0, best = 1] = Array.isArray(grader.range) ? grader.range.map(Number) : [];
  if (!(best > 0) || low < 0) return noTwin(name, `its scores are from ${low} to ${best}; here they are from 0 to 1`);
  const parameters = {
    ...samplingParameters(grader.sampling_params),
    ...judgeFormat('score', { score: { type: 'number' } }),
  };
  const remarks = [
    ...(low === 0 ? [] : [`its scores are from ${low} to ${best}; here they are divided by ${best}`]),
    ...thresholdRemark(grader),
  ];
  const options: JsonObject = best === 1 ? {} : { best };
  return twin(name, { judge: { baseModel: openaiModel(grader.model), messages, parameters, options } }, ...remarks);
}

/** A criterion of OpenAI's hosted evals (`testing_criteria`) as a scorer, or why there is none. */
export function twinOfGrader(grader: JsonObject, shape: ItemShape): Twin {
  const type = textOf(grader.type);
  const name = textOf(grader.name) || type || 'grader';
  if (type === 'string_check') return stringCheckTwin(name, grader, shape);
  if (type === 'text_similarity') return similarityTwin(name, grader, shape);
  if (type === 'label_model') return labelTwin(name, grader, shape);
  if (type === 'score_model') return scoreTwin(name, grader, shape);
  if (type === 'python')
    return noTwin(name, 'it is Python; write it as a function in the file, or as a `code` scorer in JavaScript');
  return noTwin(name, `graders of type \`${type}\` are not known here`);
}

const isCompared = ({ type }: JsonObject) => type === 'string_check' || type === 'text_similarity';
const only = (names: readonly string[]): string | null => {
  const [first, ...others] = [...new Set(names)];
  return first !== undefined && others.length === 0 ? first : null;
};

/** The name that comes most often; of several the first. */
function commonest(names: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].reduce<[string | null, number]>((best, one) => (one[1] > best[1] ? one : best), [null, 0])[0];
}

/**
 * What the members of items are, by what graders compare: the member that answers are compared with most often is expected; where
 * no grader looks at a sample, the one that is compared is the answer.
 */
export function shapeOfItems(graders: readonly JsonObject[]): ItemShape {
  const compared = graders.filter(isCompared);
  const wanted = compared.filter(({ operation }) => operation !== 'ne');
  const expected = commonest(wanted.flatMap((grader) => itemFields(textOf(grader.reference))));
  const asksSample = JSON.stringify(graders).includes('sample.');
  const output = asksSample ? null : only(compared.flatMap((grader) => itemFields(textOf(grader.input))));
  return { expected: expected === output ? null : expected, output };
}
