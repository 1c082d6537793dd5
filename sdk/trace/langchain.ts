import { type Contexts, withSpan } from './contexts.ts';
import type { Attributes, Context, Span, Tracer } from './otel-types.ts';
import { quietly } from './quietly.ts';
import { scopeAttributes } from './scope.ts';
import { fail } from './span.ts';
import { setContent } from './traced.ts';
import {
  contentOf,
  jsonAttribute,
  type Loose,
  loose,
  looseList,
  messagesAttribute,
  parameters,
  textOf,
} from './vendors/call-reader.ts';

type Given = Record<string, unknown> | undefined;

/** A callback handler of LangChain.js 0.3 and 1: `invoke(input, { callbacks: [handler] })`. */
export type LangChainHandler = {
  /** LangChain waits for the handler, so that it runs in the context of the call that it watches. */
  awaitHandlers: true;
  handleChatModelStart(
    model: unknown,
    messages: unknown[][],
    runId: string,
    parentRunId?: string,
    extra?: Given,
    tags?: string[],
    metadata?: Given,
    name?: string,
  ): void;
  handleLLMStart(
    model: unknown,
    prompts: string[],
    runId: string,
    parentRunId?: string,
    extra?: Given,
    tags?: string[],
    metadata?: Given,
    name?: string,
  ): void;
  handleLLMNewToken(token: string, index: unknown, runId: string): void;
  handleLLMEnd(output: unknown, runId: string): void;
  handleLLMError(error: unknown, runId: string): void;
  handleChainStart(
    chain: unknown,
    inputs: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Given,
    type?: string,
    name?: string,
  ): void;
  handleChainEnd(outputs: unknown, runId: string): void;
  handleChainError(error: unknown, runId: string): void;
  handleToolStart(
    tool: unknown,
    input: string,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Given,
    name?: string,
    toolCallId?: string,
  ): void;
  handleToolEnd(output: unknown, runId: string): void;
  handleToolError(error: unknown, runId: string): void;
  handleRetrieverStart(
    retriever: unknown,
    query: string,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Given,
    name?: string,
  ): void;
  handleRetrieverEnd(documents: unknown[], runId: string): void;
  handleRetrieverError(error: unknown, runId: string): void;
};

export type LangChainDeps = { tracer: Tracer; contexts: Contexts; now(): bigint };

/** A run whose end never comes is forgotten when so many came after it. */
const mostRuns = 10_000;

type Kind = 'generation' | 'chain' | 'tool' | 'retriever';
/** `span` is null for runs that LangChain itself hides: what is below them stands in their place. */
type Run = { span: Span | null; kind: Kind; context: Context; startNs: bigint; spoke: boolean };
type Start = {
  runId: string;
  parentRunId: string | undefined;
  kind: Kind;
  name: string;
  tags: string[] | undefined;
  metadata: Given;
  attributes: Attributes;
  content?: unknown;
};

const nameOf = (serialized: unknown, name: string | undefined, fallback: string): string => {
  const { id, name: own } = loose(serialized);
  return name ?? textOf(own) ?? textOf(Array.isArray(id) ? id.at(-1) : null) ?? fallback;
};

const itsOwnTag = /^(?:seq|map|graph|langsmith):/;
const itsOwnMetadata = /^(?:ls_|lc_|langgraph_|checkpoint|__pregel|session_id$|thread_id$|user_id$)/;

function scopeOf({ parentRunId, tags, metadata = {} }: Start): Attributes {
  const whose = {
    session: textOf(metadata.session_id) ?? textOf(metadata.thread_id) ?? undefined,
    user: textOf(metadata.user_id) ?? undefined,
  };
  if (parentRunId !== undefined) return scopeAttributes(whose);
  return scopeAttributes({
    ...whose,
    tags: tags?.filter((tag) => !itsOwnTag.test(tag)),
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !itsOwnMetadata.test(key))),
  });
}

/** A message object as plain data. */
function plainMessage(given: unknown): Loose {
  const message = loose(given);
  const getType = message._getType;
  const type = textOf(message.type) ?? (typeof getType === 'function' ? String(getType.call(message)) : 'ai');
  const { content, name, tool_calls, tool_call_id, additional_kwargs } = message;
  return {
    content,
    tool_calls,
    tool_call_id,
    additional_kwargs,
    ...(typeof message.role === 'string' ? { role: message.role } : { type }),
    ...(textOf(name) === null ? {} : { name }),
  };
}

