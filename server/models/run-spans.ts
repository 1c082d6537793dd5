import type { CallLabels, Clock, Random } from '@wheelhouse/core/ports';
import {
  type Caller,
  type Content,
  contentHash,
  type Json,
  type JsonObject,
  type ModelRef,
  newSpanId,
  newTraceId,
  parseTraceparent,
  type Span,
  type SpanId,
  type SpanKind,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { sleep } from './sleep.ts';
import type { SpanKeeper } from './span-keeper.ts';

export type RunSpansDeps = {
  keeper: Pick<SpanKeeper, 'keep'>;
  clock: Clock;
  random: Random;
};

export type RunSpansInput = {
  by: Caller;
  labels: CallLabels;
  traceparent: string | null;
  userAgent: string | null;
  run: Span['run'];
};

/** A span that goes on. */
export type OpenSpan = {
  spanId: SpanId;
  /** For what is asked below it. */
  traceparent: string;
  end(result: { output: Json } | { error: unknown }): void;
};

export type NewSpan = {
  /** null: the trace's own beginning, or the caller's span. */
  parent: SpanId | null;
  kind: SpanKind;
  name: string;
  model: ModelRef | null;
  input: Json;
  attributes: JsonObject;
};

/** A store that is away holds nobody up for longer. */
const patienceMs = 2_000;

const json = (value: Json): Content => ({ type: 'json', value });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'It failed.');

/** The spans of one run of a model that is more than one call. Recording never fails a run. */
export function createRunSpans(deps: RunSpansDeps, { by, labels, traceparent, userAgent, run }: RunSpansInput) {
  const above = traceparent === null ? null : parseTraceparent(traceparent);
  const traceId: TraceId = above?.traceId ?? newTraceId(deps.random.bytes(16));
  const pending = new Set<Promise<void>>();

  function store(span: Span): void {
    const stored = deps.keeper.keep(span).finally(() => pending.delete(stored));
    pending.add(stored);
  }

  function open({ parent, kind, name, model, input, attributes }: NewSpan): OpenSpan & { firstText(): void } {
    const spanId = newSpanId(deps.random.bytes(8));
    const startNs = deps.clock.now();
    let firstTokenNs: bigint | null = null;
    return {
      spanId,
      traceparent: `00-${traceId}-${spanId}-01`,
      firstText() {
        firstTokenNs ??= deps.clock.now();
      },
      end(result) {
        const failed = 'error' in result;
        const output = failed ? null : json(result.output);
        const code = failed && result.error instanceof WheelhouseError ? { 'error.type': result.error.code } : {};
        const tool = { id: null, name, arguments: input, result: failed ? null : result.output };
        store({
          projectId: by.project,
          ...{ traceId, spanId, kind, name, startNs, firstTokenNs, model, output, run },
          parentSpanId: parent ?? above?.spanId ?? null,
          endNs: deps.clock.now(),
          status: failed ? 'error' : 'ok',
          statusMessage: failed ? messageOf(result.error) : null,
          input: json(input),
          toolCall: kind === 'tool' ? tool : null,
          ...{ provider: null, requestModel: null, responseModel: null, responseId: null, params: null },
          ...{ finishReasons: [], toolDefinitions: null, documents: [], usage: null, cost: null, events: [] },
          ...{ emitterCostNanoUsd: null, environment: null, release: null, service: null },
          sessionId: labels.session,
          userId: labels.user,
          tags: labels.tags,
          metadata: labels.metadata,
          dialect: 'gateway',
          normalizer: 1,
          attributes: {
            ...attributes,
            ...(userAgent === null ? {} : { 'user_agent.original': userAgent }),
            ...(failed ? code : { 'wheelhouse.step.output': contentHash(result.output) }),
          },
        });
      },
    };
  }

  return {
    traceId,
    open,
    /** Resolves when all that ended is stored, or when that takes too long. */
    async stored(): Promise<void> {
      const enough = new AbortController();
      await Promise.race([Promise.all(pending), sleep(patienceMs, enough.signal)]);
      enough.abort();
    },
  };
}

export type RunSpans = ReturnType<typeof createRunSpans>;
