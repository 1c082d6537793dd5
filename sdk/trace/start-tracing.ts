import { setTimeout as wait } from 'node:timers/promises';
import { parseTraceparent } from '@wheelhouse/core/records';
import { readTraceConfig } from '../config.ts';
import { createClock } from './clock.ts';
import { createContexts, silenced, spanContextIn, withSpan } from './contexts.ts';
import { encodeSpan, keyValues } from './encode-span.ts';
import { createExporter, defaultLimits, type ExportCounts } from './exporter.ts';
import { instrumentClient } from './instrument.ts';
import { createLangChainHandler, type LangChainHandler } from './langchain.ts';
import type { ContextManager, Span, Tracer, TracerProvider } from './otel-types.ts';
import { quietly } from './quietly.ts';
import { type Scope, withScope } from './scope.ts';
import { createSend } from './send.ts';
import { runSpan, type SpanSettings } from './traced.ts';
import { traceparentOf } from './traceparent.ts';
import { createTracerProvider } from './tracer.ts';

export type TracingOptions = {
  /** Of the Wheelhouse server. Default: `WHEELHOUSE_URL`, else `http://127.0.0.1:4400`. */
  url?: string;
  /** Default: `WHEELHOUSE_API_KEY`. Needed where the server is not on loopback. */
  apiKey?: string;
  /** Name of the application. Default: `OTEL_SERVICE_NAME`. */
  service?: string;
  /** `production`, `staging` … */
  environment?: string;
  /** Version of the application. */
  release?: string;
  /** false: messages, arguments and results are not recorded; models, tokens and times are. */
  content?: boolean;
};

/** A scope; `traceparent` continues the trace of whoever sent a request with this header. */
export type TraceScope = Scope & { traceparent?: string | undefined };

type Fn<A extends unknown[], R> = (...args: A) => R;

export type Tracing = {
  /**
   * Traces each call of a client of `openai` or `@anthropic-ai/sdk`, or, given the class, of all its clients. Requests
   * get a `traceparent` header and are else as the app made them; promises, answers and streams stay what they are.
   * @returns the same client or class
   */
  instrument<T extends object>(client: T): T;
  /** The function as it is, with each call a span: arguments, result, error. Works for async functions and generators. */
  traced<A extends unknown[], R>(fn: Fn<A, R>): Fn<A, R>;
  traced<A extends unknown[], R>(name: string | SpanSettings, fn: Fn<A, R>): Fn<A, R>;
  /** Runs the function now, as a span. */
  span<R>(name: string | SpanSettings, fn: (span: Span) => R): R;
  /** Runs the function; what it says of session, user, tags and metadata is on every span below. */
  with<R>(scope: TraceScope, fn: () => R): R;
  /** For `callbacks` of LangChain.js. */
  langchain(): LangChainHandler;
  /** For whatever takes a tracer of OpenTelemetry, as the Vercel AI SDK: `experimental_telemetry: { isEnabled: true, tracer }`. */
  tracer: Tracer;
  /** For instrumentations of OpenTelemetry: `setTracerProvider`. */
  provider: TracerProvider;
  /** For `context.setGlobalContextManager`, where the app has no OpenTelemetry SDK but libraries that look for one. */
  contextManager: ContextManager;
  /** Header `traceparent` of where the code is; null outside of any span. Its second part is the trace id. */
  traceparent(): string | null;
  /** Resolves when what is recorded now was stored, or one try for it failed. Never rejects. */
  flush(options?: { timeoutMs?: number }): Promise<void>;
  /** Flushes and ends; call it before `process.exit()`. Never rejects. */
  shutdown(options?: { timeoutMs?: number }): Promise<void>;
  counts(): ExportCounts;
};

const requestTimeoutMs = 5_000;
const exitTimeoutMs = 2_000;
const scopeName = '@wheelhouse/sdk';

/** Attributes that hold what people and models said, in the words of every instrumentation that may use our tracer. */
const contentKey =
  /^(?:gen_ai\.(?:(?:input|output)\.messages|system_instructions|prompt|completion|tool\.(?:definitions|call\.(?:arguments|result))|retrieval\..*)|wheelhouse\.(?:input|output)|(?:input|output)\.value|llm\.(?:input|output)_messages|ai\.(?:prompt|response\.(?:text|object|reasoning|toolCalls)|toolCall\.(?:args|result)|values?|embeddings?)|traceloop\.entity\.(?:input|output))(?:\.|$)/;

