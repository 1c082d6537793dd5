import type { ScoreFilter } from '@wheelhouse/core/ports';
import { type Score, spanIdOfClient, traceIdOfClient, WheelhouseError } from '@wheelhouse/core/records';
import { textOf } from '../vendor-values.ts';

/** Versions of the API say the same thing differently. */
export type ScoreDialect = 'v2' | 'v3';

function valueWire(value: Score['value'], dialect: ScoreDialect): object {
  if (typeof value === 'number') return { dataType: 'NUMERIC', value };
  if (typeof value === 'string')
    return { dataType: 'CATEGORICAL', ...(dialect === 'v3' ? { value } : { value: null, stringValue: value }) };
  const text = value ? 'True' : 'False';
  return { dataType: 'BOOLEAN', ...(dialect === 'v3' ? { value } : { value: value ? 1 : 0, stringValue: text }) };
}

function subjectOf(traceId: string | null, observationId: string | null, sessionId: string | null): object {
  if (observationId !== null) return { kind: 'observation', id: observationId, traceId };
  return traceId === null ? { kind: 'session', id: sessionId } : { kind: 'trace', id: traceId };
}

const sources: Record<Score['source'], string> = {
  api: 'API',
  user: 'API',
  code: 'EVAL',
  judge: 'EVAL',
  human: 'ANNOTATION',
};

/** A score as Langfuse's clients read it, under the ids that they gave. */
export function scoreWire(score: Score, project: string, dialect: ScoreDialect): object {
  const own = Object.entries(score.metadata).filter(([key]) => !key.startsWith('langfuse.'));
  const traceId = textOf(score.metadata['langfuse.trace.id']) ?? score.traceId;
  const observationId = textOf(score.metadata['langfuse.observation.id']) ?? score.spanId;
  const { id, sessionId, name, comment, createdAt: at } = score;
  return {
    id,
    name,
    comment,
    projectId: project,
    ...(dialect === 'v3'
      ? { subject: subjectOf(traceId, observationId, sessionId) }
      : { traceId, observationId, sessionId }),
    ...valueWire(score.value, dialect),
    source: sources[score.source],
    metadata: Object.fromEntries(own),
    configId: score.metadata['langfuse.config_id'] ?? null,
    environment: score.metadata['langfuse.environment'] ?? 'default',
    timestamp: at,
    createdAt: at,
    updatedAt: at,
  };
}

const served: Record<ScoreDialect, string[]> = {
  v2: ['page', 'limit', 'traceId', 'observationId', 'sessionId', 'name', 'scoreIds', 'fields'],
  v3: ['limit', 'cursor', 'traceId', 'observationId', 'sessionId', 'name', 'id', 'fields'],
};
/** The values of a list travel in a URL. */
const mostIds = 200;

function whole(query: URLSearchParams, name: string, otherwise: number, most: number): number {
  const given = Number(query.get(name) ?? otherwise);
  return Number.isInteger(given) && given >= 1 ? Math.min(given, most) : otherwise;
}

/**
 * What a list of scores is asked for.
 * @throws WheelhouseError `invalid_request` for a filter that is not served, because without it the list would have too much
 */
export function readScoreQuery(query: URLSearchParams, dialect: ScoreDialect) {
  const unknown = [...query.keys()].find((key) => !served[dialect].includes(key));
  if (unknown !== undefined)
    throw new WheelhouseError('invalid_request', `Scores cannot be filtered by \`${unknown.slice(0, 60)}\` here.`, {
      hint: 'Leave it out; docs/guides/from-langfuse.md lists what is served.',
    });
  const list = (name: string) => (textOf(query.get(name)) ?? '').split(',').filter(Boolean).slice(0, mostIds);
  const [ids, traces, observations] = [list('scoreIds').concat(list('id')), list('traceId'), list('observationId')];
  const [session, name] = [textOf(query.get('sessionId')), textOf(query.get('name'))];
  const filter: Omit<ScoreFilter, 'limit' | 'cursor'> = {
    ...(ids.length > 0 ? { ids } : {}),
    ...(traces.length > 0 ? { traceIds: traces.map(traceIdOfClient) } : {}),
    ...(observations.length > 0 ? { spanIds: observations.map(spanIdOfClient) } : {}),
    ...(session === null ? {} : { sessionId: session }),
    ...(name === null ? {} : { name }),
  };
  return {
    filter,
    page: whole(query, 'page', 1, 1_000),
    limit: whole(query, 'limit', 50, 100),
    cursor: textOf(query.get('cursor')),
  };
}
