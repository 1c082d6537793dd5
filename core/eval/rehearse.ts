import type { CancelSignal, SchemaChecker } from '../ports/index.ts';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type ScorerResult,
  type Span,
  type TraceId,
} from '../records/index.ts';
import { schemaOfQuestion } from './judges/ask-judge.ts';
import { noExpectedValue, type ScoringTarget, type ScoringWorld } from './scorer-kind.ts';
import { asksModels, createScorer } from './scorers.ts';

/** A call that a scorer makes for one answer. */
export type RehearsedCall = { model: string; kind: 'chat' | 'embedding'; inputCharacters: number };

/** What is rehearsed on: one answer, of which only the length is known to matter. */
export type RehearsedTarget = Pick<ScoringTarget, 'input' | 'output' | 'expected' | 'metadata'>;

const traceId = '0'.repeat(32) as TraceId;
const seen = { traceId, latencyNs: 0n, costNanoUsd: null };
/** As many claims, verdicts, questions and passages as an answer of ordinary length has. */
const usualCount = 3;
const passage = 'x'.repeat(800);
const never: CancelSignal = {
  aborted: false,
  reason: undefined,
  addEventListener: () => {},
  removeEventListener: () => {},
};

/** Some value that fits a schema of a judge's answer. */
function fitting(schema: Json | undefined): Json {
  if (!isJsonObject(schema)) return null;
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum.at(-1) ?? null;
  if (Array.isArray(schema.anyOf)) return fitting(schema.anyOf[0]);
  if (schema.type === 'array') return Array.from({ length: usualCount }, () => fitting(schema.items));
  if (schema.type === 'boolean') return false;
  if (schema.type === 'number' || schema.type === 'integer') return 1;
  if (schema.type !== 'object') return 'It says what was asked for, and nothing else.';
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, fitting(value)]));
}

const contentOf = (message: Json) =>
  isJsonObject(message) && typeof message.content === 'string' ? message.content : JSON.stringify(message);

/** One grade, by all the weight: what a model says that gives log-probabilities. */
const certain: JsonObject[] = [{ token: '1', logprob: 0, top_logprobs: [{ token: '1', logprob: 0 }] }];

type Rehearsal = { checker: SchemaChecker; onCall(call: RehearsedCall): void };

/** What a scorer says in a world where every model answers in the form that it is asked for. */
async function rehearse(label: string, target: RehearsedTarget, { checker, onCall }: Rehearsal): Promise<ScorerResult> {
  const world: ScoringWorld = {
    signal: never,
    sandbox: { run: () => Promise.reject(new Error('nothing runs in a rehearsal')) },
    runner: {
      async run(model, { messages, variables }) {
        const isRepair = messages.some((one) => isJsonObject(one) && one.role === 'assistant');
        const texts = [...messages.map(contentOf), JSON.stringify(variables)];
        const inputCharacters = texts.reduce((sum, text) => sum + text.length, 0);
        if (!isRepair) onCall({ model, kind: 'chat', inputCharacters });
        const schema = schemaOfQuestion(messages.map(contentOf).at(-1) ?? '');
        return { ok: true, text: schema === null ? '1' : JSON.stringify(fitting(schema)), logprobs: certain, ...seen };
      },
    },
    embedder: {
      async embed(model, texts) {
        onCall({ model, kind: 'embedding', inputCharacters: texts.reduce((sum, text) => sum + text.length, 0) });
        return { ok: true, vectors: texts.map(() => [1]), traceId, costNanoUsd: null };
      },
    },
  };
  const retriever = { kind: 'retriever', documents: Array.from({ length: usualCount }, () => ({ content: passage })) };
  const spans = async () => [retriever as unknown as Span];
  return createScorer(label, { checker })({ ...target, latencyNs: null, costNanoUsd: null, spans }, world);
}

/**
 * The calls of models that a scorer makes for an answer, found by letting it judge with a model that says something of the
 * form that was asked for. A judge by log-probabilities is taken to get them.
 */
export async function rehearseScorer(
  label: string,
  target: RehearsedTarget,
  { checker }: { checker: SchemaChecker },
): Promise<RehearsedCall[]> {
  if (!asksModels(label)) return [];
  const calls: RehearsedCall[] = [];
  await rehearse(label, target, { checker, onCall: (call) => calls.push(call) });
  return calls;
}

/** Whether a scorer has nothing to say where nothing is expected; what runs code is not known to. */
export async function needsExpected(label: string, { checker }: { checker: SchemaChecker }): Promise<boolean> {
  const target = { input: 'x', output: 'x', expected: null, metadata: {} };
  const result = await rehearse(label, target, { checker, onCall: () => {} });
  return !result.ok && result.error === noExpectedValue;
}
