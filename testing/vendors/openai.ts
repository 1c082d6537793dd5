import { type Reply, type Served, serve } from './serve.ts';

type Body = {
  model: string;
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  tools?: unknown[];
  messages?: { role: string; content: unknown }[];
  input?: unknown;
  prompt?: string;
};

/** What each chat and response counts: 3 of its 11 input tokens were cached, 2 of its 7 output tokens are reasoning. */
const chatUsage = {
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 2 },
};
const responseUsage = {
  input_tokens: 11,
  output_tokens: 7,
  total_tokens: 18,
  input_tokens_details: { cached_tokens: 3 },
  output_tokens_details: { reasoning_tokens: 2 },
};
const call = { name: 'weather', arguments: '{"city":"Paris"}' };
/** Whether the model is to call a tool: one is offered, and none has answered. */
const wantsTool = ({ tools, messages = [] }: Body) =>
  Array.isArray(tools) && !messages.some(({ role }) => role === 'tool');

let answers = 0;

function chat(body: Body): Reply {
  const frame = { id: `chatcmpl-${++answers}`, created: 1_800_000_000, model: `${body.model}-2024-07-18` };
  const tool = wantsTool(body);
  const message = tool
    ? { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: call }] }
    : { role: 'assistant', content: 'Four.', refusal: null };
  const finish_reason = tool ? 'tool_calls' : 'stop';
  if (!body.stream) {
    const choices = [{ index: 0, message, finish_reason, logprobs: null }];
    return { json: { ...frame, object: 'chat.completion', choices, usage: chatUsage } };
  }
  const chunk = (delta: object, finish: string | null = null) => ({
    data: {
      ...frame,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...(body.stream_options?.include_usage ? { usage: null } : {}),
    },
  });
  const piece = (id: string | undefined, name: string | undefined, part: string) =>
    chunk({
      tool_calls: [
        { index: 0, ...(id ? { id, type: 'function' } : {}), function: { ...(name ? { name } : {}), arguments: part } },
      ],
    });
  const events = [
    chunk({ role: 'assistant', content: tool ? null : '' }),
    ...(tool
      ? [
          piece('call_1', 'weather', ''),
          piece(undefined, undefined, '{"city":'),
          piece(undefined, undefined, '"Paris"}'),
        ]
      : body.model === 'silent'
        ? []
        : [chunk({ content: 'Fo' }), chunk({ content: 'ur.' })]),
    chunk({}, finish_reason),
    ...(body.stream_options?.include_usage
      ? [{ data: { ...frame, object: 'chat.completion.chunk', choices: [], usage: chatUsage } }]
      : []),
    { data: '[DONE]' },
  ];
  return { events };
}

function response(body: Body): Reply {
  const item = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'Four.', annotations: [] }],
  };
  const empty = {
    id: `resp_${++answers}`,
    object: 'response',
    model: `${body.model}-2024-07-18`,
    output: [],
    status: 'in_progress',
  };
  const whole =
    body.model === 'failed'
      ? { ...empty, status: 'failed', error: { code: 'server_error', message: 'It broke.' } }
      : { ...empty, status: 'completed', output: [item], usage: responseUsage };
  if (!body.stream) return { json: whole };
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const events = [
    { type: 'response.created', response: empty },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [], status: 'in_progress' } },
    { type: 'response.content_part.added', ...place, part: { type: 'output_text', text: '', annotations: [] } },
    { type: 'response.output_text.delta', ...place, delta: 'Fo' },
    { type: 'response.output_text.delta', ...place, delta: 'ur.' },
    { type: 'response.output_text.done', ...place, text: 'Four.' },
    { type: 'response.content_part.done', ...place, part: item.content[0] },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ];
  return { events: events.map((data, i) => ({ event: data.type, data: { ...data, sequence_number: i } })) };
}

function embeddings(body: Body & { encoding_format?: string }): Reply {
  const vector = new Float32Array([0.5, 0.25, -1]);
  const embedding = body.encoding_format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector];
  const data = [body.input].flat().map((_, index) => ({ object: 'embedding', index, embedding }));
  return { json: { object: 'list', model: body.model, data, usage: { prompt_tokens: 5, total_tokens: 5 } } };
}

function completion(body: Body): Reply {
  const frame = { id: `cmpl-${++answers}`, object: 'text_completion', model: body.model };
  const usage = { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 };
  const choice = (text: string, finish_reason: string | null) => ({ index: 0, text, finish_reason, logprobs: null });
  if (!body.stream) return { json: { ...frame, choices: [choice(' four', 'stop')], usage } };
  return {
    events: [
      { data: { ...frame, choices: [choice(' fo', null)] } },
      { data: { ...frame, choices: [choice('ur', 'stop')], usage } },
      { data: '[DONE]' },
    ],
  };
}

const endpoints: Record<string, (body: Body) => Reply> = {
  '/v1/chat/completions': chat,
  '/v1/responses': response,
  '/v1/embeddings': embeddings,
  '/v1/completions': completion,
};

/**
 * A vendor that speaks OpenAI's dialect and always says `Four.`; it calls the tool `weather` when tools are offered. The
 * model `refused` is answered with 400, `failed` answers that it failed, `cut` breaks its stream off, and `silent`
 * streams no words.
 */
export async function startOpenAi(): Promise<Served & { baseUrl: string }> {
  const served = await serve(({ path, json }, res) => {
    const body = json as Body;
    if (body.model === 'refused')
      return { json: { error: { message: 'No such model.', code: 'model_not_found' } }, status: 400 };
    if (body.model === 'cut') {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const choices = [{ index: 0, delta: { content: 'Fo' }, finish_reason: null }];
      res.write(`data: ${JSON.stringify({ id: 'chatcmpl-cut', model: 'cut', choices })}\n\n`, () => res.destroy());
      return null;
    }
    return endpoints[path]?.(body) ?? { json: { error: { message: path } }, status: 404 };
  });
  return { ...served, baseUrl: `${served.url}/v1` };
}
