import type { ModelInput, ModelOutcome } from '../../ports/index.ts';
import type { Json, JsonObject, ScorerCalls, ScorerResult, TraceId } from '../../records/index.ts';
import { failed, type ScoringWorld } from '../scorer-kind.ts';
import { answerSchema, fillPrompt, type JudgePrompt } from './judge-prompt.ts';

/** Why nothing can be said: the judge could not be asked, or answered nonsense twice. */
export class JudgeFailure extends Error {}

const unanswered = ['could not be asked', 'could not be embedded', 'said nothing for'];

/** Whether a scorer failed because nobody answered it, rather than because of what was answered: it may go well later. */
export const isUnanswered = (result: ScorerResult): boolean =>
  !result.ok && unanswered.some((words) => result.error.includes(words));

export type JudgeSettings = {
  /** Any model, as an OpenAI client would name it. */
  model: string;
  /** Members of the request. */
  parameters: JsonObject;
  /** Whether the vendor is asked to hold the model to the answer's schema. */
  schema: boolean;
};

/** What one scorer asks of models for one target, and what that took. */
export type Asking = {
  call(model: string, input: ModelInput, parameters: JsonObject): Promise<ModelOutcome>;
  /** Of anything else that was asked beside. */
  took(call: { traceId: TraceId; costNanoUsd: bigint | null }): void;
  calls(): ScorerCalls | null;
};

function openAsking({ runner, signal }: ScoringWorld): Asking {
  const traceIds: TraceId[] = [];
  let cost: bigint | null = null;
  const took: Asking['took'] = ({ traceId, costNanoUsd }) => {
    traceIds.push(traceId);
    if (costNanoUsd !== null) cost = (cost ?? 0n) + costNanoUsd;
  };
  return {
    took,
    async call(model, input, parameters) {
      const outcome = await runner.run(model, input, { signal, parameters });
      took(outcome);
      return outcome;
    },
    calls: () => (traceIds.length === 0 ? null : { traceIds, costNanoUsd: cost === null ? null : String(cost) }),
  };
}

/** Scores by asking models: what the calls took is part of the result, and of a failure. */
export async function byAsking(
  world: ScoringWorld,
  score: (asking: Asking) => Promise<ScorerResult>,
): Promise<ScorerResult> {
  const asking = openAsking(world);
  try {
    return { ...(await score(asking)), calls: asking.calls() };
  } catch (error) {
    if (!(error instanceof JudgeFailure)) throw error;
    return failed(error.message, { calls: asking.calls() });
  }
}

/** Where a model wraps its JSON in words or in a code fence, what is inside; undefined: nothing is. */
export function jsonIn(text: string): unknown {
  const [from, to] = [text.search(/[[{]/), Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'))];
  for (const part of [text, from < 0 ? '' : text.slice(from, to + 1)])
    try {
      return JSON.parse(part) as unknown;
    } catch {}
  return undefined;
}

type Question<Answer> = {
  prompt: JudgePrompt<Answer>;
  texts: Readonly<Record<string, string>>;
  /** What is wrong with an answer that has the right form; null: nothing. */
  check?: (answer: Answer) => string | null;
};

function readAnswer<Answer>({ prompt, check }: Question<Answer>, text: string): { answer: Answer } | string {
  const value = jsonIn(text);
  if (value === undefined) return 'it is not JSON';
  const read = prompt.answer.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const place = issue?.path.join('.') ?? '';
    return `${place === '' ? '' : `\`${place}\`: `}${issue?.message ?? 'it cannot be read'}`;
  }
  return check?.(read.data) ?? { answer: read.data };
}

const shown = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

/**
 * Asks until an answer can be read, twice at the most: the second time with what was wrong with the first.
 * @throws JudgeFailure
 */
export async function askUntilRead<Answer>(
  asking: Asking,
  { model, parameters }: Pick<JudgeSettings, 'model' | 'parameters'>,
  { input, read }: { input: ModelInput; read: (text: string) => { answer: Answer } | string },
): Promise<Answer> {
  let messages = input.messages;
  let problem = '';
  for (let attempt = 0; attempt < 2; attempt++) {
    const outcome = await asking.call(model, { ...input, messages }, parameters);
    if (!outcome.ok) throw new JudgeFailure(`the judge could not be asked: ${outcome.error}`);
    const found = read(outcome.text);
    if (typeof found !== 'string') return found.answer;
    problem = `${found}: ${shown(outcome.text)}`;
    const repair = `That answer cannot be read: ${found}. Answer again, in the form that was asked for and with nothing else.`;
    messages = [...messages, { role: 'assistant', content: outcome.text }, { role: 'user', content: repair }];
  }
  throw new JudgeFailure(`the judge answered nonsense twice: ${problem}`);
}

const beforeSchema = '\n\nAnswer with JSON of this schema:\n';

/** The schema that {@link askJudge} asks for in the last message of a question; null: it asks for none. */
export function schemaOfQuestion(content: string): Json | null {
  const at = content.lastIndexOf(beforeSchema);
  const schema = at < 0 ? undefined : jsonIn(content.slice(at + beforeSchema.length));
  return schema === undefined ? null : (schema as Json);
}

/**
 * One question to a judge, at temperature 0 unless its settings say otherwise, answered in JSON.
 * @throws JudgeFailure
 */
export function askJudge<Answer>(
  asking: Asking,
  { model, parameters, schema }: JudgeSettings,
  question: Question<Answer>,
): Promise<Answer> {
  const { prompt, texts } = question;
  const wanted = answerSchema(prompt);
  const messages = [
    { role: 'system', content: prompt.system },
    {
      role: 'user',
      content: `${fillPrompt(prompt, texts)}${beforeSchema}${JSON.stringify(wanted)}`,
    },
  ];
  const format = {
    response_format: { type: 'json_schema', json_schema: { name: prompt.name, schema: wanted, strict: true } },
  };
  return askUntilRead(
    asking,
    { model, parameters: { ...parameters, ...(schema ? format : {}) } },
    { input: { messages, variables: {} }, read: (text) => readAnswer(question, text) },
  );
}
