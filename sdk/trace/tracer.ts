import { newSpanId, newTraceId } from '@wheelhouse/core/records';
import type { Clock } from './clock.ts';
import { type Contexts, spanContextIn, withSpan } from './contexts.ts';
import type { SpanRecord } from './encode-span.ts';
import type { Context, Span, SpanOptions, Tracer, TracerProvider } from './otel-types.ts';
import { attributesFrom } from './scope.ts';
import { createSpan } from './span.ts';

export type InstrumentationScope = { name: string; version: string };

export type TracerDeps = {
  clock: Clock;
  contexts: Contexts;
  ended(record: SpanRecord, scope: InstrumentationScope): void;
};

/** Random bytes from a pool, for asking the system for eight at a time takes longer than all else a span needs. */
function createRandom(): (count: number) => Uint8Array {
  const pool = new Uint8Array(4096);
  let used = pool.length;
  return (count) => {
    if (used + count > pool.length) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    used += count;
    return pool.subarray(used - count, used);
  };
}

const sampled = 1;

/** OpenTelemetry's TracerProvider: every span is recorded, and carries what the scope around it says. */
export function createTracerProvider(deps: TracerDeps): TracerProvider {
  const randomBytes = createRandom();
  function start(scope: InstrumentationScope, name: string, options: SpanOptions, context: Context): Span {
    const parent = options.root ? null : spanContextIn(context);
    return createSpan(
      {
        context: {
          traceId: parent?.traceId ?? newTraceId(randomBytes(16)),
          spanId: newSpanId(randomBytes(8)),
          traceFlags: sampled,
        },
        parentSpanId: parent?.spanId ?? null,
        name,
        kind: options.kind ?? 0,
        startNs: deps.clock.read(options.startTime),
        attributes: { ...attributesFrom(context, deps.contexts.active()), ...options.attributes },
        links: options.links ?? [],
      },
      deps.clock,
      (record) => deps.ended(record, scope),
    );
  }

  function createTracer(scope: InstrumentationScope): Tracer {
    type Args = [
      SpanOptions | ((span: Span) => unknown),
      (Context | ((span: Span) => unknown))?,
      ((span: Span) => unknown)?,
    ];
    return {
      startSpan: (name, options = {}, context = deps.contexts.active()) => start(scope, name, options, context),
      startActiveSpan(name: string, ...args: Args): never {
        const fn = args.findLast((arg) => typeof arg === 'function') as (span: Span) => unknown;
        const options = typeof args[0] === 'object' ? args[0] : {};
        const context = typeof args[1] === 'object' ? args[1] : deps.contexts.active();
        const span = start(scope, name, options, context);
        return deps.contexts.with(withSpan(context, span), () => fn(span)) as never;
      },
    };
  }
  return { getTracer: (name, version = '') => createTracer({ name, version }) };
}
