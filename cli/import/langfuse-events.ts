import type { Json, JsonObject } from '@wheelhouse/core/records';
import { textOf } from './draft.ts';
import { withZone } from './scores.ts';

/** Types of observations, as Langfuse's ingestion has events for them. */
export const observationTypes = new Set([
  ...['span', 'generation', 'event', 'agent', 'tool', 'chain', 'retriever', 'embedding', 'evaluator', 'guardrail'],
]);

type Kept = {
  traces: ReadonlyMap<string, JsonObject>;
  observations: ReadonlyMap<string, JsonObject>;
  scores: ReadonlyMap<string, ReadonlyMap<string, JsonObject>>;
};

const without = (record: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null && value !== undefined));

const timeOf = (...times: (Json | undefined)[]): string => {
  const said = times.map(textOf).find((time) => time !== '') ?? '';
  const ms = Date.parse(withZone(said));
  return Number.isNaN(ms) ? new Date(0).toISOString() : new Date(ms).toISOString();
};

/** An id that is the same each time, so that taking it over again changes nothing. */
function event(type: string, body: JsonObject, timestamp: string): JsonObject {
  return { id: `import-${type}-${textOf(body.id)}`, type, timestamp, body: without(body) };
}

function observationEvent(one: JsonObject): JsonObject {
  const { type, providedModelName, model, ...body } = one;
  const named = { ...body, model: model ?? providedModelName ?? null };
  return event(`${textOf(type).toLowerCase()}-create`, named, timeOf(one.endTime, one.startTime));
}

/** What Langfuse's clients would have sent; ids stay theirs. */
export function eventsOf({ traces, observations, scores }: Kept): JsonObject[] {
  return [
    ...[...traces.values()].map((one) => event('trace-create', one, timeOf(one.timestamp))),
    ...[...observations.values()].map(observationEvent),
    ...[...scores.values()].flatMap((of) =>
      [...of.values()].map((one) => {
        const value =
          one.dataType === 'CATEGORICAL'
            ? (one.stringValue ?? one.value ?? null)
            : (one.value ?? one.stringValue ?? null);
        return event('score-create', { ...one, value }, timeOf(one.timestamp, one.createdAt));
      }),
    ),
  ];
}
