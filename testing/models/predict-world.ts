import {
  type FindVersion,
  type FlavorContext,
  flavorOf,
  ownRequest,
  predict,
  readOutput,
} from '@wheelhouse/core/model';
import type { HttpAnswer, HttpAsk, OnText, PredictInput, PredictStep, PredictWorld } from '@wheelhouse/core/ports';
import {
  contentHash,
  type Json,
  type JsonObject,
  type ModelDefinition,
  type ModelId,
  type ModelVersion,
  type Signature,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { createSchemaChecker } from '@wheelhouse/server/tools/schema-checker';

/** What a base model gets. */
export type BaseRequest = { model: string; messages: Json[]; parameters: JsonObject };

export type FakeWorldOptions = {
  /** Registered versions by the name that they are called by. */
  models?: Record<string, ModelVersion>;
  /** Of every base model; the text of the last message unless told. */
  answer?: (request: BaseRequest) => string;
  http?: (ask: HttpAsk) => Partial<HttpAnswer>;
  code?: (source: string, input: Json) => Json;
  /** Code where it is served; the pieces together are the answer's text. */
  host?: (ask: PredictInput) => string[] | Json;
  /** What an earlier run finished, by `path hash`. */
  finished?: ReadonlyMap<string, Json>;
  signal?: AbortSignal;
};

const checker = createSchemaChecker();

/** A version as the registry would keep it, its signature inferred as far as it is not given. */
export function versionOf(
  definition: ModelDefinition,
  {
    signature,
    find = () => null,
    number = 1,
  }: { signature?: Partial<Signature>; find?: FindVersion; number?: number } = {},
): ModelVersion {
  const { schema, infer } = flavorOf(definition);
  const parsed = schema.parse(definition);
  return {
    modelId: 'md_1' as ModelId,
    number,
    hash: '',
    definition: parsed,
    signature: { ...infer(parsed, { checker, find }), ...signature },
    example: null,
    message: '',
    author: 'ada',
    madeFrom: [],
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}

const echo = ({ messages }: BaseRequest): string => {
  const last = messages.at(-1) as JsonObject | undefined;
  return typeof last?.content === 'string' ? last.content : JSON.stringify(last?.content ?? null);
};

/** Three pieces, so that a stream is one. */
function inPieces(text: string, onText: OnText | null): void {
  const size = Math.max(1, Math.ceil(text.length / 3));
  for (let at = 0; at < text.length; at += size) onText?.(text.slice(at, at + size));
}

/** Everything that a model may ask, in memory, and what it asked. */
export function fakePredictWorld(options: FakeWorldOptions = {}) {
  const { models = {}, answer = echo, finished = new Map<string, Json>() } = options;
  const find: FindVersion = (ref) => (Object.hasOwn(models, ref) ? (models[ref] ?? null) : null);
  const context: FlavorContext = { checker, find };
  const requests: BaseRequest[] = [];
  const asks: Omit<HttpAsk, 'onText'>[] = [];
  const hosted: PredictInput[] = [];
  const waits: number[] = [];
  const steps: (PredictStep & { ok: boolean; reused: boolean })[] = [];
  const done = new Map<string, Json>();
  /** Work that goes on at once, and the most of it that ever did. */
  const busy = { now: 0, most: 0 };

  async function callBase(request: BaseRequest, onText: OnText | null): Promise<string> {
    busy.most = Math.max(busy.most, ++busy.now);
    await Promise.resolve();
    busy.now--;
    requests.push(request);
    const text = answer(request);
    inPieces(text, onText);
    return text;
  }

  async function callModel(name: string, ask: PredictInput, onText: OnText | null) {
    const version = find(name);
    if (version && flavorOf(version.definition).runs === 'stepped')
      return predict(version, ask, { name, world, onText });
    const own = version && ownRequest(version, ask.input as JsonObject, { name, ...context });
    const request = {
      model: version?.definition.baseModel ?? name,
      messages: [...(own?.messages ?? []), ...ask.messages],
      parameters: { ...own?.parameters, ...ask.parameters },
    };
    const text = await callBase(request, onText);
    const output = version ? readOutput(version.signature.output, text, { name, checker }) : text;
    return { output, text };
  }

  async function step(at: PredictStep, work: (inside: PredictWorld) => Promise<Json>): Promise<Json> {
    const key = `${at.path} ${contentHash(at.input)}`;
    const known = finished.get(key);
    if (known !== undefined) {
      steps.push({ ...at, ok: true, reused: true });
      return known;
    }
    try {
      const output = await work(world);
      done.set(key, output);
      steps.push({ ...at, ok: true, reused: false });
      return output;
    } catch (error) {
      steps.push({ ...at, ok: false, reused: false });
      throw error;
    }
  }

  const world: PredictWorld = {
    checker,
    signal: options.signal ?? new AbortController().signal,
    callModel,
    async callHttp(ask) {
      const { onText, ...said } = ask;
      asks.push(said);
      const given = { status: 200, headers: {}, body: '', ...options.http?.(ask) };
      if (onText === null || given.status >= 400) return given;
      inPieces(given.body, onText);
      return { ...given, body: '' };
    },
    async runCode(source, input) {
      if (!options.code) throw new WheelhouseError('internal', 'This world runs no code.');
      return options.code(source, input);
    },
    async callHost(ask, onText) {
      hosted.push(ask);
      const given = options.host?.(ask) ?? null;
      if (!Array.isArray(given)) return given;
      for (const piece of given) onText?.(piece as string);
      return given.join('');
    },
    step,
    async sleep(ms) {
      waits.push(ms);
    },
  };
  return { world, callModel, context, requests, asks, hosted, waits, steps, done, busy };
}
