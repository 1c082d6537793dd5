import type { CancelSignal, Embedder, ModelOutcome, ModelRunner, Sandbox } from '@wheelhouse/core/ports';
import type { ProgramWorld } from '@wheelhouse/core/program';
import {
  type ErrorCode,
  errorTable,
  type Json,
  type JsonObject,
  newTraceId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type ClientOptions, createClient, rawRequest, WheelhouseApiError } from '../client/index.ts';
import { type Answer, createModels } from '../model/index.ts';

/** Of a call that was refused before it had one. */
const noTrace = () => newTraceId(crypto.getRandomValues(new Uint8Array(16)));
const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code);
const tooMany = new Set(['rate_limited', 'upstream_rate_limited']);

function refused(error: unknown, beganMs: number): ModelOutcome {
  if (!(error instanceof WheelhouseApiError)) throw error;
  const { code, message } = error;
  return {
    ...{ ok: false, error: message, traceId: noTrace(), costNanoUsd: null },
    latencyNs: BigInt(Math.round((performance.now() - beganMs) * 1e6)),
    ...(isCode(code) ? { code } : {}),
    ...(tooMany.has(code) ? { limited: { retryAfterMs: null } } : {}),
  };
}

function answered({ text, latencyMs, costNanoUsd, traceId, usage }: Answer): ModelOutcome {
  const counts = usage && { inputUncached: usage.inputTokens, outputText: usage.outputTokens };
  return {
    ...{ ok: true, text, latencyNs: BigInt(Math.round(latencyMs * 1e6)) },
    traceId: (traceId as TraceId | null) ?? noTrace(),
    usage: counts && { counts, source: 'gateway' },
    costNanoUsd: costNanoUsd === null ? null : BigInt(costNanoUsd),
  };
}

/** Asks the server for any model, so that each call is governed, traced and priced as any. */
function createRunner(client: ClientOptions, headers: Record<string, string>): ModelRunner {
  const models = createModels(client);
  return {
    async run(model, { messages, variables }, { signal, parameters = {}, onText }) {
      const began = performance.now();
      const caller = models.model(model);
      const options = { messages: messages as JsonObject[], parameters, headers, signal: signal as AbortSignal };
      try {
        if (onText === undefined) return answered(await caller.predict(variables, options));
        const stream = caller.stream(variables, options);
        for await (const piece of stream) onText(piece);
        return answered(await stream.result());
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        return refused(error, began);
      }
    },
  };
}

type EmbeddingsBody = { data: { index: number; embedding: number[] }[] };

/** Embeds through the server. */
export function createEmbedder(client: ClientOptions, headers: Record<string, string> = {}): Embedder {
  async function embed(model: string, texts: readonly string[], signal: CancelSignal) {
    const response = await rawRequest({ ...client, signal: signal as AbortSignal }, '/v1/embeddings', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ model, input: texts }),
    });
    const { data } = (await response.json()) as EmbeddingsBody;
    const vectors = [...data].sort((a, b) => a.index - b.index).map(({ embedding }) => embedding);
    const traceId = (response.headers.get('x-wheelhouse-trace-id') as TraceId | null) ?? noTrace();
    return { ok: true as const, vectors, traceId, costNanoUsd: null };
  }
  return {
    embed: (model, texts, { signal }) =>
      embed(model, texts, signal).catch((error: unknown) => {
        if (error instanceof WheelhouseApiError) return { ok: false as const, error: error.message };
        throw error;
      }),
  };
}

/** The server's sandbox, since what a model wrote must not run where the program does. */
function createSandbox(options: ClientOptions): Sandbox {
  const client = createClient(options);
  return {
    async run(code, input, signal) {
      try {
        const { output } = await client.call('runCode', { body: { code, input }, signal: signal as AbortSignal });
        return output as Json;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (!(error instanceof WheelhouseApiError)) throw error;
        const { code: known, message, hint } = error;
        throw new WheelhouseError(isCode(known) ? known : 'upstream_unreachable', message, { hint, cause: error });
      }
    },
  };
}

export type ProgramWorldOptions = ClientOptions &
  Partial<Omit<ProgramWorld, 'runner' | 'embedder'>> & {
    /** What predictors ask whose candidate names no model; as an OpenAI client would name it. */
    model: string;
    /** Of the span that the program's calls are to stand below. */
    traceparent?: string;
    /** The embedding model, where something is looked for by meaning. */
    embedWith?: string;
  };

/** A world in which a program asks the models of a server, and what models write as code runs in its sandbox. */
export function programWorld(options: ProgramWorldOptions): ProgramWorld & { sandbox: Sandbox } {
  const {
    baseUrl,
    apiKey,
    project,
    fetch,
    embedWith,
    traceparent,
    signal = new AbortController().signal,
    ...world
  } = options;
  const client: ClientOptions = {
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(project === undefined ? {} : { project }),
    ...(fetch === undefined ? {} : { fetch }),
  };
  const headers: Record<string, string> = traceparent === undefined ? {} : { traceparent };
  return {
    sandbox: createSandbox(client),
    ...world,
    signal,
    runner: createRunner(client, headers),
    ...(embedWith === undefined ? {} : { embedder: { embedder: createEmbedder(client, headers), model: embedWith } }),
  };
}
