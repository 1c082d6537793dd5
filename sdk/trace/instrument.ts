import { channel } from 'node:diagnostics_channel';
import { createUsageFold } from '@wheelhouse/core/trace';
import { type Contexts, otelPropagates, withSpan } from './contexts.ts';
import type { Attributes, Span, Tracer } from './otel-types.ts';
import { quietly } from './quietly.ts';
import { attributesFrom } from './scope.ts';
import { fail } from './span.ts';
import { traceparentOf } from './traceparent.ts';
import { anthropicMessages } from './vendors/anthropic.ts';
import {
  answerAttributes,
  type CallReader,
  type Loose,
  loose,
  requestAttributes,
  textOf,
} from './vendors/call-reader.ts';
import { openAiChat, openAiCompletions, openAiEmbeddings, openAiResponses } from './vendors/openai.ts';
import { watchIterator } from './watch-iterator.ts';

export type InstrumentDeps = {
  tracer: Tracer;
  contexts: Contexts;
  /** Nanoseconds since 1970. */
  now(): bigint;
  /** Of the Wheelhouse server, whose gateway answers under many vendors' names. */
  serverOrigin: string | null;
};

/** Both clients send each of their requests through one method, under these paths. */
const endpoints = new Map<string, { reader: CallReader; provider: string }>([
  ['/chat/completions', { reader: openAiChat, provider: 'openai' }],
  ['/completions', { reader: openAiCompletions, provider: 'openai' }],
  ['/responses', { reader: openAiResponses, provider: 'openai' }],
  ['/embeddings', { reader: openAiEmbeddings, provider: 'openai' }],
  ['/v1/messages', { reader: anthropicMessages, provider: 'anthropic' }],
]);

/** Vendors that are called with the client of another, by the end of their host name. */
const providersByHost: [string, string][] = [
  ['openai.azure.com', 'azure.ai.openai'],
  ['groq.com', 'groq'],
  ['deepseek.com', 'deepseek'],
  ['mistral.ai', 'mistral_ai'],
  ['x.ai', 'x_ai'],
  ['perplexity.ai', 'perplexity'],
  ['moonshot.ai', 'moonshot_ai'],
  ['cohere.com', 'cohere'],
  ['openrouter.ai', 'openrouter'],
  ['googleapis.com', 'gcp.gemini'],
  ['amazonaws.com', 'aws.bedrock'],
];

type Post = (this: object, path: string, options?: unknown) => unknown;
type Client = { post?: unknown; baseURL?: unknown; withOptions?: unknown };
/** What a client's `post` returns: a promise that fetches at once, and parses when it is awaited. */
type ApiPromise = {
  /** Called by `then`, `catch`, `finally` and `withResponse`. */
  parse?: () => Promise<unknown>;
  asResponse?: () => Promise<unknown>;
  /** The same call, with its answer changed; what the client hands to the app is often such a one. */
  _thenUnwrap?: (transform: unknown) => ApiPromise;
};
type VendorStream = { iterator?: () => object; controller?: { signal?: { aborted?: boolean } } };

/** Beta endpoints say so in the query. */
const endpointOf = (path: string): string => path.split('?', 1)[0] ?? '';

/** Marks what we put in the place of a client's `post`: that one, and who watches it. */
const instrumented = Symbol('wheelhouse.instrumented');
type TracedPost = Post & { [instrumented]?: { post: Post; tracer: Tracer } };