const warn = (sentence: string): void => process.emitWarning(sentence, 'WheelhouseTracing');

function resourceOf(options: TracingOptions, fromEnvironment: Record<string, string>): string {
  const attributes = {
    ...fromEnvironment,
    ...(options.service === undefined ? {} : { 'service.name': options.service }),
    ...(options.release === undefined ? {} : { 'service.version': options.release }),
    ...(options.environment === undefined ? {} : { 'deployment.environment.name': options.environment }),
    'telemetry.sdk.name': scopeName,
    'telemetry.sdk.language': 'nodejs',
  };
  return JSON.stringify({ attributes: keyValues(Object.entries(attributes)) });
}

/**
 * Starts tracing to a Wheelhouse server, in the GenAI semantic conventions over OTLP/HTTP. Whatever happens to the
 * server, the app's calls are neither changed nor slowed: spans wait in bounded memory, and what is lost is counted and
 * told once, as a warning of the process.
 */
export function startTracing(options: TracingOptions = {}): Tracing {
  const config = readTraceConfig();
  const url = (options.url ?? config.url).replace(/\/+$/, '');
  const clock = createClock();
  const contexts = createContexts();
  const send = createSend({ url, apiKey: options.apiKey ?? config.apiKey, timeoutMs: requestTimeoutMs });
  const exporter = createExporter({
    send: (body, signal) => contexts.with(silenced(contexts.active()), () => send(body, signal)),
    resource: resourceOf(options, config.resource),
    limits: defaultLimits,
    wait: (ms, signal) => wait(ms, undefined, { signal, ref: false }).catch(() => {}),
    random: Math.random,
    warn,
  });
  const provider = createTracerProvider({
    clock,
    contexts,
    ended(record, scope) {
      const attributes =
        options.content === false
          ? new Map([...record.attributes].filter(([key]) => !contentKey.test(key)))
          : record.attributes;
      quietly(() => exporter.add(encodeSpan({ ...record, attributes }), scope));
    },
  });
  const tracer = provider.getTracer(scopeName);
  const atExit = () => void exporter.flush(exitTimeoutMs).then(exporter.abandon);
  process.on('beforeExit', atExit);
  const deps = { tracer, contexts };
  let langChain: LangChainHandler | null = null;
  const settingsOf = (given: string | SpanSettings): SpanSettings =>
    typeof given === 'string' ? { name: given } : given;

  return {
    tracer,
    provider,
    contextManager: contexts.manager,
    instrument(client) {
      const serverOrigin = quietly(() => new URL(url).origin) ?? null;
      if (!instrumentClient({ ...deps, now: clock.now, serverOrigin }, client))
        warn('instrument() takes a client, or the class of clients, of openai or @anthropic-ai/sdk; this is neither.');
      return client;
    },
    traced<A extends unknown[], R>(...given: [Fn<A, R>] | [string | SpanSettings, Fn<A, R>]): Fn<A, R> {
      const fn = (given.length === 1 ? given[0] : given[1]) as Fn<A, R>;
      const settings = settingsOf(given.length === 1 ? fn.name || 'function' : given[0]);
      return function (this: unknown, ...args) {
        const input = args.length > 1 ? args : args[0];
        return runSpan(deps, settings, { input, fn: () => fn.apply(this, args) });
      };
    },
    span: (given, fn) => runSpan(deps, settingsOf(given), { fn }),
    with({ traceparent, ...scope }, fn) {
      const remote = traceparent === undefined ? null : parseTraceparent(traceparent);
      const scoped = withScope(contexts.active(), scope);
      if (remote === null) return contexts.with(scoped, fn);
      const spanContext = () => ({ ...remote, traceFlags: 1, isRemote: true });
      return contexts.with(withSpan(scoped, { spanContext }), fn);
    },
    langchain() {
      // One for all, so that runs nest wherever it is given.
      langChain ??= createLangChainHandler({ ...deps, now: clock.now });
      return langChain;
    },
    traceparent() {
      const active = spanContextIn(contexts.active());
      return active === null ? null : traceparentOf(active);
    },
    flush: ({ timeoutMs = requestTimeoutMs } = {}) => exporter.flush(timeoutMs),
    shutdown({ timeoutMs = requestTimeoutMs } = {}) {
      process.off('beforeExit', atExit);
      return exporter.shutdown(timeoutMs);
    },
    counts: exporter.counts,
  };
}
