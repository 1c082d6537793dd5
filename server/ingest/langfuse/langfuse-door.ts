import {
  isJsonObject,
  type Json,
  type ProjectId,
  type Score,
  type Span,
  traceIdOfClient,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { appendSplitCalls } from '../price-split-calls.ts';
import {
  type DoorAnswer,
  type DoorDeps,
  type DoorRequest,
  notCovered,
  objectBody,
  pathText,
  type VendorDoor,
} from '../vendor-door.ts';
import { Unreadable } from '../vendor-values.ts';
import { createMediaRoutes } from './media-routes.ts';
import { drawnOver, readEvent, traceSpanOver } from './read-event.ts';
import { createScoreRoutes } from './score-routes.ts';
import { traceWire } from './trace-wire.ts';

const source = 'langfuse';
const prefix = '/api/public';
const guide = 'from-langfuse.md';
/** A larger trace is no one answer. */
const readSpans = 5_000;

type Batch = {
  project: ProjectId;
  spans: Span[];
  scores: Score[];
  successes: { id: string; status: number }[];
  errors: { id: string; status: number; message: string; error: string }[];
};

const idOf = (event: unknown): string => (isJsonObject(event) && typeof event.id === 'string' ? event.id : '');

/** The spans that stand for whole traces, those of the batch among them, drawn over what the batch says happened in each. */
function drawTraces(traces: readonly Span[], observations: readonly Span[]): Span[] {
  const byTrace = new Map<string, Span[]>();
  for (const span of observations) byTrace.set(span.traceId, [...(byTrace.get(span.traceId) ?? []), span]);
  const told = new Set(traces.map(({ traceId }) => traceId));
  const silent = [...byTrace.values()].flatMap((spans) => (spans[0] && !told.has(spans[0].traceId) ? [spans] : []));
  return [
    ...traces.map((trace) => drawnOver(trace, byTrace.get(trace.traceId) ?? [])),
    ...silent.flatMap((spans) => traceSpanOver(spans) ?? []),
  ];
}

/**
 * The part of Langfuse's public API that its clients trace and score with. Its OpenTelemetry path is the OTLP door.
 * Every event is answered for itself; those that are answered with success are stored and synced.
 */
export function createLangfuseDoor(deps: DoorDeps): VendorDoor {
  const scoreRoutes = createScoreRoutes(deps);
  const media = createMediaRoutes(deps);

  function refuse(batch: Batch, event: Json, cause: Unreadable): void {
    const message = cause.message;
    batch.errors.push({ id: idOf(event), status: 400, message, error: cause.reason });
    deps.ledger.reject({
      project: batch.project,
      source,
      reason: cause.reason,
      sample: message,
      letter: {
        path: `${prefix}/ingestion`,
        contentType: 'application/json',
        body: Buffer.from(JSON.stringify({ batch: [event] })),
      },
    });
  }

  function readBatch(events: Json[], request: DoorRequest): Batch {
    const batch: Batch = { project: request.by.project, spans: [], scores: [], successes: [], errors: [] };
    const sdk = String(request.headers['x-langfuse-sdk-version'] ?? '');
    const traces: Span[] = [];
    const observations: Span[] = [];
    for (const event of events) {
      try {
        if (!isJsonObject(event)) throw new Unreadable('no event', 'An event is an object with id, type and body.');
        const reading = readEvent(event, request.by.project, sdk);
        if (reading.type === 'score') batch.scores.push(reading.score);
        else if (reading.type === 'trace') traces.push(reading.span);
        else if (reading.type === 'observation') observations.push(reading.span);
        batch.successes.push({ id: idOf(event), status: 201 });
      } catch (cause) {
        if (!(cause instanceof Unreadable)) throw cause;
        refuse(batch, event, cause);
      }
    }
    batch.spans.push(...observations, ...drawTraces(traces, observations));
    return batch;
  }

  async function ingest(request: DoorRequest): Promise<DoorAnswer> {
    const events = await readEvents(request);
    const { spans, scores, successes, errors } = readBatch(events, request);
    await appendSplitCalls(deps, spans, source);
    await scoreRoutes.put(request.by.project, scores);
    return { status: 207, body: { successes, errors } };
  }

  async function readEvents(request: DoorRequest): Promise<Json[]> {
    try {
      const { batch } = await objectBody(request);
      if (Array.isArray(batch)) return batch;
      throw new WheelhouseError('invalid_request', 'The body takes `batch`, a list of events.', { param: 'batch' });
    } catch (error) {
      // How many events it held is unknown, and none would hide it.
      const { project } = request.by;
      if (error instanceof WheelhouseError)
        deps.ledger.reject({ project, source, reason: error.code, sample: error.message });
      throw error;
    }
  }

  async function readTrace({ by }: DoorRequest, id: string): Promise<DoorAnswer> {
    const traceId = traceIdOfClient(id);
    const spans: Span[] = [];
    for await (const span of deps.wholeSpans.ofTraces(by.project, [traceId])) {
      spans.push(span);
      if (spans.length > readSpans)
        throw new WheelhouseError('invalid_request', `Trace ${traceId} has more than ${readSpans} spans.`, {
          hint: `Read it in parts: GET /api/v1/traces/${traceId} lists its spans.`,
        });
    }
    const [first, ...more] = spans;
    if (!first) throw new WheelhouseError('not_found', `There is no trace ${id.slice(0, 80)}.`);
    return { status: 200, body: traceWire([first, ...more], await deps.scores.ofTrace(by.project, traceId)) };
  }

  return {
    prefix,
    async answer(request) {
      const { method, path, by } = request;
      const is = (wanted: string, pattern: RegExp) => method === wanted && pattern.test(path);
      if (is('POST', /^\/ingestion$/)) return ingest(request);
      if (is('POST', /^\/scores$/)) return scoreRoutes.create(request);
      if (is('GET', /^\/(?:v2\/)?scores$/)) return scoreRoutes.listPages(request);
      if (is('GET', /^\/v3\/scores$/)) return scoreRoutes.listOn(request);
      const scoreId = pathText(/^\/(?:v2\/)?scores\/([^/]+)$/.exec(path)?.[1] ?? '');
      if (scoreId !== '' && method === 'GET') return scoreRoutes.get(request, scoreId);
      if (scoreId !== '' && method === 'DELETE') return scoreRoutes.remove(request, scoreId);
      if (is('POST', /^\/media$/)) return media.announce(request);
      const mediaId = pathText(/^\/media\/([^/]+)$/.exec(path)?.[1] ?? '');
      if (mediaId !== '' && method === 'GET') return media.get(request, mediaId);
      if (mediaId !== '' && method === 'PATCH') return media.report();
      const prompts = /^\/v2\/prompts(?=\/|$)(.*)$/.exec(path)?.[1];
      if (prompts !== undefined) {
        const { query } = request;
        return deps.prompts.answer({ method, path: prompts, query, by, body: () => objectBody(request) });
      }
      const traceId = pathText(/^\/traces\/([^/]+)$/.exec(path)?.[1] ?? '');
      if (traceId !== '' && method === 'GET') return readTrace(request, traceId);
      if (is('GET', /^\/projects$/)) {
        const organization = { id: by.project, name: 'Wheelhouse' };
        return { status: 200, body: { data: [{ id: by.project, name: by.project, organization, metadata: {} }] } };
      }
      if (is('GET', /^\/health$/)) return { status: 200, body: { status: 'OK', version: deps.version } };
      throw notCovered(method, `${prefix}${path.slice(0, 120)}`, guide);
    },
    errorBody: (error) => ({ error: error.code, message: `${error.message} ${error.hint}` }),
  };
}
