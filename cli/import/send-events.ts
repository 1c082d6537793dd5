import { isJsonObject, type Json, type JsonObject } from '@wheelhouse/core/records';
import { rawRequest } from '@wheelhouse/sdk';
import type { Progress } from '../output/progress.ts';
import { type CarryDeps, number, type Outcome } from './carried.ts';
import { objects, type Problem, textOf } from './draft.ts';

const eventsAtOnce = 200;
const charactersAtOnce = 2 << 20;

function* batches(events: readonly JsonObject[]): Generator<JsonObject[]> {
  let batch: JsonObject[] = [];
  let characters = 0;
  for (const event of events) {
    const size = JSON.stringify(event).length;
    if (batch.length > 0 && (batch.length >= eventsAtOnce || characters + size > charactersAtOnce)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(event);
    characters += size;
  }
  if (batch.length > 0) yield batch;
}

/** Sends events to the door of Langfuse's clients; their ids are the same each time, so that nothing comes twice. */
export async function sendEvents(
  events: readonly JsonObject[],
  { config }: CarryDeps,
  { progress, problems }: { progress: Progress; problems: Problem[] },
): Promise<Outcome> {
  const { url, adminKey, project } = config;
  const connection = { baseUrl: url, ...(adminKey && { apiKey: adminKey }), ...(project && { project }) };
  let done = 0;
  let refused = 0;
  for (const batch of batches(events)) {
    progress.update(done, events.length, 'events of traces');
    const init = { method: 'POST', body: JSON.stringify({ batch }) };
    const response = await rawRequest(connection, '/api/public/ingestion', init);
    const answer: Json = (await response.json()) as Json;
    const errors = isJsonObject(answer) ? objects(answer.errors) : [];
    for (const one of errors) problems.push({ file: textOf(one.id), at: 1, error: textOf(one.message) });
    refused += errors.length;
    done += batch.length;
  }
  const said = `${number(done - refused)} events are here${refused === 0 ? '' : `, ${number(refused)} refused`}`;
  return { what: 'traces', name: '', said, isNew: false };
}
