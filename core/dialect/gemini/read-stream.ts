import type { ModelEvent, ModelPart } from '../../ports/index.ts';
import type { Json, JsonObject } from '../../records/index.ts';
import { readGeminiUsage } from '../../trace/index.ts';
import type { StreamReader } from '../codec.ts';
import { parseEvent } from '../parse-event.ts';
import {
  blockReason,
  callId,
  objectsOf,
  readFinishReason,
  readLogprobs,
  readParts,
  type SignedPart,
  textOf,
  tierOf,
} from './answer.ts';
import { readGenerateFailure } from './failure.ts';

type Kind = 'text' | 'reasoning';
type Choice = {
  index: number;
  parts: number;
  calls: number;
  open: { part: number; kind: Kind } | null;
  hasEnded: boolean;
};

function close(choice: Choice): ModelEvent[] {
  if (choice.open === null) return [];
  const { part } = choice.open;
  choice.open = null;
  return [{ type: 'partEnd', choice: choice.index, part }];
}

/** Text goes on in the part of its kind that is open. */
function grow(choice: Choice, kind: Kind): { part: number; events: ModelEvent[] } {
  if (choice.open?.kind === kind) return { part: choice.open.part, events: [] };
  const events = close(choice);
  const part = choice.parts++;
  choice.open = { part, kind };
  events.push({ type: 'partStart', choice: choice.index, part, kind, id: null, name: null });
  return { part, events };
}

type Piece = { kind: Kind; text: string; logprobs?: JsonObject[] | null };

function textEvents(choice: Choice, { kind, text, logprobs }: Piece): ModelEvent[] {
  const { part, events } = grow(choice, kind);
  const more = logprobs ? { logprobs } : {};
  return [...events, { type: 'partDelta', choice: choice.index, part, text, ...more }];
}

/** A call comes whole. */
function callEvents(choice: Choice, call: Extract<ModelPart, { type: 'toolCall' }>): ModelEvent[] {
  const events = close(choice);
  const [at, part] = [choice.index, choice.parts++];
  events.push(
    { type: 'partStart', choice: at, part, kind: 'toolCall', id: call.id, name: call.name },
    { type: 'partDelta', choice: at, part, text: call.arguments },
    { type: 'partEnd', choice: at, part },
  );
  return events;
}

/** Ends the thought that is open with its signature. */
function signatureEvents(choice: Choice, signature: string): ModelEvent[] {
  const { part, events } = grow(choice, 'reasoning');
  return [...events, { type: 'signature', choice: choice.index, part, signature, redacted: null }, ...close(choice)];
}

type Given = SignedPart & { logprobs: JsonObject[] | null };

function partEvents(choice: Choice, { part, signature, logprobs }: Given): ModelEvent[] {
  // Of a part that is no thought: it stands alone.
  const events = signature === null ? [] : [...close(choice), ...signatureEvents(choice, signature)];
  if (part.type === 'toolCall') events.push(...callEvents(choice, part));
  if (part.type === 'text' && part.text !== '')
    events.push(...textEvents(choice, { kind: 'text', text: part.text, logprobs }));
  // A picture has no pieces; nobody of another dialect can ask for one.
  if (part.type !== 'reasoning') return events;
  if (part.text !== '') events.push(...textEvents(choice, { kind: 'reasoning', text: part.text }));
  return part.signature === null ? events : [...events, ...signatureEvents(choice, part.signature)];
}

/** Reads the chunks of `streamGenerateContent?alt=sse`, each a small answer; all but the usage adds up. */
export function createGenerateReader(): StreamReader {
  const choices = new Map<number, Choice>();
  let hasBegun = false;
  let usage: Json | undefined;

  function candidate(value: JsonObject, { position, answer }: { position: number; answer: string }): ModelEvent[] {
    const index = typeof value.index === 'number' ? value.index : position;
    const choice = choices.get(index) ?? { index, parts: 0, calls: 0, open: null, hasEnded: false };
    choices.set(index, choice);
    if (choice.hasEnded) return [];
    const of = index === 0 ? answer : `${answer}_${index}`;
    let logprobs = readLogprobs(value.logprobsResult);
    const events: ModelEvent[] = [];
    for (const given of readParts(value.content, (call) => callId(call, { answer: of, number: choice.calls++ }))) {
      const isText = given.part.type === 'text';
      events.push(...partEvents(choice, { ...given, logprobs: isText ? logprobs : null }));
      if (isText) logprobs = null;
    }
    const reason = readFinishReason(value.finishReason, choice.calls > 0);
    if (reason === null) return events;
    choice.hasEnded = true;
    return [...events, ...close(choice), { type: 'finish', choice: index, reason, stopSequence: null }];
  }

  function chunk(json: JsonObject): ModelEvent[] {
    const events: ModelEvent[] = [];
    const id = textOf(json.responseId);
    if (!hasBegun) events.push({ type: 'start', id, model: textOf(json.modelVersion), created: 0, usage: null });
    hasBegun = true;
    usage = json.usageMetadata ?? usage;
    const candidates = objectsOf(json.candidates);
    for (const [position, value] of candidates.entries()) events.push(...candidate(value, { position, answer: id }));
    if (candidates.length === 0 && blockReason(json) !== null)
      events.push({ type: 'error', failure: readGenerateFailure(200, json) });
    return events;
  }

  return {
    read({ data }) {
      const json = parseEvent(data);
      if (json === null) return [];
      return json.error === undefined ? chunk(json) : [{ type: 'error', failure: readGenerateFailure(200, json) }];
    },
    end() {
      const told = readGeminiUsage(usage);
      const closed = [...choices.values()].flatMap(close);
      return told === null ? closed : [...closed, { type: 'usage', usage: told, serviceTier: tierOf(usage) }];
    },
  };
}