function tokensOf(message: Loose, output: Loose): Attributes {
  const usage = loose(message.usage_metadata);
  const older = loose(loose(output.llmOutput).tokenUsage);
  const [input, result] = [loose(usage.input_token_details), loose(usage.output_token_details)];
  const counts = {
    input_tokens: usage.input_tokens ?? older.promptTokens,
    output_tokens: usage.output_tokens ?? older.completionTokens,
    'cache_read.input_tokens': input.cache_read,
    'cache_write.input_tokens': input.cache_creation,
    'audio.input_tokens': input.audio,
    'reasoning.output_tokens': result.reasoning,
    'audio.output_tokens': result.audio,
  };
  return Object.fromEntries(
    Object.entries(counts).flatMap(([name, count]) =>
      typeof count === 'number' ? [[`gen_ai.usage.${name}`, count]] : [],
    ),
  );
}

function answerOf(given: unknown): Attributes {
  const output = loose(given);
  const [generations] = Array.isArray(output.generations) ? output.generations : [];
  const all = looseList(generations);
  const first = all[0] ?? {};
  const message = loose(first.message);
  const about = { ...loose(first.generationInfo), ...loose(message.response_metadata) };
  const finish = textOf(about.finish_reason) ?? textOf(about.stop_reason);
  // Ids of LangChain's own are no vendor's.
  const id = [message.id, about.id].find((one) => textOf(one) !== null && !/^(?:run|lc)[-_]/.test(String(one)));
  const model = textOf(about.model_name) ?? textOf(about.model);
  const messages = all.map((one) =>
    one.message ? plainMessage(one.message) : { role: 'assistant', content: one.text },
  );
  return {
    ...tokensOf(message, output),
    ...(id === undefined ? {} : { 'gen_ai.response.id': String(id) }),
    ...(model === null ? {} : { 'gen_ai.response.model': model }),
    ...(finish === null ? {} : { 'gen_ai.response.finish_reasons': [finish] }),
    ...messagesAttribute('output', contentOf(messages, 'output')),
  };
}

const asked = new Set(['model', 'messages', 'tools', 'stream_options']);

function callAttributes(operation: string, extra: Given, metadata: Given): Attributes {
  const { model, tools, ...rest } = loose(extra?.invocation_params);
  const name = textOf(metadata?.ls_model_name) ?? textOf(model);
  const provider = textOf(metadata?.ls_provider);
  const given = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith('_')));
  return {
    ...parameters(given, asked),
    'gen_ai.operation.name': operation,
    ...(name === null ? {} : { 'gen_ai.request.model': name }),
    ...(provider === null ? {} : { 'gen_ai.provider.name': provider }),
    ...(Array.isArray(tools) && tools.length > 0 ? jsonAttribute('gen_ai.tool.definitions', tools) : {}),
  };
}

const storageKey = Symbol.for('ls:tracing_async_local_storage');
const configKey = Symbol.for('lc:child_config');
type Storage = {
  getStore?(): { extra?: { [configKey]?: { callbacks?: { getParentRunId?(): unknown } } } } | undefined;
};

/** The run that the code is in, from where LangChain keeps it for its own nested calls. */
function activeRunId(): string | null {
  const storage = (globalThis as { [storageKey]?: Storage })[storageKey];
  const id = storage?.getStore?.()?.extra?.[configKey]?.callbacks?.getParentRunId?.();
  return typeof id === 'string' ? id : null;
}

/** How LangGraph stops and goes on, which it says by throwing. */
const controlFlow = new Set(['GraphInterrupt', 'NodeInterrupt', 'GraphBubbleUp', 'ParentCommand']);

function createRuns(deps: LangChainDeps) {
  const runs = new Map<string, Run>();

  function start(given: Start): void {
    const parent = given.parentRunId === undefined ? undefined : runs.get(given.parentRunId);
    const active = deps.contexts.active();
    // A span of the app's own may stand between the two runs.
    const inside = given.parentRunId !== undefined && deps.contexts.isInside(active, given.parentRunId);
    const around = parent && !inside ? parent.context : active;
    const hidden = given.tags?.includes('langsmith:hidden') ?? false;
    const span = hidden
      ? null
      : deps.tracer.startSpan(
          given.name,
          { kind: given.kind === 'generation' ? 2 : 0, attributes: { ...scopeOf(given), ...given.attributes } },
          around,
        );
    if (span && given.kind !== 'generation') setContent(span, given.kind, 'input', given.content);
    const context = span ? withSpan(around, span) : around;
    runs.set(given.runId, { span, kind: given.kind, context, startNs: deps.now(), spoke: false });
    if (runs.size > mostRuns) for (const [oldest] of runs) return void runs.delete(oldest);
  }

  function finish(runId: string, say: (span: Span, kind: Kind) => void): void {
    const run = runs.get(runId);
    runs.delete(runId);
    if (!run?.span) return;
    const { span, kind } = run;
    quietly(() => say(span, kind));
    span.end();
  }

  // A client or a function that is called inside of a run nests below it.
  deps.contexts.host(() => {
    const id = activeRunId();
    const run = id === null ? undefined : runs.get(id);
    return id !== null && run ? { id, context: run.context } : null;
  });

  return {
    start: (given: () => Start) => void quietly(() => start(given())),
    finish,
    failed: (error: unknown, runId: string) =>
      finish(runId, (span) => {
        if (!(error instanceof Error && controlFlow.has(error.name))) fail(span, error);
      }),
    firstToken(runId: string): void {
      const run = runs.get(runId);
      if (!run?.span || run.spoke) return;
      run.spoke = true;
      run.span.setAttribute('gen_ai.response.time_to_first_chunk', Number(deps.now() - run.startNs) / 1e9);
    },
  };
}

