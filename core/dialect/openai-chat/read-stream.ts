import type { FinishReason, ModelEvent } from '../../ports/index.ts';
import { isJsonObject, type JsonObject } from '../../records/index.ts';
import { readOpenAiUsage } from '../../trace/index.ts';
import type { StreamReader } from '../codec.ts';
import { isErrorChunk, readOpenAiFailure } from '../openai-error.ts';
import { parseEvent } from '../parse-event.ts';
import { logprobsOf, objectsOf, readFinish, secondsOf, stopSequenceOf, textOf } from './answer.ts';

type Kind = Extract<ModelEvent, { type: 'partStart' }>['kind'];
type Call = { part: number; isEmpty: boolean };
type Choice = {
  index: number;
  parts: number;
  /** The text, reasoning or refusal that grows. */
  open: { part: number; kind: Kind } | null;
  /** By index where the vendor gives one; all stay open, because their pieces may come mixed. */
  calls: Map<number | string, Call>;
  lastCall: Call | null;
  refused: boolean;
  finish: { reason: FinishReason; stopSequence: string | null } | null;
};

const newChoice = (index: number): Choice => ({
  index,
  parts: 0,
  open: null,
  calls: new Map(),
  lastCall: null,
  refused: false,
  finish: null,
});

function close(choice: Choice, events: ModelEvent[]): void {
  if (choice.open !== null) events.push({ type: 'partEnd', choice: choice.index, part: choice.open.part });
  choice.open = null;
}

function grow(choice: Choice, kind: Kind, events: ModelEvent[]): number {
  if (choice.open?.kind === kind) return choice.open.part;
  close(choice, events);
  const part = choice.parts++;
  choice.open = { part, kind };
  events.push({ type: 'partStart', choice: choice.index, part, kind, id: null, name: null });
  return part;
}

function addText(
  choice: Choice,
  { kind, text, logprobs }: { kind: Kind; text: string | null; logprobs?: JsonObject[] | null },
  events: ModelEvent[],
) {
  if (text === null) return;
  const part = grow(choice, kind, events);
  const more = logprobs ? { logprobs } : {};
  events.push({ type: 'partDelta', choice: choice.index, part, text, ...more });
}

/** A vendor signs its reasoning at the end of a part. */
function addDetails(choice: Choice, details: readonly JsonObject[], events: ModelEvent[]): void {
  for (const detail of details) {
    const [signature, redacted] = [textOf(detail.signature), textOf(detail.data)];
    if (signature === null && redacted === null) continue;
    if (redacted !== null) close(choice, events);
    const part = grow(choice, 'reasoning', events);
    events.push({ type: 'signature', choice: choice.index, part, signature, redacted });
    close(choice, events);
  }
}

/** Vendors that leave the index out name a new call by its id and continue the last one without. */
function addCall(choice: Choice, delta: JsonObject, events: ModelEvent[]): void {
  const id = textOf(delta.id);
  const key = typeof delta.index === 'number' ? delta.index : id;
  const callee = isJsonObject(delta.function) ? delta.function : isJsonObject(delta.custom) ? delta.custom : {};
  let call = key === null ? choice.lastCall : (choice.calls.get(key) ?? null);
  if (call === null) {
    close(choice, events);
    call = { part: choice.parts++, isEmpty: true };
    const name = textOf(callee.name) ?? '';
    const named = id ?? `call_${choice.calls.size}`;
    choice.calls.set(key ?? choice.calls.size, call);
    events.push({ type: 'partStart', choice: choice.index, part: call.part, kind: 'toolCall', id: named, name });
  }
  choice.lastCall = call;
  const given = callee.arguments ?? callee.input ?? '';
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  if (text === '') return;
  call.isEmpty = false;
  events.push({ type: 'partDelta', choice: choice.index, part: call.part, text });
}

function addContent(choice: Choice, value: JsonObject, events: ModelEvent[]): void {
  const delta = isJsonObject(value.delta) ? value.delta : {};
  const details = objectsOf(delta.reasoning_details);
  const told = textOf(delta.reasoning_content) ?? textOf(delta.reasoning);
  const detailed = details.map((detail) => textOf(detail.text) ?? textOf(detail.summary) ?? '').join('');
  addText(choice, { kind: 'reasoning', text: told ?? textOf(detailed) }, events);
  addDetails(choice, details, events);
  const logprobs = logprobsOf(value.logprobs);
  addText(choice, { kind: 'text', text: textOf(delta.content), logprobs }, events);
  for (const part of objectsOf(delta.content)) {
    for (const thought of objectsOf(part.thinking))
      addText(choice, { kind: 'reasoning', text: textOf(thought.text) }, events);
    addText(choice, { kind: 'text', text: textOf(part.text) }, events);
  }
  const refusal = textOf(delta.refusal);
  choice.refused ||= refusal !== null;
  addText(choice, { kind: 'refusal', text: refusal, logprobs }, events);
  for (const call of objectsOf(delta.tool_calls)) addCall(choice, call, events);
  if (isJsonObject(delta.function_call)) addCall(choice, { index: -1, function: delta.function_call }, events);
}

/** Closes the parts of a choice that has ended. */
function finish(choice: Choice, events: ModelEvent[]): void {
  close(choice, events);
  for (const { part, isEmpty } of choice.calls.values()) {
    if (isEmpty) events.push({ type: 'partDelta', choice: choice.index, part, text: '{}' });
    events.push({ type: 'partEnd', choice: choice.index, part });
  }
  choice.calls.clear();
  choice.lastCall = null;
  if (choice.finish === null) return;
  const { reason, stopSequence } = choice.finish;
  const refused = reason === 'stop' && choice.refused;
  events.push({ type: 'finish', choice: choice.index, reason: refused ? 'refusal' : reason, stopSequence });
}

/** Reads a stream of `chat.completion.chunk`. */
export function createChatReader(): StreamReader {
  const choices = new Map<number, Choice>();
  let started = false;

  function addChoice(value: JsonObject, position: number, events: ModelEvent[]): void {
    const index = typeof value.index === 'number' ? value.index : position;
    const choice = choices.get(index) ?? newChoice(index);
    choices.set(index, choice);
    // Some vendors repeat themselves after the end.
    if (choice.finish !== null) return;
    addContent(choice, value, events);
    const reason = readFinish(value.finish_reason);
    if (reason === null) return;
    choice.finish = { reason, stopSequence: stopSequenceOf(value) };
    finish(choice, events);
  }

  return {
    read({ data }) {
      const chunk = parseEvent(data);
      if (chunk === null) return [];
      const events: ModelEvent[] = [];
      if (isErrorChunk(chunk)) return [{ type: 'error', failure: readOpenAiFailure(0, chunk) }];
      const listed = objectsOf(chunk.choices);
      // Azure tells what it thinks of the prompt before anything is there.
      if (!started && (listed.length > 0 || textOf(chunk.id) !== null)) {
        started = true;
        const [id, model] = [textOf(chunk.id) ?? '', textOf(chunk.model) ?? ''];
        events.push({ type: 'start', id, model, created: secondsOf(chunk.created), usage: null });
      }
      for (const [position, value] of listed.entries()) addChoice(value, position, events);
      const usage = readOpenAiUsage(chunk.usage);
      if (usage !== null) events.push({ type: 'usage', usage, serviceTier: textOf(chunk.service_tier) });
      return events;
    },
    end() {
      const events: ModelEvent[] = [];
      for (const choice of choices.values()) if (choice.finish === null) finish(choice, events);
      return events;
    },
  };
}
