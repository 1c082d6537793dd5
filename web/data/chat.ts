import { type ErrorBody, WheelhouseApiError } from '@wheelhouse/sdk';

export type ChatRequest = {
  model: string;
  messages: { role: 'user'; content: string }[];
  variables?: Record<string, unknown>;
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

async function post(body: object, signal?: AbortSignal): Promise<Response> {
  const response = await fetch('/v1/chat/completions', {
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

type Chunk = { choices?: { delta?: { content?: string | null } }[]; error?: { message: string; hint?: string } };

function textOf(line: string): string {
  if (!line.startsWith('data:')) return '';
  const data = line.slice(5).trim();
  if (data === '' || data === '[DONE]') return '';
  const chunk = JSON.parse(data) as Chunk;
  if (chunk.error) throw new WheelhouseApiError(502, 'upstream_cut', chunk.error.message, chunk.error.hint ?? '');
  return chunk.choices?.[0]?.delta?.content ?? '';
}

/** What the gateway says of a call besides its answer. */
export type ChatAnswer = {
  traceId: string | null;
  /** `provider/model` that answered. */
  target: string | null;
  /** What the cache had to do with it. */
  cache: string | null;
};

/** Streams one answer; `onText` gets the whole text so far. */
export async function streamChat(request: ChatRequest, onText: (text: string) => void): Promise<ChatAnswer> {
  const { signal, ...body } = request;
  const response = await post({ ...body, stream: true }, signal);
  const answer = {
    traceId: response.headers.get('x-wheelhouse-trace-id'),
    target: response.headers.get('x-wheelhouse-target'),
    cache: response.headers.get('x-wheelhouse-cache'),
  };
  if (!response.body) return answer;
  let text = '';
  let rest = '';
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split(/\r?\n/);
    rest = lines.pop() ?? '';
    const added = lines.map(textOf).join('');
    if (added === '') continue;
    text += added;
    onText(text);
  }
  return answer;
}
