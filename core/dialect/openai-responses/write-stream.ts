import type { FinishReason, ModelEvent, VendorFailure } from '../../ports/index.ts';
import type { JsonObject, Usage } from '../../records/index.ts';
import type { AnswerFrame, StreamWriter } from '../codec.ts';
import { failureError } from '../failure.ts';
import { sseFrame } from '../sse.ts';
import { type ResponseEnd, responseObject, writeStatus } from './answer.ts';
import { callItem, type ItemStatus, messageItem, outputText, reasoningItem, refusalContent } from './items.ts';
import { writeResponsesError } from './write-error.ts';

type PartStart = Extract<ModelEvent, { type: 'partStart' }>;
type PartDelta = Extract<ModelEvent, { type: 'partDelta' }>;

type Part = {
  kind: PartStart['kind'];
  item: number;
  itemId: string;
  /** Of a text or refusal: its place in its message. */
  content: number;
  text: string;
  logprobs: JsonObject[];
  callId: string;
  name: string;
  signature: string | null;
  redacted: string | null;
};

type Message = { item: number; id: string; content: JsonObject[] };

const newPart = ({ kind, id, name }: PartStart): Part => ({
  kind,
  item: 0,
  itemId: '',
  content: 0,
  text: '',
  logprobs: [],
  callId: id ?? '',
  name: name ?? '',
  signature: null,
  redacted: null,
});

/** A log probability as the events of a stream have it. */
const plainLogprob = ({ token = '', logprob = 0, top_logprobs: tops = [] }: JsonObject): JsonObject => ({
  token,
  logprob,
  top_logprobs: tops,
});

const inItem = ({ itemId, item }: Part): JsonObject => ({ item_id: itemId, output_index: item });
const inMessage = (part: Part): JsonObject => ({ ...inItem(part), content_index: part.content });
const inSummary = (part: Part): JsonObject => ({ ...inItem(part), summary_index: 0 });
const summaryText = (text: string): JsonObject => ({ type: 'summary_text', text });

/** In the words of a response's own error. */
function codeOf({ kind }: VendorFailure): string {
  if (kind === 'rateLimited') return 'rate_limit_exceeded';
  return kind === 'contentPolicy' ? 'invalid_prompt' : 'server_error';
}

/** Counts and writes events, and keeps what they told for the response that ends them. */
class ResponsesWriter implements StreamWriter {
  readonly #frame: AnswerFrame;
  readonly #parts = new Map<number, Part>();
  /** As they are in the end, by output index. */
  readonly #items: JsonObject[] = [];
  #message: Message | null = null;
  #sequence = 0;
  #itemCount = 0;
  #started = false;
  #failed = false;
  #created: number;
  #usage: Usage | null = null;
  #serviceTier: string | null = null;
  #reason: FinishReason = 'stop';

  constructor(frame: AnswerFrame) {
    this.#frame = frame;
    this.#created = frame.created;
  }

  write(event: ModelEvent): string {
    if (this.#failed) return '';
    if (event.type === 'error') return this.#fail(event.failure);
    // A response is one answer.
    return 'choice' in event && event.choice !== 0 ? '' : this.#take(event);
  }

  end(): string {
    if (this.#failed) return '';
    let text = this.#start();
    for (const number of [...this.#parts.keys()]) text += this.#endPart(number, 'completed');
    text += this.#closeMessage('completed');
    const end = writeStatus(this.#reason);
    return text + this.#emit(`response.${end.status}`, { response: this.#response(end) });
  }

  #take(event: Exclude<ModelEvent, { type: 'error' }>): string {
    if (event.type === 'partDelta') return this.#grow(event);
    if (event.type === 'partStart') return this.#startPart(event);
    if (event.type === 'partEnd') return this.#endPart(event.part, 'completed');
    if (event.type === 'start') {
      this.#created = event.created || this.#frame.created;
      this.#usage = event.usage ?? this.#usage;
      return this.#start();
    }
    if (event.type === 'signature') {
      const part = this.#parts.get(event.part);
      if (part) Object.assign(part, { signature: event.signature, redacted: event.redacted });
    } else if (event.type === 'usage') {
      this.#usage = event.usage;
      this.#serviceTier = event.serviceTier;
    } else this.#reason = event.reason;
    return '';
  }

  #emit(type: string, members: JsonObject): string {
    return sseFrame(JSON.stringify({ type, sequence_number: this.#sequence++, ...members }), type);
  }

  #response(end: Pick<ResponseEnd, 'status' | 'reason' | 'error'>): JsonObject {
    return responseObject(this.#frame, {
      ...end,
      created: this.#created,
      // An item that is still open has no entry.
      output: this.#items.filter((item) => item !== undefined),
      usage: this.#usage,
      serviceTier: this.#serviceTier,
    });
  }

  #start(): string {
    if (this.#started) return '';
    this.#started = true;
    const response = this.#response({ status: 'in_progress' });
    return this.#emit('response.created', { response }) + this.#emit('response.in_progress', { response });
  }

  #added(index: number, item: JsonObject): string {
    return this.#emit('response.output_item.added', { output_index: index, item });
  }

  #done(index: number, item: JsonObject): string {
    this.#items[index] = item;
    return this.#emit('response.output_item.done', { output_index: index, item });
  }

  #closeMessage(status: ItemStatus): string {
    if (this.#message === null) return '';
    const { item, id, content } = this.#message;
    this.#message = null;
    return this.#done(item, messageItem(id, status, content));
  }

  #startPart(event: PartStart): string {
    const begun = this.#start();
    const part = newPart(event);
    this.#parts.set(event.part, part);
    return begun + (event.kind === 'text' || event.kind === 'refusal' ? this.#startText(part) : this.#startItem(part));
  }

  #startText(part: Part): string {
    let text = '';
    if (this.#message === null) {
      const item = this.#itemCount++;
      this.#message = { item, id: `msg_${this.#frame.id}_${item}`, content: [] };
      text = this.#added(item, messageItem(this.#message.id, 'in_progress', []));
    }
    const { item, id, content } = this.#message;
    Object.assign(part, { item, itemId: id, content: content.length });
    const empty = part.kind === 'refusal' ? refusalContent('') : outputText('');
    content.push(empty);
    return text + this.#emit('response.content_part.added', { ...inMessage(part), part: empty });
  }

  #startItem(part: Part): string {
    const closed = this.#closeMessage('completed');
    part.item = this.#itemCount++;
    const isCall = part.kind === 'toolCall';
    part.itemId = `${isCall ? 'fc' : 'rs'}_${this.#frame.id}_${part.item}`;
    const { itemId: id, callId, name } = part;
    const item = isCall
      ? callItem({ id, callId, name, arguments: '' }, 'in_progress')
      : reasoningItem(id, { text: '', signature: null, redacted: null });
    return closed + this.#added(part.item, item);
  }

