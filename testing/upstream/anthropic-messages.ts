import type { SaidPart } from './behaviour.ts';
import { type Body, event, joined, type Sent, type Speech, statusWords, type Told, tokens } from './dialect.ts';

const finishes = { stop: 'end_turn', length: 'max_tokens', toolCalls: 'tool_use', contentFilter: 'refusal' };

/** Cached tokens stand beside the input, not in it. */
const usage = {
  input_tokens: tokens.input - tokens.cached,
  cache_read_input_tokens: tokens.cached,
  cache_creation_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  service_tier: 'standard',
};

const frameOf = ({ number, model }: Told) => ({
  id: `msg_upstream${number}`,
  type: 'message',
  role: 'assistant',
  model,
});

function blockOf(part: SaidPart): Body {
  if (part.type === 'toolCall')
    return { type: 'tool_use', id: part.id, name: part.name, input: JSON.parse(joined(part) || '{}') };
  if (part.type === 'reasoning') return { type: 'thinking', thinking: joined(part), signature: 'c2lnbmF0dXJl' };
  return { type: 'text', text: joined(part) };
}

function whole(told: Told): Body {
  return {
    ...frameOf(told),
    content: told.parts.map(blockOf),
    stop_reason: finishes[told.finish],
    stop_sequence: null,
    usage: { ...usage, output_tokens: tokens.output },
  };
}

const opened = (part: SaidPart): Body => {
  if (part.type === 'toolCall') return { type: 'tool_use', id: part.id, name: part.name, input: {} };
  return part.type === 'text' ? { type: 'text', text: '' } : { type: 'thinking', thinking: '', signature: '' };
};

const deltaOf = (part: SaidPart, piece: string): Body => {
  if (part.type === 'toolCall') return { type: 'input_json_delta', partial_json: piece };
  return part.type === 'text' ? { type: 'text_delta', text: piece } : { type: 'thinking_delta', thinking: piece };
};

function* events(told: Told): Generator<Sent> {
  const sent = (data: Body & { type: string }, content = false) => event(data, { name: data.type, content });
  const start = { ...frameOf(told), content: [], stop_reason: null, stop_sequence: null };
  yield sent({ type: 'message_start', message: { ...start, usage: { ...usage, output_tokens: 1 } } });
  yield sent({ type: 'ping' });
  for (const [index, part] of told.parts.entries()) {
    yield sent({ type: 'content_block_start', index, content_block: opened(part) });
    for (const piece of part.pieces)
      yield sent({ type: 'content_block_delta', index, delta: deltaOf(part, piece) }, true);
    if (part.type === 'reasoning')
      yield sent({ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: 'c2lnbmF0dXJl' } });
    yield sent({ type: 'content_block_stop', index });
  }
  const delta = { stop_reason: finishes[told.finish], stop_sequence: null };
  yield sent({ type: 'message_delta', delta, usage: { output_tokens: tokens.output } });
  yield sent({ type: 'message_stop' });
}

const error = (status: number, message: string): Body => ({
  type: 'error',
  error: { type: statusWords[status] ?? 'api_error', message },
  request_id: 'req_upstream',
});

export const anthropicMessages: Speech = {
  contentType: 'text/event-stream; charset=utf-8',
  whole,
  events,
  error,
  errorEvent: (message) => event(error(529, message), { name: 'error' }),
};
