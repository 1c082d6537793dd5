import {
  type Content,
  contentText,
  isJsonObject,
  type Json,
  type JsonObject,
  type Message,
  type Part,
  type Span,
  WheelhouseError,
} from '@wheelhouse/core/records';

const textOf = (parts: Part[]) => parts.flatMap((part) => (part.type === 'text' ? [part.content] : [])).join('\n');

const toolCallOf = (call: Extract<Part, { type: 'tool_call' }>): JsonObject => ({
  id: call.id,
  type: 'function',
  function: {
    name: call.name,
    arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
  },
});

const toolAnswerOf = (answer: Extract<Part, { type: 'tool_call_response' }>): JsonObject => ({
  role: 'tool',
  tool_call_id: answer.id,
  content: typeof answer.response === 'string' ? answer.response : JSON.stringify(answer.response),
});

/** What OpenAI's request takes as `content`: text alone as a string, with images and the like as a list of parts. */
function contentOf(parts: Part[]): Json {
  if (!parts.some((part) => part.type === 'other')) return textOf(parts);
  return parts.flatMap((part): JsonObject[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.content }];
    return part.type === 'other' ? [part.value] : [];
  });
}

/**
 * A message in the form of OpenAI's requests; one with several tool results becomes several, one without content none.
 * Reasoning is left out: no request takes it back.
 */
function requestMessages({ role, name, parts }: Message): JsonObject[] {
  const toolCalls = parts.flatMap((part) => (part.type === 'tool_call' ? [toolCallOf(part)] : []));
  const toolAnswers = parts.flatMap((part) => (part.type === 'tool_call_response' ? [toolAnswerOf(part)] : []));
  const content = contentOf(parts);
  const isEmpty = content === '';
  if (toolAnswers.length > 0 && isEmpty) return toolAnswers;
  const message: JsonObject = {
    role,
    ...(name === undefined ? {} : { name }),
    content: isEmpty && toolCalls.length > 0 ? null : content,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
  return [message, ...toolAnswers];
}

/** One user message of text alone is that text; the rest keeps its messages. */
function simplest(messages: Json[], variables: JsonObject): Json {
  const [only] = messages;
  const hasVariables = Object.keys(variables).length > 0;
  if (messages.length === 0 && !Object.hasOwn(variables, 'messages')) return variables;
  if (hasVariables) return { messages, variables };
  const isUserText =
    isJsonObject(only) && only.role === 'user' && typeof only.content === 'string' && Object.keys(only).length === 2;
  return messages.length === 1 && isUserText ? (only.content as string) : { messages };
}

/** What the caller of a registered model sent, which the gateway keeps beside what the template made of it. */
function callerInput({ attributes }: Span): { messages: Json[]; variables: JsonObject } | null {
  const kept = attributes['wheelhouse.input'];
  if (typeof kept !== 'string') return null;
  try {
    const { messages, variables } = JSON.parse(kept) as { messages?: Json; variables?: Json };
    return { messages: Array.isArray(messages) ? messages : [], variables: isJsonObject(variables) ? variables : {} };
  } catch {
    return null;
  }
}

const requestInput = (content: Content): Json =>
  content.type === 'json' ? content.value : simplest(content.messages.flatMap(requestMessages), {});

const outputOf = (content: Content | null): Json => {
  if (content === null) return null;
  return content.type === 'json' ? content.value : contentText(content, 'output');
};

/**
 * Input and output of a span as those of an example: messages in the form of OpenAI's requests, without those that the
 * answering model's own template added.
 * @throws WheelhouseError `invalid_request` when the span has no input
 */
export function exampleFromSpan(span: Span): { input: Json; output: Json } {
  const sent = callerInput(span);
  const isEmpty = sent !== null && sent.messages.length === 0 && Object.keys(sent.variables).length === 0;
  const input = sent && !isEmpty ? simplest(sent.messages, sent.variables) : span.input && requestInput(span.input);
  if (input === null)
    throw new WheelhouseError('invalid_request', `Span ${span.spanId} has no input, so it cannot become an example.`, {
      param: 'examples',
      hint: 'Take a span that shows an input, such as the model call below it, or send `input` yourself.',
    });
  return { input, output: outputOf(span.output) };
}
