import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { contentHash, type Json, type JsonObject, WheelhouseError } from '../records/index.ts';
import { type SimModel, simAnswer, simMessages, simModels } from './answer.ts';
import { readSimSettings, type SimSettings } from './sim-settings.ts';
import { studentAnswer } from './student.ts';
import { type SimToolCall, simToolCalls } from './tool-calls.ts';

export type SimChunk = { delayMs: number; text: string };

/** Everything that the simulated model will do, decided before it does it. */
export type SimPlan =
  | { outcome: 'fail'; delayMs: number; status: number; message: string }
  | {
      outcome: 'answer';
      chunks: SimChunk[];
      /** Chunks sent before the connection is cut; null: all, then a clean end. */
      cutAfterChunks: number | null;
      /** After the chunks. */
      toolCalls: SimToolCall[];
      finishReason: 'stop' | 'length' | 'tool_calls';
      promptTokens: number;
      completionTokens: number;
    };

/** About four characters a token: the usual estimate for English, and all that a simulation needs. */
const estimateTokens = (text: string): number => Math.ceil([...text].length / 4);

function chunksOf(text: string, settings: SimSettings, delay: (ms: number) => number): SimChunk[] {
  const characters = [...text];
  const chunks: SimChunk[] = [];
  for (let at = 0; at < characters.length || at === 0; at += settings.chunkCharacters)
    chunks.push({
      delayMs: delay(at === 0 ? settings.latencyMs : settings.chunkMs),
      text: characters.slice(at, at + settings.chunkCharacters).join(''),
    });
  return chunks;
}

/** @throws WheelhouseError `model_not_found` for a name that is not in {@link simModels} */
function simModelOf(name: string): SimModel {
  const model = simModels.find((m) => m === name.replace(/^sim\//, ''));
  if (model) return model;
  throw new WheelhouseError('model_not_found', `There is no simulated model \`${name}\`.`, {
    param: 'model',
    hint: `There are ${simModels.map((m) => `sim/${m}`).join(', ')}.`,
  });
}

/** Mixed with the conversation, so that one seed makes some requests fail and not others, each always the same way. */
const seedOf = (seed: number, body: JsonObject): number =>
  Number.parseInt(contentHash([seed, body.messages ?? null]).slice(0, 8), 16) | 0;

/** @param body an OpenAI chat request; `max_tokens` and `max_completion_tokens` cut the answer as a vendor would */
export function planSim(body: JsonObject, defaults?: SimSettings): SimPlan {
  const settings = readSimSettings(body.sim, defaults);
  const random = xoroshiro128plus(seedOf(settings.seed, body));
  const delay = (ms: number) => Math.round(ms * (1 + settings.jitter * (2 * uniformFloat64(random) - 1)));
  if (uniformFloat64(random) < settings.failureRate)
    return {
      outcome: 'fail',
      delayMs: delay(settings.latencyMs),
      status: settings.failureStatus,
      message: `Simulated failure (seed ${settings.seed}).`,
    };
  const messages = simMessages(body.messages);
  const model = simModelOf(String(body.model));
  const last = messages.at(-1);
  const toolCalls = last?.role === 'user' ? simToolCalls(body, last.text) : [];
  const answerOf = () => (model === 'student' ? studentAnswer(body, messages, settings) : simAnswer(model, messages));
  const whole = toolCalls.length > 0 ? '' : answerOf();
  const limit = firstNumber(body.max_completion_tokens, body.max_tokens);
  const cut = limit !== null && estimateTokens(whole) > limit;
  const called = toolCalls.map((call) => `${call.name}${call.arguments}`).join('');
  const text = cut ? [...whole].slice(0, limit * 4).join('') : whole;
  return {
    outcome: 'answer',
    chunks: chunksOf(text, settings, delay),
    cutAfterChunks: settings.cutAfterChunks,
    toolCalls,
    finishReason: toolCalls.length > 0 ? 'tool_calls' : cut ? 'length' : 'stop',
    promptTokens: settings.promptTokens ?? messages.reduce((sum, m) => sum + estimateTokens(m.text), 0),
    completionTokens: settings.completionTokens ?? estimateTokens(text + called),
  };
}

const firstNumber = (...values: (Json | undefined)[]): number | null =>
  values.find((value): value is number => typeof value === 'number') ?? null;
