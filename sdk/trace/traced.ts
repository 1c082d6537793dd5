import { type Contexts, withSpan } from './contexts.ts';
import { jsonText } from './json-text.ts';
import type { Attributes, Context, Span, Tracer } from './otel-types.ts';
import { quietly } from './quietly.ts';
import { type Scope, withScope } from './scope.ts';
import { fail } from './span.ts';
import { watchIterator } from './watch-iterator.ts';

export type SpanKind = 'span' | 'agent' | 'chain' | 'tool' | 'retriever';

/** What a span of the app's own is; its scope holds for every span below it too. */
export type SpanSettings = Scope & { name: string; kind?: SpanKind };

export type TracedDeps = { tracer: Tracer; contexts: Contexts };

const operations: Record<SpanKind, { operation: string | null; name: string | null }> = {
  span: { operation: null, name: null },
  agent: { operation: 'invoke_agent', name: 'gen_ai.agent.name' },
  chain: { operation: 'invoke_workflow', name: 'gen_ai.workflow.name' },
  tool: { operation: 'execute_tool', name: 'gen_ai.tool.name' },
  retriever: { operation: 'retrieval', name: null },
};

function kindAttributes(settings: SpanSettings): Attributes {
  const { operation, name } = operations[settings.kind ?? 'span'];
  return {
    ...(operation === null ? {} : { 'gen_ai.operation.name': operation }),
    ...(name === null ? {} : { [name]: settings.name }),
  };
}

const contentNames: Partial<Record<SpanKind, { input: string; output: string }>> = {
  tool: { input: 'gen_ai.tool.call.arguments', output: 'gen_ai.tool.call.result' },
  retriever: { input: 'gen_ai.retrieval.query.text', output: 'gen_ai.retrieval.documents' },
};
const plainNames = { input: 'wheelhouse.input', output: 'wheelhouse.output' };

/** Keeps what went into a span, or came out of it. */
export function setContent(span: Span, kind: SpanKind, side: 'input' | 'output', value: unknown): void {
  const name = (contentNames[kind] ?? plainNames)[side];
  const text = value === undefined ? null : typeof value === 'string' ? value : jsonText(value);
  if (text !== null) span.setAttribute(name, text);
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
const isAsyncGenerator = (value: unknown): value is AsyncGenerator =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'next' in value && 'return' in value;

type Run<R> = {
  context: Context;
  span: Span;
  kind: SpanKind;
  fn: () => R;
};

function watchGenerator(deps: TracedDeps, { context, span, kind }: Run<unknown>, generator: AsyncGenerator): void {
  const values: unknown[] = [];
  let texts = true;
  watchIterator(
    generator,
    {
      value(value) {
        texts = texts && typeof value === 'string';
        if (values.length < 10_000) values.push(value);
      },
      end(how) {
        if (how.type === 'failed') fail(span, how.error);
        if (how.type === 'stopped') span.setAttribute('wheelhouse.stopped', true);
        setContent(span, kind, 'output', texts ? values.join('') : values);
        span.end();
      },
    },
    // The body of a generator runs where it is asked for its next value.
    (step) => deps.contexts.with(context, step),
  );
}

function run<R>(deps: TracedDeps, job: Run<R>): R {
  const { context, span, kind, fn } = job;
  const succeed = (value: unknown) => {
    quietly(() => setContent(span, kind, 'output', value));
    span.end();
  };
  const failWith = (error: unknown) => {
    quietly(() => fail(span, error));
    span.end();
  };
  let result: R;
  try {
    result = deps.contexts.with(context, fn);
  } catch (error) {
    failWith(error);
    throw error;
  }
  if (isAsyncGenerator(result)) {
    watchGenerator(deps, job, result);
    return result;
  }
  if (!isThenable(result)) {
    succeed(result);
    return result;
  }
  const watched = result.then(
    (value) => {
      succeed(value);
      return value;
    },
    (error: unknown) => {
      failWith(error);
      throw error;
    },
  );
  if (result instanceof Promise && result.constructor === Promise) return watched as R;
  // A promise of a class of its own has more than `then`; the app gets it as it is.
  watched.then(undefined, () => {});
  return result;
}

/** Runs the function as a span; what it gives or throws is passed on as it is. */
export function runSpan<R>(
  deps: TracedDeps,
  settings: SpanSettings,
  job: { input?: unknown; fn: (span: Span) => R },
): R {
  const kind = settings.kind ?? 'span';
  const scoped = withScope(deps.contexts.active(), settings);
  const span = deps.tracer.startSpan(settings.name, { attributes: kindAttributes(settings) }, scoped);
  quietly(() => setContent(span, kind, 'input', job.input));
  return run(deps, { context: withSpan(scoped, span), span, kind, fn: () => job.fn(span) });
}
