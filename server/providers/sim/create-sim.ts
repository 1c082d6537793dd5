import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type { ForwardRequest, ForwardSink, Provider } from '@wheelhouse/core/ports';
import { isJsonObject, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { planEmbeddings, planSim, readSimSettings, type SimPlan } from '@wheelhouse/core/sim';
import { fixedEndpoint, openAiEmbeddings } from '../vendor.ts';

type Answer = Extract<SimPlan, { outcome: 'answer' }>;
type Frame = { id: string; created: number; model: string };

export type SimOptions = {
  /** Defaults of the request member `sim`. */
  defaults: JsonObject;
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** The id of an answer. */
  newId(): string;
};

const usageOf = (plan: Answer) => ({
  prompt_tokens: plan.promptTokens,
  completion_tokens: plan.completionTokens,
  total_tokens: plan.promptTokens + plan.completionTokens,
});

function chunkText(frame: Frame, choices: object[], usage?: object | null): string {
  const body = { ...frame, object: 'chat.completion.chunk', choices, ...(usage === undefined ? {} : { usage }) };
  return `data: ${JSON.stringify(body)}\n\n`;
}

const toolCall = ({ id, name, arguments: text }: Answer['toolCalls'][number]) => ({
  id,
  type: 'function',
  function: { name, arguments: text },
});

function wholeText(frame: Frame, plan: Answer): string {
  const text = plan.chunks.map((c) => c.text).join('');
  const calls = plan.toolCalls.length === 0 ? {} : { tool_calls: plan.toolCalls.map(toolCall) };
  const content = plan.toolCalls.length === 0 ? text : null;
  return JSON.stringify({
    ...frame,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null, ...calls },
        finish_reason: plan.finishReason,
        logprobs: null,
      },
    ],
    usage: usageOf(plan),
  });
}

/** Each call's name, then its arguments in two pieces. */
function toolDeltas(plan: Answer): object[] {
  return plan.toolCalls.flatMap((call, index) => {
    const half = Math.ceil(call.arguments.length / 2);
    const piece = (text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });
    return [
      { tool_calls: [{ index, ...toolCall({ ...call, arguments: '' }) }] },
      piece(call.arguments.slice(0, half)),
      piece(call.arguments.slice(half)),
    ];
  });
}

/** Sends what the plan says, as a vendor would; the sink's pauses are not obeyed, because all of it is in memory. */
async function play(
  plan: Answer,
  sink: ForwardSink,
  options: { body: JsonObject; frame: Frame; signal: AbortSignal },
): Promise<void> {
  const { body, frame, signal } = options;
  const cut = plan.cutAfterChunks ?? plan.chunks.length;
  const send = (text: string) => {
    signal.throwIfAborted();
    sink.onData(Buffer.from(text));
  };
  const streamed = body.stream === true;
  const withUsage = isJsonObject(body.stream_options) && body.stream_options.include_usage === true;
  const usage = withUsage ? null : undefined;
  let started = false;
  const sendDelta = (delta: object) => send(chunkText(frame, [{ index: 0, delta, finish_reason: null }], usage));
  const start = () => {
    if (started) return;
    started = true;
    sink.onHeaders(200, { 'content-type': streamed ? 'text/event-stream' : 'application/json' });
    if (streamed) sendDelta({ role: 'assistant', content: '' });
  };
  for (const chunk of plan.chunks.slice(0, cut)) {
    if (chunk.delayMs > 0) await wait(chunk.delayMs, undefined, { signal });
    if (!streamed) continue;
    start();
    if (plan.toolCalls.length === 0) sendDelta({ content: chunk.text });
  }
  start();
  if (cut < plan.chunks.length)
    throw new WheelhouseError('upstream_cut', 'The simulated model cut the connection, as it was told to.');
  if (streamed) {
    for (const delta of toolDeltas(plan)) sendDelta(delta);
    send(chunkText(frame, [{ index: 0, delta: {}, finish_reason: plan.finishReason }], usage));
    if (withUsage) send(chunkText(frame, [], usageOf(plan)));
    send('data: [DONE]\n\n');
  } else send(wholeText(frame, plan));
  sink.onEnd();
}

function sendJson(sink: ForwardSink, status: number, body: object): void {
  sink.onHeaders(status, { 'content-type': 'application/json' });
  sink.onData(Buffer.from(JSON.stringify(body)));
  sink.onEnd();
}

const simName = (model: unknown) => `sim/${String(model).replace(/^sim\//, '')}`;

function embed(body: JsonObject, sink: ForwardSink): void {
  const { vectors, promptTokens, base64 } = planEmbeddings(body);
  const encode = (vector: number[]) =>
    base64 ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector;
  sendJson(sink, 200, {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
    model: simName(body.model),
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  });
}

function bodyOf(request: ForwardRequest): JsonObject {
  const body: unknown = JSON.parse(Buffer.from(request.body ?? []).toString('utf8') || 'null');
  if (isJsonObject(body as JsonObject)) return body as JsonObject;
  throw new WheelhouseError('invalid_json', 'The body is not a JSON object.');
}

/** The simulated model as a vendor: same bytes as one behind a socket, without the socket. */
export function createSim(options: SimOptions): Provider {
  const defaults = readSimSettings(options.defaults);

  async function chat(body: JsonObject, sink: ForwardSink, signal: AbortSignal): Promise<void> {
    const plan = planSim(body, defaults);
    if (plan.outcome === 'fail') {
      if (plan.delayMs > 0) await wait(plan.delayMs, undefined, { signal });
      const { status, message } = plan;
      sendJson(sink, status, { error: { message, type: 'api_error', param: null, code: 'simulated_failure' } });
      return;
    }
    const frame = { id: options.newId(), created: Math.floor(options.nowMs() / 1000), model: simName(body.model) };
    await play(plan, sink, { body, frame, signal });
  }

  async function answer(request: ForwardRequest, sink: ForwardSink, signal: AbortSignal): Promise<void> {
    await nextTurn(undefined, { signal });
    if (request.path === '/chat/completions') await chat(bodyOf(request), sink, signal);
    else if (request.path === '/embeddings') embed(bodyOf(request), sink);
    else
      throw new WheelhouseError('not_found', `The simulated model has no ${request.path}.`, {
        hint: 'It has /chat/completions and /embeddings.',
      });
  }

  return {
    name: 'sim',
    id: 'sim',
    endpoints: [fixedEndpoint('openai-chat', '/chat/completions', { refuses: ['image', 'audio', 'file'] })],
    embeddings: openAiEmbeddings,
    keys: () => [],
    keyHint: null,
    forward(request, sink) {
      const stop = new AbortController();
      answer(request, sink, stop.signal).catch((error: unknown) => {
        if (stop.signal.aborted) return;
        if (error instanceof WheelhouseError && error.code !== 'upstream_cut')
          sendJson(sink, error.status, error.toBody());
        else sink.onError(error instanceof Error ? error : new Error(String(error)));
      });
      return { abort: () => stop.abort(), resume: () => {} };
    },
  };
}
