import { predictPath } from '@wheelhouse/core/contract/paths';
import { type ErrorBody, WheelhouseApiError } from '@wheelhouse/sdk';

export type ChatMessage = { role: string; [member: string]: unknown };

export type ChatRequest = {
  model: string;
  messages: ChatMessage[];
  variables?: Record<string, unknown>;
  /** Other members of the request. */
  parameters?: Record<string, unknown>;
  signal?: AbortSignal;
};

async function refuse(response: Response): Promise<never> {
  const text = await response.text();
  let body: ErrorBody | undefined;
  try {
    body = JSON.parse(text) as ErrorBody;
  } catch {
    // Not our error form: the text itself is the best there is to say.
  }
  throw new WheelhouseApiError(
    response.status,
    body?.error?.code ?? 'unexpected_answer',
    body?.error?.message ?? `HTTP ${response.status}: ${text.slice(0, 200)}`,
    body?.error?.hint ?? 'The provider may say more in its own log.',
  );
}

async function post(body: object, signal?: AbortSignal, path = '/v1/chat/completions'): Promise<Response> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  return response.ok ? response : refuse(response);
}

/** The ids that a chat request may name. */
export async function callableModels(signal?: AbortSignal): Promise<string[]> {
  const response = await fetch('/v1/models', signal ? { signal } : {});
  if (!response.ok) return refuse(response);
  const { data } = (await response.json()) as { data: { id: string }[] };
  return data.map((model) => model.id);
}

/** One real call to the simulated model, so that there is a first trace. */
export async function sendSampleCall(): Promise<string | null> {
  const response = await post({
    model: 'sim/echo',
    messages: [{ role: 'user', content: 'Can I return a sale item after 30 days?' }],
  });
  await response.text();
  return response.headers.get('x-wheelhouse-trace-id');
}

type ToolDelta = { index?: number; function?: { name?: string; arguments?: string } };
type Chunk = {
  choices?: { delta?: { content?: string | null; tool_calls?: ToolDelta[] } }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
  error?: { message: string; hint?: string };
};

export type ToolCall = { name: string; arguments: string };
export type Tokens = { input: number; output: number };

/** What the gateway says of a call besides its answer. */
export type ChatAnswer = {
  traceId: string | null;
  /** `provider/model` that answered. */
  target: string | null;
  /** What the cache had to do with it. */
  cache: string | null;
  toolCalls: ToolCall[];
  /** null: it was not said. */
  tokens: Tokens | null;
};

function readChunk(line: string): Chunk | null {
  if (!line.startsWith('data:')) return null;
  const data = line.slice(5).trim();
  if (data === '' || data === '[DONE]') return null;
  const chunk = JSON.parse(data) as Chunk;
  if (chunk.error) throw new WheelhouseApiError(502, 'upstream_cut', chunk.error.message, chunk.error.hint ?? '');
  return chunk;
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const part of body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
    const lines = (rest + part).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function addToolCall(calls: ToolCall[], delta: ToolDelta): void {
  const at = delta.index ?? calls.length;
  const known = calls[at] ?? { name: '', arguments: '' };
  calls[at] = {
    name: known.name + (delta.function?.name ?? ''),
    arguments: known.arguments + (delta.function?.arguments ?? ''),
  };
}

/** Streams one answer; `onText` gets the whole text so far. */
export async function streamChat(request: ChatRequest, onText: (text: string) => void): Promise<ChatAnswer> {
  const { signal, parameters, ...body } = request;
  const response = await post(
    { ...parameters, ...body, stream: true, stream_options: { include_usage: true } },
    signal,
  );
  const answer: ChatAnswer = {
    traceId: response.headers.get('x-wheelhouse-trace-id'),
    target: response.headers.get('x-wheelhouse-target'),
    cache: response.headers.get('x-wheelhouse-cache'),
    toolCalls: [],
    tokens: null,
  };
  if (!response.body) return answer;
  let text = '';
  for await (const line of linesOf(response.body)) {
    const chunk = readChunk(line);
    const delta = chunk?.choices?.[0]?.delta;
    if (chunk?.usage)
      answer.tokens = { input: chunk.usage.prompt_tokens ?? 0, output: chunk.usage.completion_tokens ?? 0 };
    for (const call of delta?.tool_calls ?? []) addToolCall(answer.toolCalls, call);
    if (!delta?.content) continue;
    text += delta.content;
    onText(text);
  }
  return answer;
}

type PredictRequest = {
  model: string;
  input: Record<string, unknown>;
  messages: ChatMessage[];
  signal?: AbortSignal;
};

/** Streams what a registered model of any kind answers; `onText` gets the whole text so far. */
export async function streamPrediction(request: PredictRequest, onText: (text: string) => void): Promise<ChatAnswer> {
  const { signal, model, input, messages } = request;
  const path = predictPath(model);
  const response = await post({ input, messages, stream: true }, signal, path);
  const answer: ChatAnswer = {
    traceId: response.headers.get('x-wheelhouse-trace-id'),
    target: null,
    cache: null,
    toolCalls: [],
    tokens: null,
  };
  if (!response.body) return answer;
  let event = '';
  let text = '';
  for await (const line of linesOf(response.body)) {
    if (line.startsWith('event: ')) event = line.slice(7);
    if (!line.startsWith('data: ')) continue;
    const data = JSON.parse(line.slice(6)) as {
      text?: string;
      traceId?: string | null;
      usage?: { inputTokens: number; outputTokens: number } | null;
      error?: { code: string; message: string; hint: string };
    };
    if (event === 'text') text += data.text ?? '';
    else {
      answer.traceId = data.traceId ?? answer.traceId;
      if (data.error) throw new WheelhouseApiError(502, data.error.code, data.error.message, data.error.hint);
      if (data.usage) answer.tokens = { input: data.usage.inputTokens, output: data.usage.outputTokens };
      text = data.text ?? text;
    }
    onText(text);
  }
  return answer;
}
