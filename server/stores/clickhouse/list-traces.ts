import type { TraceFilter, TraceSummary } from '@wheelhouse/core/ports';
import { type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { uint64 } from './columns.ts';
import type { Database } from './database.ts';
import { wordsIn } from './fold-spans.ts';
import { readTraces, type TraceConditions } from './read-traces.ts';

/** A trace's place in the list: newest first, then by id. */
type Place = { trace_id: string; start: string };

/** Filters may refuse many candidates, so they are read in larger steps. */
const filteredStep = 200;

function parseCursor(cursor: string): Place {
  const match = /^(\d{1,20})\.(\w+)$/.exec(cursor);
  if (!match?.[1] || !match[2])
    throw new WheelhouseError('invalid_request', 'The cursor is not one that a page gave as `next`.', {
      param: 'cursor',
    });
  return { start: uint64(BigInt(match[1])), trace_id: match[2] };
}

/**
 * What a trace that fits must have in some fragment; the fold decides. So the search touches small columns only and
 * gives too many rather than too few.
 */
function searchSql({ status, model, words }: TraceConditions): string {
  const having = [
    status !== undefined && status !== 'unset' ? 'countIf(f.status = {status:String}) > 0' : '',
    model !== undefined
      ? `countIf({model:String} IN (f.model_name, concat(f.model_name, '@', toString(f.model_version)), f.request_model, f.response_model)
          OR endsWith({model:String}, concat('/', f.request_model)) AND f.request_model != ''
          OR endsWith({model:String}, concat('/', f.response_model)) AND f.response_model != '') > 0`
      : '',
    words.length > 0
      ? `arrayAll(found -> found, maxForEach(arrayMap((a, b, c) -> a OR b OR c,
          ${wordsIn('f.name')}, ${wordsIn('f.input_text')}, ${wordsIn('f.output_text')})))`
      : '',
  ].filter((condition) => condition !== '');
  if (having.length === 0) return '';
  return `AND t.trace_id IN (
    SELECT f.trace_id FROM spans AS f WHERE f.project_id = {project:String} GROUP BY f.trace_id HAVING ${having.join(' AND ')})`;
}

const placesSql = (search: string, after: boolean): string => `
SELECT t.trace_id AS trace_id, min(t.start_ns) AS start
FROM traces AS t
WHERE t.project_id = {project:String} ${search}
GROUP BY t.trace_id
${after ? 'HAVING (start, trace_id) < ({start:UInt64}, {trace:String})' : ''}
ORDER BY start DESC, trace_id DESC
LIMIT {step:UInt32}`;

/** One page, newest first. The places come from the rollup, the lines from the fold of just those traces. */
export async function listTraces(
  database: Database,
  project: ProjectId,
  filter: TraceFilter,
): Promise<{ data: TraceSummary[]; next: string | null }> {
  const { limit, cursor, text = '', status, model } = filter;
  const conditions: TraceConditions = {
    words: text.split(/\s+/).filter((word) => word !== ''),
    ...(status !== undefined && { status }),
    ...(model !== undefined && { model }),
  };
  const search = searchSql(conditions);
  const filtered = search !== '' || status !== undefined;
  const step = filtered ? Math.max(limit + 1, filteredStep) : limit + 1;
  const found: { place: Place; summary: TraceSummary }[] = [];
  let after = cursor === undefined ? null : parseCursor(cursor);
  while (found.length <= limit) {
    const params = { ...conditions, project, step, start: after?.start ?? '0', trace: after?.trace_id ?? '' };
    const places = await database.query<Place>(placesSql(search, after !== null), params);
    const ids = places.map((place) => place.trace_id);
    const summaries = await readTraces(database, project, ids, conditions);
    const byId = new Map(summaries.map((summary): [string, TraceSummary] => [summary.traceId, summary]));
    for (const place of places) {
      const summary = byId.get(place.trace_id);
      if (summary) found.push({ place, summary });
    }
    after = places.at(-1) ?? null;
    if (places.length < step) break;
  }
  const page = found.slice(0, limit);
  const last = page.at(-1)?.place;
  return {
    data: page.map(({ summary }) => summary),
    next: found.length > limit && last ? `${last.start}.${last.trace_id}` : null,
  };
}
