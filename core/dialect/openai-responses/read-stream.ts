import type { ModelEvent } from '../../ports/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';
import { readResponsesUsage } from '../../trace/index.ts';
import type { StreamReader, WireEvent } from '../codec.ts';
import { objectsOf, secondsOf, textOf } from '../openai-chat/answer.ts';
import { readOpenAiFailure } from '../openai-error.ts';
import { parseEvent } from '../parse-event.ts';
import { readStatus } from './answer.ts';
import { readReasoningItem } from './items.ts';

type Kind = Extract<ModelEvent, { type: 'partStart' }>['kind'];
type Part = { number: number; kind: Kind; text: string };

const deltas = new Map<string, Kind>([
  ['response.output_text.delta', 'text'],
  ['response.refusal.delta', 'refusal'],
  ['response.function_call_arguments.delta', 'toolCall'],
  ['response.reasoning_summary_text.delta', 'reasoning'],
  ['response.reasoning_text.delta', 'reasoning'],
]);
const ends = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled']);

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
const pieceOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

/** Reasoning and calls are one part an item, whatever pieces they come in; texts are one a place in their message. */
const keyOf = (event: JsonObject, kind: Kind): string =>
  kind === 'text' || kind === 'refusal'
    ? `${numberOf(event.output_index)} ${numberOf(event.content_index)}`
    : `${numberOf(event.output_index)}`;

/** Keeps which parts are open and what they have said. */
class ResponsesReader implements StreamReader {
  readonly #open = new Map<string, Part>();
  readonly #seen = new Set<string>();
  readonly #kinds = new Set<string>();
  #parts = 0;
  #started = false;
  #finished = false;
  /** What the event that is read tells. */
  #events: ModelEvent[] = [];

  read({ data }: WireEvent): ModelEvent[] {
    const event = parseEvent(data);
    if (event === null || this.#finished) return [];
    this.#take(event, pieceOf(event.type));
    return this.#told();
  }

  end(): ModelEvent[] {
    for (const key of [...this.#open.keys()]) this.#close(key, null);
    return this.#told();
  }

  #told(): ModelEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #take(event: JsonObject, type: string): void {
    const kind = deltas.get(type);
    if (kind !== undefined) this.#piece(event, kind);
    else if (type === 'response.output_item.added') this.#added(event);
    else if (type === 'response.output_item.done') this.#done(event);
    else if (type === 'response.reasoning_summary_part.added') this.#summaryPart(event);
    else if (type === 'response.created') this.#start(objectOf(event.response));
    else if (ends.has(type)) this.#ended(objectOf(event.response));
    else if (type === 'error' || (event.error ?? null) !== null) {
      this.#finished = true;
      this.#events.push({ type: 'error', failure: readOpenAiFailure(0, event) });
    }
  }

  #start(response: JsonObject): void {
    if (this.#started) return;
    this.#started = true;
    const [id, model] = [textOf(response.id) ?? '', textOf(response.model) ?? ''];
    this.#events.push({ type: 'start', id, model, created: secondsOf(response.created_at), usage: null });
  }

  #part(key: string, kind: Kind, item: JsonObject = {}): Part {
    const known = this.#open.get(key);
    if (known) return known;
    const part = { number: this.#parts++, kind, text: '' };
    this.#open.set(key, part);
    this.#seen.add(key);
    this.#kinds.add(kind);
    const isCall = kind === 'toolCall';
    const id = isCall ? (textOf(item.call_id) ?? textOf(item.id)) : null;
    const name = isCall ? textOf(item.name) : null;
    this.#events.push({ type: 'partStart', choice: 0, part: part.number, kind, id, name });
    return part;
  }

  #grow(part: Part, text: string, logprobs: JsonObject[] = []): void {
    if (text === '') return;
    part.text += text;
    const more = logprobs.length > 0 ? { logprobs } : {};
    this.#events.push({ type: 'partDelta', choice: 0, part: part.number, text, ...more });
  }

  /** @param whole what the part says in the end, when it is known */
  #close(key: string, whole: string | null): void {
    const part = this.#open.get(key);
    if (part === undefined) return;
    if (whole?.startsWith(part.text)) this.#grow(part, whole.slice(part.text.length));
    if (part.kind === 'toolCall' && part.text === '') this.#grow(part, '{}');
    this.#open.delete(key);
    this.#events.push({ type: 'partEnd', choice: 0, part: part.number });
  }

  #piece(event: JsonObject, kind: Kind): void {
    this.#grow(this.#part(keyOf(event, kind), kind), pieceOf(event.delta), objectsOf(event.logprobs));
  }

  /** Pieces of a summary after the first are set apart from it. */
  #summaryPart(event: JsonObject): void {
    const part = this.#open.get(keyOf(event, 'reasoning'));
    if (part !== undefined && part.text !== '') this.#grow(part, '\n\n');
  }

  #added(event: JsonObject): void {
    const item = objectOf(event.item);
    if (item.type !== 'function_call') return;
    this.#grow(this.#part(keyOf(event, 'toolCall'), 'toolCall', item), pieceOf(item.arguments));
  }

  /** An item as it is in the end; what of it came in pieces is known already. */
  #done(event: JsonObject): void {
    const item = objectOf(event.item);
    if (item.type === 'message') this.#messageDone(event, objectsOf(item.content));
    else if (item.type === 'reasoning') this.#reasoningDone(keyOf(event, 'reasoning'), item);
    else if (item.type === 'function_call') {
      const key = keyOf(event, 'toolCall');
      if (!this.#seen.has(key)) this.#part(key, 'toolCall', item);
      this.#close(key, pieceOf(item.arguments));
    }
  }

  #messageDone(event: JsonObject, contents: readonly JsonObject[]): void {
    for (const [i, content] of contents.entries()) {
      const kind = content.type === 'refusal' ? 'refusal' : 'text';
      const text = pieceOf(kind === 'refusal' ? content.refusal : content.text);
      const key = keyOf({ ...event, content_index: i }, kind);
      if (text !== '' && !this.#seen.has(key)) this.#part(key, kind);
      this.#close(key, text);
    }
  }

  #reasoningDone(key: string, item: JsonObject): void {
    const { text, signature, redacted } = readReasoningItem(item);
    const isSigned = signature !== null || redacted !== null;
    if ((text !== '' || isSigned) && !this.#seen.has(key)) this.#part(key, 'reasoning');
    const part = this.#open.get(key);
    if (part === undefined) return;
    if (part.text === '') this.#grow(part, text);
    if (isSigned) this.#events.push({ type: 'signature', choice: 0, part: part.number, signature, redacted });
    this.#close(key, null);
  }

  #ended(response: JsonObject): void {
    this.#finished = true;
    const error = response.error ?? null;
    if (response.status === 'failed' || error !== null) {
      const failure = readOpenAiFailure(0, { error: error ?? 'The response failed.' });
      this.#events.push({ type: 'error', failure });
      return;
    }
    this.#start(response);
    for (const key of [...this.#open.keys()]) this.#close(key, null);
    const reason = readStatus(response, this.#kinds);
    this.#events.push({ type: 'finish', choice: 0, reason, stopSequence: null });
    const usage = readResponsesUsage(response.usage);
    if (usage !== null) this.#events.push({ type: 'usage', usage, serviceTier: textOf(response.service_tier) });
  }
}

/**
 * Reads a stream of response events. Servers that leave out the events between are understood too: a part opens with
 * its first piece, and what an item says in the end that no piece said is added then.
 */
export const createResponsesReader = (): StreamReader => new ResponsesReader();