  #grow({ part: number, text, logprobs = [] }: PartDelta): string {
    const part = this.#parts.get(number);
    if (part === undefined || text === '') return '';
    const isFirst = part.text === '';
    part.text += text;
    if (part.kind === 'text') {
      part.logprobs.push(...logprobs);
      const more = logprobs.map(plainLogprob);
      return this.#emit('response.output_text.delta', { ...inMessage(part), delta: text, logprobs: more });
    }
    if (part.kind === 'refusal') return this.#emit('response.refusal.delta', { ...inMessage(part), delta: text });
    if (part.kind === 'toolCall')
      return this.#emit('response.function_call_arguments.delta', { ...inItem(part), delta: text });
    const opened = isFirst
      ? this.#emit('response.reasoning_summary_part.added', { ...inSummary(part), part: summaryText('') })
      : '';
    return opened + this.#emit('response.reasoning_summary_text.delta', { ...inSummary(part), delta: text });
  }

  #endPart(number: number, status: ItemStatus): string {
    const part = this.#parts.get(number);
    if (part === undefined) return '';
    this.#parts.delete(number);
    if (part.kind === 'toolCall') return this.#endCall(part, status);
    return part.kind === 'reasoning' ? this.#endReasoning(part) : this.#endText(part);
  }

  #endText(part: Part): string {
    const { kind, text, logprobs } = part;
    const whole = kind === 'refusal' ? refusalContent(text) : outputText(text, logprobs);
    if (this.#message !== null && this.#message.item === part.item) this.#message.content[part.content] = whole;
    const told =
      kind === 'refusal'
        ? this.#emit('response.refusal.done', { ...inMessage(part), refusal: text })
        : this.#emit('response.output_text.done', { ...inMessage(part), text, logprobs: logprobs.map(plainLogprob) });
    return told + this.#emit('response.content_part.done', { ...inMessage(part), part: whole });
  }

  #endCall(part: Part, status: ItemStatus): string {
    const { itemId: id, callId, name } = part;
    // Clients put the pieces together and parse them.
    const isEmpty = part.text === '' && status === 'completed';
    const text = isEmpty ? '{}' : part.text;
    const piece = isEmpty ? this.#emit('response.function_call_arguments.delta', { ...inItem(part), delta: text }) : '';
    const told = this.#emit('response.function_call_arguments.done', { ...inItem(part), name, arguments: text });
    return piece + told + this.#done(part.item, callItem({ id, callId, name, arguments: text }, status));
  }

  #endReasoning(part: Part): string {
    const { text } = part;
    const told =
      text === ''
        ? ''
        : this.#emit('response.reasoning_summary_text.done', { ...inSummary(part), text }) +
          this.#emit('response.reasoning_summary_part.done', { ...inSummary(part), part: summaryText(text) });
    return told + this.#done(part.item, reasoningItem(part.itemId, part));
  }

  /** The error as clients know it from elsewhere, then the response that it ended. */
  #fail(failure: VendorFailure): string {
    this.#failed = true;
    const begun = this.#start();
    // What is open is told with the response; its own events are left out, and their numbers with them.
    const next = this.#sequence;
    for (const number of [...this.#parts.keys()]) this.#endPart(number, 'incomplete');
    this.#closeMessage('incomplete');
    this.#sequence = next;
    const error = failureError(failure);
    const response = this.#response({ status: 'failed', error: { code: codeOf(failure), message: error.message } });
    return begun + this.#emit('error', writeResponsesError(error)) + this.#emit('response.failed', { response });
  }
}

/**
 * Writes the events of a response: each item and each part of it is announced, grows, and is told whole when it is done;
 * texts that follow one another are parts of one message.
 */
export const createResponsesWriter = (frame: AnswerFrame): StreamWriter => new ResponsesWriter(frame);
