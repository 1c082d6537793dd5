import { parseChatRequest, prepareChat } from '@wheelhouse/core/model';
import type {
  Clock,
  DialectForward,
  ForwardHandle,
  PriceReader,
  Random,
  Recording,
  SchemaChecker,
  SpanSink,
} from '@wheelhouse/core/ports';
import {
  type Actor,
  newSpanId,
  newTraceId,
  parseTraceparent,
  type Span,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type RouteTable, resolveTarget, type Target } from '@wheelhouse/core/route';
import { type ChatSpanFacts, chatSpan } from './chat-span.ts';
import { type Answer, type ChatTap, createStreamTap, createWholeTap, readAnswer } from './chat-tap.ts';

export type ChatDeps = {
  routes(): RouteTable;
  forward(provider: string): DialectForward | null;
  /** A sentence when calls to the provider cannot succeed, for want of a key. */
  missingKey(provider: string): WheelhouseError | null;
  sink: SpanSink;
  prices: PriceReader;
  checker: SchemaChecker;
  clock: Clock;
  random: Random;
};

export type ChatCallInput = {
  /** The JSON text of an OpenAI chat request. */
  text: string;
  by: Actor;
  traceparent: string | null;
  userAgent: string | null;
  /** Passed on to the vendor, lower-case. */
  headers: Record<string, string>;
  run: Span['run'];
};

/** Where the answer goes: start once, then pieces, then exactly one of end or fail. */
export type ChatOutput = {
  start(status: number, headers: Record<string, string>, traceId: TraceId): void;
  /** Returns false to have the vendor pause until {@link ChatCall.resume}. */
  write(chunk: Buffer): boolean;
  end(span: () => Span): void;
  fail(error: WheelhouseError, span: () => Span): void;
};

export type ChatCall = {
  traceId: TraceId;
  /** The caller left: stop the vendor and record what was seen. */
  abort(reason: string): void;
  resume(): void;
};

/** What a recorded call takes besides its texts. */
const boxes = 2_000;

const asError = (error: unknown): WheelhouseError =>
  error instanceof WheelhouseError
    ? error
    : new WheelhouseError('upstream_unreachable', error instanceof Error ? error.message : 'The provider failed.', {
        cause: error,
      });

function forwardOf(deps: ChatDeps, target: Target): DialectForward {
  const missing = deps.missingKey(target.provider);
  if (missing) throw missing;
  const forward = deps.forward(target.provider);
  if (!forward)
    throw new WheelhouseError('model_not_found', `No provider is named ${target.provider}.`, { param: 'model' });
  return forward;
}

type Ended = { facts: ChatSpanFacts; answer: Answer; endNs: bigint; error: string | null };

/**
 * Made outside of the call, whose closures hold on to the connections: what waits to be stored must hold what it needs
 * and nothing else.
 */
function recordingOf(ended: Ended, prices: PriceReader): Recording {
  let span: Span | null = null;
  return {
    bytes: 2 * ended.facts.requestChars + ended.answer.bytes.length + boxes,
    read() {
      span ??= chatSpan(ended.facts, { ...ended, result: readAnswer(ended.answer) }, prices);
      return span;
    },
  };
}

/**
 * One chat call: resolve, render, forward in the vendor's own dialect, and fold what passes into one span.
 * @throws WheelhouseError when the request cannot be sent; after that failures go to the output
 */
export function startChatCall(deps: ChatDeps, input: ChatCallInput, output: ChatOutput): ChatCall {
  const request = parseChatRequest(input.text);
  const target = resolveTarget(request.body.model as string, deps.routes());
  const vendor = prepareChat(request, target, deps.checker);
  const forward = forwardOf(deps, target);
  const parent = input.traceparent === null ? null : parseTraceparent(input.traceparent);
  const facts: ChatSpanFacts = {
    by: input.by,
    traceId: parent?.traceId ?? newTraceId(deps.random.bytes(16)),
    spanId: newSpanId(deps.random.bytes(8)),
    parentSpanId: parent?.spanId ?? null,
    target,
    request: request.body,
    requestChars: input.text.length,
    sent: vendor.body,
    run: input.run,
    userAgent: input.userAgent,
    startNs: deps.clock.now(),
    firstTokenNs: null,
    status: 0,
  };
  const streamed = request.body.stream === true;
  let tap: ChatTap = createWholeTap();
  let settled = false;
  let handle: ForwardHandle | null = null;

  const finish = (error: string | null): (() => Span) => {
    settled = true;
    const recording = recordingOf({ facts, answer: tap.answer(), endNs: deps.clock.now(), error }, deps.prices);
    deps.sink.record(recording);
    return recording.read;
  };
  const pass = (pieces: Buffer[]): boolean => {
    if (facts.firstTokenNs === null && tap.begun()) facts.firstTokenNs = deps.clock.now();
    let more = true;
    for (const piece of pieces) more = output.write(piece) && more;
    return more;
  };

  handle = forward.forward(
    {
      path: '/chat/completions',
      headers: {
        ...input.headers,
        'content-type': 'application/json',
        accept: streamed ? 'text/event-stream' : 'application/json',
      },
      body: Buffer.from(vendor.text),
    },
    {
      onHeaders(status, headers) {
        facts.status = status;
        if (streamed && status < 400 && (headers['content-type'] ?? '').includes('event-stream')) {
          tap = createStreamTap({ dropUsage: vendor.addedUsage });
        }
        output.start(status, headers, facts.traceId);
      },
      onData: (chunk) => settled || pass(tap.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
      onEnd() {
        if (settled) return;
        pass(tap.end());
        if (tap.complete()) output.end(finish(null));
        else {
          const error = new WheelhouseError(
            'upstream_cut',
            `${target.provider} ended its answer before it was complete.`,
          );
          output.fail(error, finish(error.message));
        }
      },
      onError(cause) {
        if (settled) return;
        const error = asError(cause);
        output.fail(error, finish(error.message));
      },
    },
  );
  return {
    traceId: facts.traceId,
    abort(reason) {
      if (settled) return;
      handle?.abort();
      finish(reason);
    },
    resume: () => handle?.resume(),
  };
}