/** Chains of one value are wrapped by LangChain. */
function unwrapped(value: unknown, name: 'input' | 'output'): unknown {
  const given = loose(value);
  const inner = Object.keys(given).length === 1 && name in given ? given[name] : value;
  const messages = Array.isArray(loose(inner).messages) ? (loose(inner).messages as unknown[]) : null;
  return messages ? { ...loose(inner), messages: messages.map(plainMessage) } : inner;
}

export function createLangChainHandler(deps: LangChainDeps): LangChainHandler {
  const { start, finish, failed, firstToken } = createRuns(deps);
  const generation = (operation: string, given: Omit<Start, 'kind' | 'attributes' | 'name'>, extra: Given) => {
    const attributes = callAttributes(operation, extra, given.metadata);
    const model = attributes['gen_ai.request.model'];
    return { ...given, kind: 'generation' as const, attributes, name: model ? `${operation} ${model}` : operation };
  };
  return {
    awaitHandlers: true,
    handleChatModelStart: (_model, messages, runId, parentRunId, extra, tags, metadata) =>
      start(() => {
        const call = generation('chat', { runId, parentRunId, tags, metadata }, extra);
        const input = messagesAttribute('input', contentOf((messages[0] ?? []).map(plainMessage), 'input'));
        return { ...call, attributes: { ...call.attributes, ...input } };
      }),
    handleLLMStart: (_model, prompts, runId, parentRunId, extra, tags, metadata) =>
      start(() => {
        const call = generation('text_completion', { runId, parentRunId, tags, metadata }, extra);
        const input = contentOf(
          prompts.map((content) => ({ role: 'user', content })),
          'input',
        );
        return { ...call, attributes: { ...call.attributes, ...messagesAttribute('input', input) } };
      }),
    handleLLMNewToken: (_token, _index, runId) => firstToken(runId),
    handleLLMEnd: (output, runId) => finish(runId, (span) => span.setAttributes(answerOf(output))),
    handleLLMError: failed,
    handleChainStart: (chain, inputs, runId, parentRunId, tags, metadata, _type, name) =>
      start(() => {
        const called = nameOf(chain, name, 'chain');
        return {
          runId,
          parentRunId,
          kind: 'chain',
          name: called,
          tags,
          metadata,
          attributes: { 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': called },
          content: unwrapped(inputs, 'input'),
        };
      }),
    handleChainEnd: (outputs, runId) =>
      finish(runId, (span, kind) => kind === 'chain' && setContent(span, kind, 'output', unwrapped(outputs, 'output'))),
    handleChainError: failed,
    handleToolStart: (tool, input, runId, parentRunId, tags, metadata, name, callId) =>
      start(() => {
        const called = nameOf(tool, name, 'tool');
        return {
          runId,
          parentRunId,
          kind: 'tool',
          name: called,
          tags,
          metadata,
          attributes: {
            'gen_ai.operation.name': 'execute_tool',
            'gen_ai.tool.name': called,
            ...(callId === undefined ? {} : { 'gen_ai.tool.call.id': callId }),
          },
          content: input,
        };
      }),
    handleToolEnd: (output, runId) =>
      finish(runId, (span) => setContent(span, 'tool', 'output', loose(output).content ?? output)),
    handleToolError: failed,
    handleRetrieverStart: (retriever, query, runId, parentRunId, tags, metadata, name) =>
      start(() => ({
        runId,
        parentRunId,
        kind: 'retriever',
        name: nameOf(retriever, name, 'retriever'),
        tags,
        metadata,
        attributes: { 'gen_ai.operation.name': 'retrieval' },
        content: query,
      })),
    handleRetrieverEnd: (documents, runId) =>
      finish(runId, (span) => setContent(span, 'retriever', 'output', documents)),
    handleRetrieverError: failed,
  };
}
