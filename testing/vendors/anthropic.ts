import { type Reply, type Served, serve } from './serve.ts';

type Body = { model: string; stream?: boolean; tools?: unknown[] };

/** Input leaves cached tokens out: 10 new, 100 read from the cache, 20 written to it, of which 5 for an hour. */
const usage = {
  input_tokens: 10,
  cache_read_input_tokens: 100,
  cache_creation_input_tokens: 20,
  cache_creation: { ephemeral_5m_input_tokens: 15, ephemeral_1h_input_tokens: 5 },
};

let answers = 0;

function message(body: Body): Reply {
  const tool = Array.isArray(body.tools);
  const text = { type: 'text', text: 'Four.' };
  const use = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Paris' } };
  const stop_reason = tool ? 'tool_use' : 'end_turn';
  const frame = { id: `msg_${++answers}`, type: 'message', role: 'assistant', model: body.model, stop_sequence: null };
  if (!body.stream)
    return {
      json: {
        ...frame,
        content: tool ? [text, use] : [text],
        stop_reason,
        usage: { ...usage, output_tokens: 5 },
      },
    };
  const events: Record<string, unknown>[] = [
    {
      type: 'message_start',
      message: { ...frame, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Fo' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ur.' } },
    { type: 'content_block_stop', index: 0 },
    ...(tool
      ? [
          { type: 'content_block_start', index: 1, content_block: { ...use, input: {} } },
          { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"city":' } },
          { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"Paris"}' } },
          { type: 'content_block_stop', index: 1 },
        ]
      : []),
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ];
  return { events: events.map((data) => ({ event: String(data.type), data })) };
}

/** A vendor that speaks Anthropic's dialect and always says `Four.`; it uses the tool `weather` when tools are offered. */
export function startAnthropic(): Promise<Served> {
  return serve(({ path, json }) =>
    path.startsWith('/v1/messages')
      ? message(json as Body)
      : { json: { type: 'error', error: { type: 'not_found_error', message: path } }, status: 404 },
  );
}
