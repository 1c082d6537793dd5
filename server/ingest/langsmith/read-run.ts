import {
  inputTokens,
  isJsonObject,
  type Json,
  type JsonObject,
  type Nanos,
  outputTokens,
  type ProjectId,
  type Span,
  type SpanEvent,
  spanIdOfClient,
  traceIdOfClient,
} from '@wheelhouse/core/records';
import { normalizeSpan, type OtlpSpan, readAnswerUsage } from '@wheelhouse/core/trace';
import {
  bareOtlpSpan,
  checkDepth,
  known,
  objectOf,
  objectsOf,
  prefixed,
  readTime,
  textOf,
  Unreadable,
} from '../vendor-values.ts';

/** `20261121T014755033002Z` and the id of a run, from the root on, divided by points. */
const step = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{0,9})Z(.+)$/;

type Step = { startNs: Nanos | null; id: string };

function stepsOf(dottedOrder: string | null): Step[] {
  return (dottedOrder ?? '').split('.').flatMap((text): Step[] => {
    const [, year, month, day, hour, minute, second, fraction, id] = step.exec(text) ?? [];
    if (id === undefined) return [];
    const time = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction === '' ? '0' : fraction}Z`;
    return [{ startNs: readTime(time), id }];
  });
}

/** Where a run stands: what it does not say itself its dotted order does. */
function placeOf(run: JsonObject, patchedNs: Nanos | null) {
  const id = textOf(run.id);
  if (id === null) throw new Unreadable('id missing', 'A run takes `id`.');
  const steps = stepsOf(textOf(run.dotted_order));
  const parent = textOf(run.parent_run_id) ?? steps.at(-2)?.id ?? null;
  const isWhole = run.start_time !== undefined;
  const trace = textOf(run.trace_id) ?? steps[0]?.id ?? (isWhole && parent === null ? id : null);
  if (trace === null)
    throw new Unreadable('trace_id missing', `Run ${id.slice(0, 60)} takes \`trace_id\` or \`dotted_order\`.`);
  const startNs = readTime(run.start_time) ?? steps.at(-1)?.startNs ?? readTime(run.end_time) ?? patchedNs;
  if (startNs === null)
    throw new Unreadable(
      'start_time missing',
      `Run ${id.slice(0, 60)} takes \`start_time\`, ISO 8601 or milliseconds.`,
    );
  return { id, trace, parent, startNs };
}

/** The first message that a model answered with, in each of the ways that LangChain writes it. */
function answeredMessage(outputs: JsonObject): JsonObject {
  const lists = Array.isArray(outputs.generations) ? outputs.generations.flat() : [];
  const generation = objectsOf(lists)[0] ?? {};
  const direct = Object.values(outputs).find(
    (value) =>
      isJsonObject(objectOf(value).usage_metadata) || isJsonObject(objectOf(objectOf(value).kwargs).usage_metadata),
  );
  const message = objectOf(generation.message ?? direct ?? outputs);
  return isJsonObject(message.kwargs) ? message.kwargs : message;
}

const counts = (usage: Json | undefined): JsonObject | null =>
  isJsonObject(usage) && (typeof usage.input_tokens === 'number' || typeof usage.output_tokens === 'number')
    ? usage
    : null;

/** What older integrations counted, in the names of `usage_metadata`. */
function tokenUsage(outputs: JsonObject): JsonObject | null {
  const answer = objectOf(outputs.llm_output ?? outputs.llmOutput);
  const usage = objectOf(answer.token_usage ?? answer.tokenUsage ?? answer.estimatedTokenUsage);
  return counts({
    input_tokens: usage.prompt_tokens ?? usage.promptTokens ?? null,
    output_tokens: usage.completion_tokens ?? usage.completionTokens ?? null,
  });
}

/** What a vendor's own answer counts, in the names of `usage_metadata`. */
function vendorUsage(outputs: JsonObject): JsonObject | null {
  const usage = readAnswerUsage(outputs);
  if (usage === null) return null;
  const {
    cacheRead = 0,
    cacheWrite5m = 0,
    cacheWrite1h = 0,
    inputAudio = 0,
    reasoning = 0,
    outputAudio = 0,
  } = usage.counts;
  return {
    input_tokens: inputTokens(usage),
    output_tokens: outputTokens(usage),
    input_token_details: { cache_read: cacheRead, cache_creation: cacheWrite5m + cacheWrite1h, audio: inputAudio },
    output_token_details: { reasoning, audio: outputAudio },
  };
}

const notParams = new Set(['model', 'model_name', 'tools', 'functions', 'stream', 'stream_options', 'messages']);

/** What the call was made with, as LangChain's callbacks say it. */
function requestAttributes(params: JsonObject, model: Json | undefined): JsonObject {
  const given = Object.entries(params).filter(([key]) => !notParams.has(key) && !key.startsWith('_'));
  return known({
    'gen_ai.request.model': model ?? params.model ?? params.model_name,
    'gen_ai.tool.definitions': params.tools ?? params.functions,
    ...prefixed('gen_ai.request.', Object.fromEntries(given)),
  });
}

const isToken = ({ name }: JsonObject): boolean => name === 'new_token';

/** Seconds from the start to the first token of a streamed answer. */
function firstTokenSeconds(run: JsonObject, startNs: Nanos): number | null {
  const timeNs = readTime(objectsOf(run.events).find(isToken)?.time);
  return timeNs === null || timeNs < startNs ? null : Number(timeNs - startNs) / 1e9;
}

