import {
  isJsonObject,
  type JsonObject,
  type Nanos,
  nanosToMs,
  type Score,
  type ScoreId,
  spanIdOfClient,
  traceIdOfClient,
} from '@wheelhouse/core/records';
import { known, objectOf, textOf, Unreadable } from '../vendor-values.ts';

function scoreValue(body: JsonObject): Score['value'] {
  const { value, dataType } = body;
  if (dataType === 'BOOLEAN') {
    if (typeof value === 'boolean') return value;
    if (value === 0 || value === 1) return value === 1;
    throw new Unreadable('score value', 'A BOOLEAN score takes `value` 0 or 1.');
  }
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (dataType === 'NUMERIC' && !isNumber)
    throw new Unreadable('score value', 'A NUMERIC score takes a number as `value`.');
  if (isNumber || typeof value === 'boolean') return value as number | boolean;
  if (typeof value !== 'string' || value.length > 1000)
    throw new Unreadable('score value', 'A score takes `value`: a number, or up to 1,000 characters.');
  return value;
}

/**
 * A score as Langfuse's clients write it; its id is the client's own, so that it can be changed and removed by it.
 * @throws Unreadable
 */
export function readScore(body: JsonObject, event: { id: string; reportedNs: Nanos }): Score {
  const name = textOf(body.name);
  if (name === null) throw new Unreadable('score name', 'A score takes `name`.');
  const trace = textOf(body.traceId);
  const observation = textOf(body.observationId);
  const session = textOf(body.sessionId);
  if (trace === null && session === null)
    throw new Unreadable(
      'score subject',
      'A score takes `traceId` or `sessionId`; runs of datasets are not served here.',
    );
  if (trace === null && observation !== null)
    throw new Unreadable('score subject', 'A score on an observation takes `traceId` beside `observationId`.');
  const { metadata } = body;
  return {
    id: (textOf(body.id) ?? event.id) as ScoreId,
    traceId: trace === null ? null : traceIdOfClient(trace),
    spanId: observation === null ? null : spanIdOfClient(observation),
    sessionId: session,
    name,
    value: scoreValue(body),
    comment: textOf(body.comment),
    metadata: {
      ...(metadata === undefined || metadata === null || isJsonObject(metadata) ? objectOf(metadata) : { metadata }),
      ...known({
        'langfuse.trace.id': trace,
        'langfuse.observation.id': observation,
        'langfuse.data_type': body.dataType,
        'langfuse.config_id': body.configId,
        'langfuse.environment': body.environment,
      }),
    },
    source: 'api',
    createdAt: new Date(nanosToMs(event.reportedNs)).toISOString(),
  };
}
