import { isJsonObject, type JsonObject, type Message, type Part, type Usage } from '../records/index.ts';
import { finishReason } from './finish-reason.ts';
import { objectsOf, textOf } from './json-value.ts';
import { audioPart, readArguments, readOpenAiMessage, refusalPart } from './openai-messages.ts';
import { readOpenAiUsage } from './usage/openai.ts';

export type ChatResult = {
  /** One a choice, in the order of their indices. */
  messages: Message[];
  usage: Usage | null;
  responseId: string | null;
  responseModel: string | null;
  /** At which of the vendor's prices it ran. */
  serviceTier: string | null;
  /** One a choice that ended. */
  finishReasons: string[];
  /** What the vendor said went wrong, when it answered with an error. */
  error: string | null;
};

export type ChatFold = {
  /** One `chat.completion.chunk`. */
  chunk(json: unknown): void;
  /** A whole `chat.completion`, or an error body. */
  whole(json: unknown): void;
  /** A chunk or a whole, but for what was said in it. */
  outside(json: unknown): void;
  result(): ChatResult;
  /** The result without its messages, which are not made. */
  outcome(): ChatOutcome;
};

type ChatOutcome = Omit<ChatResult, 'messages'>;

type CallDraft = { id: string | null; name: string; arguments: string };
type ChoiceDraft = {
  role: string;
  reasoning: string;
  content: string;
  refusal: string;
  audio: { id: string | null; transcript: string } | null;
  calls: Map<number | string, CallDraft>;
  lastCall: CallDraft | null;
  /** Parts that came whole. */
  parts: Part[];
  name: string | null;
  finish: string | null;
};

const newChoice = (): ChoiceDraft => ({
  role: 'assistant',
  reasoning: '',
  content: '',
  refusal: '',
  audio: null,
  calls: new Map(),
  lastCall: null,
  parts: [],
  name: null,
  finish: null,
});

function errorText(error: unknown): string | null {
  if (isJsonObject(error)) return textOf(error.message) ?? JSON.stringify(error);
  return textOf(error);
}

/** Vendors that leave the index out of a tool call delta name a new call by its id and continue the last one without. */
function callOf(choice: ChoiceDraft, delta: JsonObject): CallDraft {
  const id = textOf(delta.id);
  const key = typeof delta.index === 'number' ? delta.index : id;
  const known = key === null ? choice.lastCall : (choice.calls.get(key) ?? null);
  const call = known ?? { id: null, name: '', arguments: '' };
  if (known === null) choice.calls.set(key ?? choice.calls.size, call);
  choice.lastCall = call;
  return call;
}

function addCall(choice: ChoiceDraft, delta: JsonObject): void {
  const call = callOf(choice, delta);
  const callee = isJsonObject(delta.function) ? delta.function : isJsonObject(delta.custom) ? delta.custom : {};
  call.id = textOf(delta.id) ?? call.id;
  call.name = call.name === '' ? (textOf(callee.name) ?? '') : call.name;
  call.arguments += textOf(callee.arguments ?? callee.input) ?? '';
}

function addDelta(choice: ChoiceDraft, delta: JsonObject): void {
  choice.role = textOf(delta.role) ?? choice.role;
  choice.reasoning += textOf(delta.reasoning_content) ?? textOf(delta.reasoning) ?? '';
  if (typeof delta.content === 'string') choice.content += delta.content;
  else for (const item of objectsOf(delta.content)) choice.content += textOf(item.text) ?? '';
  choice.refusal += textOf(delta.refusal) ?? '';
  if (isJsonObject(delta.audio)) {
    choice.audio ??= { id: null, transcript: '' };
    choice.audio.id = textOf(delta.audio.id) ?? choice.audio.id;
    choice.audio.transcript += textOf(delta.audio.transcript) ?? '';
  }
  for (const call of objectsOf(delta.tool_calls)) addCall(choice, call);
  if (isJsonObject(delta.function_call)) addCall(choice, { index: -1, function: delta.function_call });
}

function messageOf(choice: ChoiceDraft): Message {
  const parts: Part[] = [...choice.parts];
  if (choice.reasoning !== '') parts.push({ type: 'reasoning', content: choice.reasoning });
  if (choice.content !== '') parts.push({ type: 'text', content: choice.content });
  if (choice.refusal !== '') parts.push(refusalPart(choice.refusal));
  if (choice.audio) parts.push(audioPart(choice.audio));
  for (const call of choice.calls.values())
    parts.push({ type: 'tool_call', id: call.id, name: call.name, arguments: readArguments(call.arguments) });
  return {
    role: choice.role,
    parts,
    ...(choice.name === null ? {} : { name: choice.name }),
    ...(choice.finish === null ? {} : { finishReason: choice.finish }),
  };
}

/**
 * Folds an answer of the OpenAI chat dialect, streamed or whole, into messages and usage. What it does not understand
 * it passes over: the fold watches a stream that belongs to somebody else and never throws.
 */
export function createChatFold(): ChatFold {
  // By index in a map, so that a huge index costs nothing.
  const choices = new Map<number, ChoiceDraft>();
  let usage: Usage | null = null;
  let responseId: string | null = null;
  let responseModel: string | null = null;
  let serviceTier: string | null = null;
  let error: string | null = null;

  function take(json: unknown, add: (choice: ChoiceDraft, value: JsonObject) => void): void {
    if (!isJsonObject(json)) return;
    responseId = textOf(json.id) ?? responseId;
    responseModel = textOf(json.model) ?? responseModel;
    serviceTier = textOf(json.service_tier) ?? serviceTier;
    usage = readOpenAiUsage(json.usage) ?? usage;
    error = errorText(json.error) ?? error;
    for (const [position, value] of objectsOf(json.choices).entries()) {
      const index = typeof value.index === 'number' ? value.index : position;
      const choice = choices.get(index) ?? newChoice();
      choices.set(index, choice);
      const finish = textOf(value.finish_reason);
      if (finish !== null) choice.finish = finishReason(finish);
      add(choice, value);
    }
  }

  const ordered = (): ChoiceDraft[] =>
    choices.size < 2 ? [...choices.values()] : [...choices.entries()].sort(([a], [b]) => a - b).map(([, one]) => one);

  function finishesOf(drafts: readonly ChoiceDraft[]): string[] {
    const reasons: string[] = [];
    for (const { finish } of drafts) if (finish !== null) reasons.push(finish);
    return reasons;
  }

  return {
    chunk: (json) => take(json, (choice, value) => isJsonObject(value.delta) && addDelta(choice, value.delta)),
    whole: (json) =>
      take(json, (choice, value) => {
        if (!isJsonObject(value.message)) return;
        const message = readOpenAiMessage(value.message);
        choice.role = message.role;
        choice.name = message.name ?? null;
        choice.parts = message.parts;
      }),
    outside: (json) => take(json, () => {}),
    result() {
      const drafts = ordered();
      const messages = drafts.map(messageOf);
      const finishReasons = finishesOf(drafts);
      return { messages, usage, responseId, responseModel, serviceTier, finishReasons, error };
    },
    outcome: () => ({ usage, responseId, responseModel, serviceTier, finishReasons: finishesOf(ordered()), error }),
  };
}
