import type { Capabilities, ModelEvent, ModelRequest } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject, type Usage } from '../../records/index.ts';
import { readOpenAiUsage } from '../../trace/index.ts';
import type { AnswerFrame, Codec, StreamReader, StreamWriter } from '../codec.ts';
import { failureError } from '../failure.ts';
import { createMembers, invalidMember, type Members, unsupportedMember } from '../members.ts';
import {
  joinedText,
  objectsOf,
  readFinish,
  secondsOf,
  stopSequenceOf,
  textOf,
  writeFinish,
} from '../openai-chat/answer.ts';
import { openAiWatch } from '../openai-chat/codec.ts';
import { readStop } from '../openai-chat/read-request.ts';
import { writeChatUsage } from '../openai-chat/usage.ts';
import { given } from '../openai-chat/write-request.ts';
import { isErrorChunk, readOpenAiFailure, writeOpenAiError, writeOpenAiErrorEvent } from '../openai-error.ts';
import { parseEvent } from '../parse-event.ts';
import { refuseUnsupported } from '../refuse.ts';
import { sseFrame } from '../sse.ts';
import { readTokenLogprobs, writeTokenLogprobs } from './logprobs.ts';

/** What completions answer at most when they are not told, unlike every other dialect. */
const ordinaryMaxTokens = 16;

function readPrompt(body: Members): string {
  const prompt = body.raw('prompt');
  const only = Array.isArray(prompt) && prompt.length === 1 ? (prompt[0] ?? null) : prompt;
  if (typeof only === 'string') return only;
  if (!Array.isArray(prompt)) throw invalidMember('prompt', 'text');
  throw unsupportedMember('prompt', 'Several prompts, and prompts of tokens, cannot be translated.');
}

/** Members whose ordinary value asks for nothing. */
function askedFor(rest: JsonObject, n: number | null): JsonObject {
  const { echo, suffix, best_of: best, logit_bias: bias, ...extra } = rest;
  if (echo !== undefined && echo !== false) extra.echo = echo;
  if (suffix !== undefined && suffix !== '') extra.suffix = suffix;
  if (best !== undefined && best !== (n ?? 1)) extra.best_of = best;
  if (bias !== undefined && !(isJsonObject(bias) && Object.keys(bias).length === 0)) extra.logit_bias = bias;
  return extra;
}

function readRequest(value: JsonObject): ModelRequest {
  const body = createMembers(value);
  const n = body.number('n');
  body.raw('stream_options');
  return {
    model: body.needText('model'),
    messages: [{ role: 'user', parts: [{ type: 'text', text: readPrompt(body) }] }],
    tools: [],
    toolChoice: null,
    parallelToolCalls: null,
    output: { type: 'text' },
    maxTokens: body.number('max_tokens') ?? ordinaryMaxTokens,
    temperature: body.number('temperature'),
    topP: body.number('top_p'),
    topK: body.number('top_k'),
    stop: readStop(body),
    seed: body.number('seed'),
    frequencyPenalty: body.number('frequency_penalty'),
    presencePenalty: body.number('presence_penalty'),
    logprobs: body.number('logprobs'),
    n,
    reasoning: null,
    user: body.text('user'),
    metadata: {},
    serviceTier: null,
    stream: body.flag('stream') ?? false,
    extra: askedFor(body.rest(), n),
  };
}

const known = new Set(['best_of', 'echo', 'logit_bias', 'suffix']);
const refuses = ['image', 'audio', 'file', 'tools', 'output', 'reasoning', 'serviceTier'];

