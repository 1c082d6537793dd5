import type { SaidPart } from './behaviour.ts';
import { type Body, event, joined, type Sent, type Speech, type Told, tokens } from './dialect.ts';

const finishes = { stop: 'STOP', length: 'MAX_TOKENS', toolCalls: 'STOP', contentFilter: 'SAFETY' };

/** Cached tokens are part of the prompt; thoughts are not part of the candidates. */
const usageMetadata = {
  promptTokenCount: tokens.input,
  cachedContentTokenCount: tokens.cached,
  candidatesTokenCount: tokens.output - tokens.reasoning,
  thoughtsTokenCount: tokens.reasoning,
  totalTokenCount: tokens.input + tokens.output,
};

const words: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

const partOf = (part: SaidPart, text: string): Body => {
  if (part.type === 'toolCall')
    return { functionCall: { id: part.id, name: part.name, args: JSON.parse(text || '{}') } };
  return part.type === 'text' ? { text } : { text, thought: true };
};

const answerOf = (told: Told, parts: Body[], more: Body = {}): Body => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
  ...(told.usage === 'none' ? {} : { usageMetadata }),
  modelVersion: told.model,
  responseId: `gemini-upstream-${told.number}`,
});

function* events(told: Told): Generator<Sent> {
  for (const part of told.parts) {
    // A call comes whole.
    const pieces = part.type === 'toolCall' ? [joined(part)] : part.pieces;
    for (const piece of pieces) yield event(answerOf(told, [partOf(part, piece)]), { content: true });
  }
  yield event(answerOf(told, [{ text: '' }], { finishReason: finishes[told.finish] }));
}

const error = (status: number, message: string): Body => ({
  error: { code: status, message, status: words[status] ?? 'UNKNOWN' },
});

export const gemini: Speech = {
  contentType: 'text/event-stream',
  whole: (told) =>
    answerOf(
      told,
      told.parts.map((part) => partOf(part, joined(part))),
      { finishReason: finishes[told.finish] },
    ),
  events,
  error,
  errorEvent: (message) => event(error(503, message)),
};