function answerAttributes(outputs: JsonObject, metadata: JsonObject): JsonObject {
  const message = answeredMessage(outputs);
  const answered = objectOf(message.response_metadata);
  const usage =
    counts(outputs.usage_metadata) ??
    counts(message.usage_metadata) ??
    counts(metadata.usage_metadata) ??
    vendorUsage(outputs) ??
    tokenUsage(outputs);
  const reasons = objectsOf(outputs.choices).flatMap((choice) => textOf(choice.finish_reason) ?? []);
  const reason = textOf(answered.finish_reason) ?? textOf(answered.stop_reason) ?? textOf(outputs.stop_reason);
  return known({
    'gen_ai.response.model': textOf(outputs.model) ?? textOf(answered.model_name) ?? textOf(answered.model),
    'gen_ai.response.id': textOf(outputs.id) ?? textOf(answered.id) ?? textOf(message.id),
    'gen_ai.response.finish_reasons': reasons.length > 0 ? reasons : reason === null ? null : [reason],
    'langsmith.usage_metadata': usage,
    'gen_ai.usage.cost': usage?.total_cost,
  });
}

const plainMembers = new Set([
  'id',
  'name',
  'trace_id',
  'parent_run_id',
  'dotted_order',
  'run_type',
  'session_name',
  'start_time',
  'end_time',
  'inputs',
  'outputs',
  'extra',
  'error',
  'events',
  'tags',
  'serialized',
  'child_runs',
]);

/** Patches of some clients leave the type out. */
const isModelCall = (metadata: JsonObject, outputs: JsonObject): boolean =>
  [metadata.ls_model_name, metadata.ls_model_type, outputs.generations, outputs.usage_metadata].some(
    (sign) => sign !== undefined,
  );

/** A run in the words of LangSmith's own OpenTelemetry export; what that leaves out stands beside under its own name. */
function attributesOf(run: JsonObject, place: ReturnType<typeof placeOf>): JsonObject {
  const { metadata: given, invocation_params: asked, ...extra } = objectOf(run.extra);
  const metadata = objectOf(given);
  const { usage_metadata: _, ...ownMetadata } = metadata;
  const outputs = objectOf(run.outputs);
  const runType = textOf(run.run_type) ?? (isModelCall(metadata, outputs) ? 'llm' : null);
  const isCall = runType === 'llm' || runType === 'embedding';
  const params = { ...objectOf(metadata.ls_invocation_params), ...objectOf(asked) };
  return {
    ...known({
      'langsmith.span.id': place.id,
      'langsmith.trace.id': place.trace,
      'langsmith.span.parent_id': place.parent,
      'langsmith.span.dotted_order': run.dotted_order,
      'langsmith.span.kind': runType,
      'langsmith.trace.session_name': run.session_name,
      'langsmith.span.tags': Array.isArray(run.tags) && run.tags.length > 0 ? run.tags : null,
      'langsmith.span.runtime': extra.runtime,
      'gen_ai.prompt': run.inputs,
      'gen_ai.completion': run.outputs,
      'gen_ai.response.time_to_first_chunk': firstTokenSeconds(run, place.startNs),
    }),
    ...(isCall ? requestAttributes(params, metadata.ls_model_name ?? objectOf(run.inputs).model) : {}),
    ...(isCall ? answerAttributes(outputs, metadata) : {}),
    ...prefixed('langsmith.metadata.', ownMetadata),
    ...prefixed('langsmith.', Object.fromEntries(Object.entries(run).filter(([key]) => !plainMembers.has(key)))),
    ...(Object.keys(objectOf(run.serialized)).length > 0 ? { 'langsmith.serialized': objectOf(run.serialized) } : {}),
  };
}

function eventsOf(events: JsonObject[], startNs: Nanos): SpanEvent[] {
  return events
    .filter((event) => !isToken(event) && event.name !== 'start' && event.name !== 'end')
    .map(({ name, time, ...attributes }) => ({
      name: textOf(name) ?? 'event',
      timeNs: readTime(time) ?? startNs,
      attributes,
    }));
}

/**
 * A run, or what a patch says of one, as a fragment of its span.
 * @param patchedNs when the patch came, which is later than the start that it may leave out; null for a whole run
 * @throws Unreadable
 */
export function readRun(
  run: JsonObject,
  { project, patchedNs }: { project: ProjectId; patchedNs: Nanos | null },
): Span {
  checkDepth(run);
  const place = placeOf(run, patchedNs);
  const endNs = readTime(run.end_time);
  const error = textOf(run.error);
  const span: OtlpSpan = {
    ...bareOtlpSpan({
      traceId: traceIdOfClient(place.trace),
      spanId: spanIdOfClient(place.id),
      parentSpanId: place.parent === null ? null : spanIdOfClient(place.parent),
      startNs: place.startNs,
      scope: { name: 'langsmith', version: textOf(objectOf(objectOf(run.extra).runtime).sdk_version) ?? '' },
    }),
    name: textOf(run.name) ?? '',
    endNs: endNs !== null && endNs < place.startNs ? place.startNs : endNs,
    status: error !== null ? 'error' : endNs === null ? 'unset' : 'ok',
    statusMessage: error ?? '',
    attributes: attributesOf(run, place),
    events: eventsOf(objectsOf(run.events), place.startNs),
    resource: known({ 'service.name': run.session_name }),
  };
  return normalizeSpan(span, project);
}
