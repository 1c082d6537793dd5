import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type { DialectForward, ForwardSink } from '@wheelhouse/core/ports';
import { isJsonObject, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { planSim, readSimSettings, type SimPlan } from '@wheelhouse/core/sim';

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

function wholeText(frame: Frame, plan: Answer): string {
  const message = { role: 'assistant', content: plan.chunks.map((c) => c.text).join(''), refusal: null };
  return JSON.stringify({
    ...frame,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: plan.finishReason, logprobs: null }],
    usage: usageOf(plan),
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
  const send = (text: string) => sink.onData(Buffer.from(text));
  const streamed = body.stream === true;
  const withUsage = isJsonObject(body.stream_options) && body.stream_options.include_usage === true;
  const usage = withUsage ? null : undefined;
  let started = false;
  const start = () => {
    if (started) return;
    started = true;
    sink.onHeaders(200, { 'content-type': streamed ? 'text/event-stream' : 'application/json' });
    if (streamed)
      send(chunkText(frame, [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }], usage));
  };
  for (const chunk of plan.chunks.slice(0, cut)) {
    if (chunk.delayMs > 0) await wait(chunk.delayMs, undefined, { signal });
    if (!streamed) continue;
    start();
    send(chunkText(frame, [{ index: 0, delta: { content: chunk.text }, finish_reason: null }], usage));
  }
  start();
  if (cut < plan.chunks.length)
    throw new WheelhouseError('upstream_cut', 'The simulated model cut the connection, as it was told to.');
  if (streamed) {
    send(chunkText(frame, [{ index: 0, delta: {}, finish_reason: plan.finishReason }], usage));
    if (withUsage) send(chunkText(frame, [], usageOf(plan)));
    send('data: [DONE]\n\n');
  } else send(wholeText(frame, plan));
  sink.onEnd();
}

function refuse(sink: ForwardSink, status: number, body: object): void {
  sink.onHeaders(status, { 'content-type': 'application/json' });
  sink.onData(Buffer.from(JSON.stringify(body)));
  sink.onEnd();
}

/** The simulated model as a vendor: same bytes as one behind a socket, without the socket. */
export function createSimForward(options: SimOptions): DialectForward {
  const defaults = readSimSettings(options.defaults);

  async function answer(bytes: Uint8Array, sink: ForwardSink, signal: AbortSignal): Promise<void> {
    await nextTurn(undefined, { signal });
    const body = JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonObject;
    const plan = planSim(body, defaults);
    if (plan.outcome === 'fail') {
      if (plan.delayMs > 0) await wait(plan.delayMs, undefined, { signal });
      refuse(sink, plan.status, {
        error: { message: plan.message, type: 'api_error', param: null, code: 'simulated_failure' },
      });
      return;
    }
    const frame = {
      id: options.newId(),
      created: Math.floor(options.nowMs() / 1000),
      model: `sim/${String(body.model).replace(/^sim\//, '')}`,
    };
    await play(plan, sink, { body, frame, signal });
  }

  return {
    provider: 'sim',
    forward(request, sink) {
      const stop = new AbortController();
      answer(request.body, sink, stop.signal).catch((error: unknown) => {
        if (stop.signal.aborted) return;
        if (error instanceof WheelhouseError && error.code !== 'upstream_cut')
          refuse(sink, error.status, error.toBody());
        else sink.onError(error instanceof Error ? error : new Error(String(error)));
      });
      return { abort: () => stop.abort(), resume: () => {} };
    },
  };
}
