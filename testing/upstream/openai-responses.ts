import type { SaidPart } from './behaviour.ts';
import { type Body, event, joined, type Sent, type Speech, type Told, tokens } from './dialect.ts';
import { openAiError } from './openai-chat.ts';

const usage = {
  input_tokens: tokens.input,
  input_tokens_details: { cached_tokens: tokens.cached },
  output_tokens: tokens.output,
  output_tokens_details: { reasoning_tokens: tokens.reasoning },
  total_tokens: tokens.input + tokens.output,
};

const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

function itemOf(part: SaidPart, { number, text, status }: { number: string; text: string; status: string }): Body {
  if (part.type === 'toolCall')
    return {
      id: `fc_${number}`,
      type: 'function_call',
      status,
      call_id: part.id,
      name: part.name,
      arguments: text,
    };
  if (part.type === 'reasoning') {
    const summary = text === '' ? [] : [{ type: 'summary_text', text }];
    return { id: `rs_${number}`, type: 'reasoning', summary };
  }
  const content = status === 'completed' ? [textPart(text)] : [];
  return { id: `msg_${number}`, type: 'message', status, role: 'assistant', content };
}

/** The object with all its members, as the specification has them; clients read more of them than one thinks. */
function frameOf({ number, model, body }: Told): Body {
  return {
    id: `resp_upstream${number}`,
    object: 'response',
    created_at: 1_800_000_000,
    completed_at: null,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: null, summary: null },
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    metadata: body.metadata ?? {},
  };
}

function ended(told: Told, output: Body[]): Body & { status: string } {
  const incomplete = told.finish === 'length' || told.finish === 'contentFilter';
  const reason = told.finish === 'length' ? 'max_output_tokens' : 'content_filter';
  return {
    ...frameOf(told),
    status: incomplete ? 'incomplete' : 'completed',
    completed_at: 1_800_000_001,
    incomplete_details: incomplete ? { reason } : null,
    output,
    ...(told.usage === 'none' ? {} : { usage }),
  };
}

function whole(told: Told): Body {
  const output = told.parts.map((part, i) =>
    itemOf(part, { number: `${told.number}_${i}`, text: joined(part), status: 'completed' }),
  );
  return ended(told, output);
}

type Step = { type: string; [key: string]: unknown };

/** What opens, fills and closes one item of the output. */
function* itemSteps(part: SaidPart, place: { number: string; output_index: number }): Generator<Step, Body> {
  const { number, output_index } = place;
  const opened = itemOf(part, { number, text: '', status: 'in_progress' });
  const at = { item_id: opened.id, output_index };
  let text = '';
  yield { type: 'response.output_item.added', output_index, item: opened };
  if (part.type === 'toolCall') {
    for (const delta of part.pieces) {
      text += delta;
      yield { type: 'response.function_call_arguments.delta', ...at, delta };
    }
    yield { type: 'response.function_call_arguments.done', ...at, name: part.name, arguments: text };
  } else if (part.type === 'reasoning') {
    const within = { ...at, summary_index: 0 };
    yield { type: 'response.reasoning_summary_part.added', ...within, part: { type: 'summary_text', text: '' } };
    for (const delta of part.pieces) {
      text += delta;
      yield { type: 'response.reasoning_summary_text.delta', ...within, delta };
    }
    yield { type: 'response.reasoning_summary_text.done', ...within, text };
    yield { type: 'response.reasoning_summary_part.done', ...within, part: { type: 'summary_text', text } };
  } else {
    const within = { ...at, content_index: 0 };
    yield { type: 'response.content_part.added', ...within, part: textPart('') };
    for (const delta of part.pieces) {
      text += delta;
      yield { type: 'response.output_text.delta', ...within, delta, logprobs: [] };
    }
    yield { type: 'response.output_text.done', ...within, text, logprobs: [] };
    yield { type: 'response.content_part.done', ...within, part: textPart(text) };
  }
  const item = itemOf(part, { number, text, status: 'completed' });
  yield { type: 'response.output_item.done', output_index, item };
  return item;
}

function* events(told: Told): Generator<Sent> {
  let sequence_number = 0;
  const sent = ({ type, ...more }: Step) =>
    event({ type, sequence_number: sequence_number++, ...more }, { name: type, content: type.endsWith('.delta') });
  yield sent({ type: 'response.created', response: frameOf(told) });
  yield sent({ type: 'response.in_progress', response: frameOf(told) });
  const output: Body[] = [];
  for (const [output_index, part] of told.parts.entries()) {
    const steps = itemSteps(part, { number: `${told.number}_${output_index}`, output_index });
    let step = steps.next();
    while (step.done !== true) {
      yield sent(step.value);
      step = steps.next();
    }
    output.push(step.value);
  }
  const response = ended(told, output);
  yield sent({ type: `response.${response.status}`, response });
}

/** OpenAI's responses, with the whole choreography of a stream. */
export const openAiResponses: Speech = {
  contentType: 'text/event-stream; charset=utf-8',
  whole,
  events,
  error: openAiError,
  errorEvent: (message) =>
    event({ type: 'error', sequence_number: 99, code: 'server_error', message, param: null }, { name: 'error' }),
};