function addressOf(client: object, serverOrigin: string | null, model: string | null, provider: string) {
  const base = quietly(() => new URL(String((client as Client).baseURL)));
  if (!base) return { 'gen_ai.provider.name': provider };
  const known = providersByHost.find(([host]) => base.hostname === host || base.hostname.endsWith(`.${host}`))?.[1];
  // The gateway's names of models say whose they are: `openai/gpt-4o-mini`.
  const named = base.origin === serverOrigin ? model?.match(/^([a-z0-9][a-z0-9_-]*)\//)?.[1] : undefined;
  const port = base.port || (base.protocol === 'https:' ? '443' : '80');
  return {
    'gen_ai.provider.name': known ?? named ?? provider,
    'server.address': base.hostname,
    'server.port': Number(port),
  };
}

/** The headers with one more, in whichever form the client takes them; a header of the app's own stays. */
function withHeader(given: unknown, name: string, value: string): unknown {
  if (given instanceof Headers || Array.isArray(given)) {
    const headers = new Headers(given as Headers);
    if (!headers.has(name)) headers.set(name, value);
    return headers;
  }
  const inner = loose(given).values;
  if (inner instanceof Headers) {
    if (!inner.has(name)) inner.set(name, value);
    return given;
  }
  return { [name]: value, ...loose(given) };
}

/** The app's own instrumentation of fetch writes the header; twice would be none. */
const leftToOtel = (): boolean => otelPropagates() && channel('undici:request:create').hasSubscribers;

type Watch = {
  whole(json: unknown): void;
  stream(stream: VendorStream): void;
  failed(error: unknown): void;
  /** The app took the response as it is, to read its body by itself. */
  unread(): void;
};

function watchCall(span: Span, reader: CallReader, now: () => bigint): Watch {
  const startNs = now();
  const fold = reader.fold();
  const usage = createUsageFold();
  let spoke = false;
  let ended = false;

  function end(): void {
    if (ended) return;
    ended = true;
    const facts = quietly(() => fold.facts());
    if (facts) {
      quietly(() => span.setAttributes(answerAttributes(facts, usage.result())));
      if (facts.error !== null) fail(span, facts.error);
    }
    span.end();
  }
  return {
    unread: () => span.end(),
    failed(error) {
      fail(span, error);
      end();
    },
    whole(json) {
      quietly(() => {
        usage.add(json);
        fold.whole(loose(json));
      });
      end();
    },
    stream(stream) {
      const { iterator } = stream;
      if (!iterator) return end();
      stream.iterator = () =>
        watchIterator(iterator.call(stream), {
          value(event) {
            usage.add(event);
            const says = fold.event(loose(event));
            if (!says || spoke) return;
            spoke = true;
            span.setAttribute('gen_ai.response.time_to_first_chunk', Number(now() - startNs) / 1e9);
          },
          end(how) {
            if (how.type === 'failed') fail(span, how.error);
            else if (how.type === 'stopped' || stream.controller?.signal?.aborted === true)
              span.setAttribute('wheelhouse.stopped', true);
            end();
          },
        });
    },
  };
}

/** Sees what the promise gives, whichever way the app takes it; promise, answer and stream stay the objects they are. */
function watchPromise(promise: ApiPromise, watch: Watch): void {
  const { parse, asResponse, _thenUnwrap: unwrap } = promise;
  if (!parse) {
    watch.unread();
    return;
  }
  let parsed: Promise<unknown> | null = null;
  promise.parse = () => {
    // Handed on, not watched from the side: a rejection that nobody handles has to stay one.
    parsed ??= parse.call(promise).then(
      (answer) => {
        const streamed = typeof loose(answer).iterator === 'function';
        quietly(() => (streamed ? watch.stream(answer as VendorStream) : watch.whole(answer)));
        return answer;
      },
      (error: unknown) => {
        quietly(() => watch.failed(error));
        throw error;
      },
    );
    return parsed;
  };
  if (asResponse)
    promise.asResponse = () =>
      asResponse.call(promise).then(
        (response) => {
          // The body is the app's to read, and can be read once.
          if (parsed === null) watch.unread();
          return response;
        },
        (error: unknown) => {
          quietly(() => watch.failed(error));
          throw error;
        },
      );
  if (unwrap)
    promise._thenUnwrap = (transform) => {
      const derived = unwrap.call(promise, transform);
      watchPromise(derived, watch);
      return derived;
    };
}

type Endpoint = { reader: CallReader; provider: string };

/** What is asked, once it is known. What the scope around says of the user stays, over what the vendor is told. */
function describe(
  span: Span,
  { reader, provider }: Endpoint,
  asked: { client: object; body: Loose; around: Attributes },
  origin: string | null,
) {
  const model = textOf(asked.body.model);
  if (model !== null) span.updateName(`${reader.operation} ${model}`);
  span.setAttributes({
    ...(model === null ? {} : { 'gen_ai.request.model': model }),
    ...addressOf(asked.client, origin, model, provider),
  });
  span.setAttributes({ ...requestAttributes(reader, asked.body), ...asked.around });
}

function tracedPost(deps: InstrumentDeps, post: Post): Post {
  return function (path, options) {
    const endpoint = typeof path === 'string' ? endpoints.get(endpointOf(path)) : undefined;
    const operation = endpoint?.reader.operation ?? '';
    const attributes = { 'gen_ai.operation.name': operation };
    const span = endpoint && quietly(() => deps.tracer.startSpan(operation, { kind: 2, attributes }));
    if (!span) return post.call(this, path, options);
    const watch = watchCall(span, endpoint.reader, deps.now);
    const context = deps.contexts.active();
    const around = attributesFrom(context);
    const prepare = (given: Loose): Loose => {
      quietly(() => describe(span, endpoint, { client: this, body: loose(given.body), around }, deps.serverOrigin));
      if (leftToOtel()) return given;
      const traceparent = traceparentOf(span.spanContext());
      return {
        ...given,
        headers: quietly(() => withHeader(given.headers, 'traceparent', traceparent)) ?? given.headers,
      };
    };
    // Version 7 of openai promises its options.
    const prepared = isPromise(options) ? options.then((given) => prepare(loose(given))) : prepare(loose(options));
    try {
      const sent = deps.contexts.with(withSpan(context, span), () => post.call(this, path, prepared));
      quietly(() => watchPromise(sent as ApiPromise, watch));
      return sent;
    } catch (error) {
      watch.failed(error);
      throw error;
    }
  };
}

const isPromise = (value: unknown): value is Promise<unknown> => typeof loose(value).then === 'function';

/**
 * Traces the calls of a client, or of every client of a class, of `openai` (4 and newer) or `@anthropic-ai/sdk`: its one
 * method that sends is replaced. Requests get a `traceparent` header and are else as the app made them.
 * @returns whether it is such a client
 */
export function instrumentClient(deps: InstrumentDeps, target: object): boolean {
  const client = (typeof target === 'function' ? target.prototype : target) as Client;
  const { post } = client;
  if (typeof post !== 'function') return false;
  const before = (post as TracedPost)[instrumented];
  if (before?.tracer === deps.tracer) return true;
  // Of two tracings the later one has it: the first may be over.
  const own = before?.post ?? (post as Post);
  client.post = Object.assign(tracedPost(deps, own), { [instrumented]: { post: own, tracer: deps.tracer } });
  const { withOptions } = client;
  // A copy of an instrumented client is made by its class, which is not.
  if (typeof target !== 'function' && typeof withOptions === 'function')
    client.withOptions = function (this: object, ...args: unknown[]) {
      const copy = withOptions.apply(this, args) as object;
      instrumentClient(deps, copy);
      return copy;
    };
  return true;
}
