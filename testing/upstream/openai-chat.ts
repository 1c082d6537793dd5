import type { SaidPart } from './behaviour.ts';
import { type Body, event, joined, type Sent, type Speech, statusWords, type Told, tokens } from './dialect.ts';

const finishes = { stop: 'stop', length: 'length', toolCalls: 'tool_calls', contentFilter: 'content_filter' };

const openAiUsage = {
  prompt_tokens: tokens.input,
  completion_tokens: tokens.output,
  total_tokens: tokens.input + tokens.output,
  prompt_tokens_details: { cached_tokens: tokens.cached },
  completion_tokens_details: { reasoning_tokens: tokens.reasoning },
};

const frameOf = ({ number, model }: Told, object: string) => ({
  id: `chatcmpl-upstream-${number}`,
  object,
  created: 1_800_000_000,
  model,
});

function whole(told: Told): Body {
  const of = (type: SaidPart['type']) => told.parts.filter((part) => part.type === type);
  const texts = of('text').map(joined);
  const calls = told.parts.flatMap((part) =>
    part.type === 'toolCall'
      ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: joined(part) } }]
      : [],
  );
  const reasoning = of('reasoning').map(joined);
  const message = {
    role: 'assistant',
    content: texts.length > 0 ? texts.join('') : null,
    refusal: null,
    ...(reasoning.length > 0 ? { reasoning_content: reasoning.join('') } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  return {
    ...frameOf(told, 'chat.completion'),
    choices: [{ index: 0, message, finish_reason: finishes[told.finish], logprobs: null }],
    ...(told.usage === 'none' ? {} : { usage: openAiUsage }),
  };
}

function* events(told: Told): Generator<Sent> {
  const asked = told.body.stream_options?.include_usage === true && told.usage !== 'none';
  const chunk = (delta: Body, finish: string | null = null, more: Body = {}) => ({
    ...frameOf(told, 'chat.completion.chunk'),
    choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }],
    ...(asked && told.usage === 'last' ? { usage: null } : {}),
    ...more,
  });
  yield event(chunk({ role: 'assistant', content: '', refusal: null }));
  let calls = 0;
  for (const part of told.parts) {
    if (part.type === 'toolCall') {
      const index = calls++;
      const head = { index, id: part.id, type: 'function', function: { name: part.name, arguments: '' } };
      yield event(chunk({ tool_calls: [head] }), { content: true });
      for (const piece of part.pieces)
        yield event(chunk({ tool_calls: [{ index, function: { arguments: piece } }] }), { content: true });
    } else {
      const member = part.type === 'text' ? 'content' : 'reasoning_content';
      for (const piece of part.pieces) yield event(chunk({ [member]: piece }), { content: true });
    }
  }
  const last = told.usage === 'withFinish' ? { usage: openAiUsage } : {};
  yield event(chunk({}, finishes[told.finish], last));
  if (asked && told.usage === 'last')
    yield event({ ...frameOf(told, 'chat.completion.chunk'), choices: [], usage: openAiUsage });
  yield event('[DONE]');
}

export const openAiError = (status: number, message: string): Body => ({
  error: { message, type: statusWords[status] ?? 'api_error', param: null, code: codes[status] ?? null },
});
const codes: Record<number, string> = { 401: 'invalid_api_key', 404: 'model_not_found', 429: 'rate_limit_exceeded' };

/** OpenAI's chat completions, and what compatible servers add to it. */
export const openAiChat: Speech = {
  contentType: 'text/event-stream; charset=utf-8',
  whole,
  events,
  error: openAiError,
  errorEvent: (message) => event(openAiError(500, message)),
};

const textOf = (told: Told) => told.parts.map(joined).join('');

/** OpenAI's completions of before chats. */
export const openAiCompletions: Speech = {
  ...openAiChat,
  whole: (told) => ({
    ...frameOf(told, 'text_completion'),
    choices: [{ index: 0, text: textOf(told), finish_reason: finishes[told.finish], logprobs: null }],
    ...(told.usage === 'none' ? {} : { usage: openAiUsage }),
  }),
  *events(told) {
    const choice = (text: string, finish: string | null) => [{ index: 0, text, finish_reason: finish, logprobs: null }];
    const frame = frameOf(told, 'text_completion');
    for (const part of told.parts)
      for (const piece of part.pieces) yield event({ ...frame, choices: choice(piece, null) }, { content: true });
    yield event({ ...frame, choices: choice('', finishes[told.finish]) });
    if (told.body.stream_options?.include_usage && told.usage !== 'none')
      yield event({ ...frame, choices: [], usage: openAiUsage });
    yield event('[DONE]');
  },
};