function writeRequest(request: ModelRequest, capabilities: Capabilities): JsonObject {
  refuseUnsupported(request, { capabilities, refuses, extra: known });
  const [message, ...more] = request.messages;
  // A conversation would need the template of a model that nobody here knows.
  if (message === undefined || more.length > 0 || message.role !== 'user')
    throw unsupportedMember('messages', 'Completions take one text of the user and no conversation.');
  return {
    model: request.model,
    prompt: joinedText(message.parts, 'text'),
    ...given({
      max_tokens: request.maxTokens ?? capabilities.needsMaxTokens,
      temperature: request.temperature,
      top_p: request.topP,
      top_k: request.topK,
      stop: request.stop.length > 0 ? request.stop : null,
      seed: request.seed,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
      logprobs: request.logprobs,
      n: request.n,
      user: request.user,
    }),
    ...(request.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...request.extra,
  };
}

const idOf = (frame: AnswerFrame): string => `cmpl-${frame.id}`;
const texts = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** Reads a stream of `text_completion`. */
function createReader(): StreamReader {
  const open = new Set<number>();
  const ended = new Set<number>();
  let started = false;

  function choiceEvents(value: JsonObject, position: number): ModelEvent[] {
    const choice = typeof value.index === 'number' ? value.index : position;
    if (ended.has(choice)) return [];
    const events: ModelEvent[] = [];
    const text = texts(value.text);
    if (text !== '') {
      if (!open.has(choice)) events.push({ type: 'partStart', choice, part: 0, kind: 'text', id: null, name: null });
      open.add(choice);
      const logprobs = readTokenLogprobs(value.logprobs);
      events.push({ type: 'partDelta', choice, part: 0, text, ...(logprobs === null ? {} : { logprobs }) });
    }
    const reason = readFinish(value.finish_reason);
    if (reason === null) return events;
    if (open.delete(choice)) events.push({ type: 'partEnd', choice, part: 0 });
    ended.add(choice);
    events.push({ type: 'finish', choice, reason, stopSequence: stopSequenceOf(value) });
    return events;
  }

  return {
    read({ data }) {
      const chunk = parseEvent(data);
      if (chunk === null) return [];
      if (isErrorChunk(chunk)) return [{ type: 'error', failure: readOpenAiFailure(0, chunk) }];
      const events: ModelEvent[] = [];
      if (!started) {
        started = true;
        const [id, model] = [textOf(chunk.id) ?? '', textOf(chunk.model) ?? ''];
        events.push({ type: 'start', id, model, created: secondsOf(chunk.created), usage: null });
      }
      for (const [position, value] of objectsOf(chunk.choices).entries()) events.push(...choiceEvents(value, position));
      const usage = readOpenAiUsage(chunk.usage);
      if (usage !== null) events.push({ type: 'usage', usage, serviceTier: null });
      return events;
    },
    end: () => [...open].map((choice) => ({ type: 'partEnd', choice, part: 0 })),
  };
}

/** Writes a stream of `text_completion`: texts and refusals, all that this dialect can show. */
function createWriter(frame: AnswerFrame): StreamWriter {
  const shown = new Set<string>();
  const offsets = new Map<number, number>();
  let created = frame.created;
  let usage: Usage | null = null;
  let failed = false;
  const chunk = (choices: JsonObject[], told: JsonObject = {}): string =>
    sseFrame(
      JSON.stringify({
        id: idOf(frame),
        object: 'text_completion',
        created,
        model: frame.model,
        choices,
        ...(frame.includeUsage ? { usage: null, ...told } : {}),
      }),
    );

  return {
    write(event) {
      if (event.type === 'start') {
        created = event.created || frame.created;
        usage = event.usage ?? usage;
      } else if (event.type === 'partStart' && (event.kind === 'text' || event.kind === 'refusal')) {
        shown.add(`${event.choice} ${event.part}`);
      } else if (event.type === 'partDelta' && shown.has(`${event.choice} ${event.part}`)) {
        const { choice: index, text } = event;
        const offset = offsets.get(index) ?? 0;
        offsets.set(index, offset + text.length);
        const logprobs = event.logprobs ? writeTokenLogprobs(event.logprobs, offset) : null;
        return chunk([{ text, index, logprobs, finish_reason: null }]);
      } else if (event.type === 'finish') {
        return chunk([{ text: '', index: event.choice, logprobs: null, finish_reason: finishOf(event.reason) }]);
      } else if (event.type === 'usage') usage = event.usage;
      else if (event.type === 'error') {
        failed = true;
        return writeOpenAiErrorEvent(failureError(event.failure));
      }
      return '';
    },
    end() {
      if (failed) return '';
      const told = frame.includeUsage && usage !== null ? chunk([], { usage: writeChatUsage(usage) }) : '';
      return `${told}data: [DONE]\n\n`;
    },
  };
}

/** Completions call no tools. */
function finishOf(reason: Parameters<typeof writeFinish>[0]): string {
  const word = writeFinish(reason);
  return word === 'tool_calls' ? 'stop' : word;
}

/** OpenAI's legacy completions: one prompt in, text out. */
export const openAiCompletions: Codec = {
  dialect: 'openai-completions',
  readRequest,
  writeRequest,
  readAnswer: (body) => ({
    id: textOf(body.id) ?? '',
    model: textOf(body.model) ?? '',
    created: secondsOf(body.created),
    choices: objectsOf(body.choices).map((choice, position) => ({
      index: typeof choice.index === 'number' ? choice.index : position,
      parts: texts(choice.text) === '' ? [] : [{ type: 'text', text: texts(choice.text) }],
      finishReason: readFinish(choice.finish_reason),
      stopSequence: stopSequenceOf(choice),
      logprobs: readTokenLogprobs(choice.logprobs),
    })),
    usage: readOpenAiUsage(body.usage),
    serviceTier: null,
  }),
  writeAnswer: (answer, frame) => ({
    id: idOf(frame),
    object: 'text_completion',
    created: answer.created || frame.created,
    model: frame.model,
    choices: answer.choices.map(({ index, parts, finishReason, logprobs }) => ({
      text: joinedText(parts, 'text') + joinedText(parts, 'refusal'),
      index,
      logprobs: logprobs === null ? null : writeTokenLogprobs(logprobs, 0),
      finish_reason: finishOf(finishReason ?? 'stop'),
    })),
    ...(answer.usage === null ? {} : { usage: writeChatUsage(answer.usage) }),
  }),
  createReader,
  createWriter,
  watch: openAiWatch,
  readFailure: readOpenAiFailure,
  writeError: writeOpenAiError,
  writeErrorEvent: writeOpenAiErrorEvent,
};
