import type { TraceEraser } from '@wheelhouse/core/ports';
import type { DeletionSubject, Nanos, ProjectId, TraceId } from '@wheelhouse/core/records';
import { uint64 } from './columns.ts';
import type { Database } from './database.ts';
import { hourOf } from './fold-spans.ts';
import type { Summaries } from './summaries.ts';

export type TraceEraserDeps = {
  database: Database;
  payloads: {
    /** Resolves when everyone who writes spans writes these pieces again. */
    forget(project: ProjectId, hashes: readonly string[]): Promise<void> | void;
  };
  summaries: Pick<Summaries, 'exclusively' | 'drain'>;
};

const tracesAtOnce = 1_000;
const piecesAtOnce = 10_000;

const packedColumns = ['input', 'output', 'tool_definitions', 'tool_call', 'documents', 'metadata', 'attributes'];
const packedTexts = [...packedColumns.map((column) => `f.${column}`), 'arrayStringConcat(f.events)'];
/** The hashes in a fragment's packed texts. */
const piecesOf = `arrayJoin(arrayConcat(${packedTexts
  .map((text) => `extractAll(${text}, '\\\\x01([0-9a-f]{32})')`)
  .join(', ')}))`;

const own = 'project_id = {project:String}';
const ofTraces = `${own} AND trace_id IN {traces:Array(String)}`;
const inHours = "hour IN {hours:Array(DateTime('UTC'))}";

/** A trace that was erased half-way has no spans any more; a session's or a user's keeps them until all else is gone. */
const tracesOf: Record<DeletionSubject['type'], string> = {
  trace: `SELECT DISTINCT trace_id FROM traces WHERE ${own} AND trace_id = {id:String}`,
  session: `SELECT DISTINCT trace_id FROM spans WHERE ${own} AND session_id = {id:String}`,
  user: `SELECT DISTINCT trace_id FROM spans WHERE ${own} AND user_id = {id:String}`,
};

/** What erasing is made of. */
function createTools(database: Database) {
  return {
    database,
    /** Resolves when the rows are gone from the disk. */
    remove: (table: string, where: string, params: Record<string, unknown>) =>
      database.command(`ALTER TABLE ${table} DELETE WHERE ${where} SETTINGS mutations_sync = 2`, params),
    markGarbage: (where: string, params: Record<string, unknown>) =>
      database.command(
        `INSERT INTO payload_garbage (project_id, hash)
         SELECT DISTINCT {project:String}, ${piecesOf} FROM spans AS f WHERE ${where}`,
        params,
      ),
  };
}
type Tools = ReturnType<typeof createTools>;

/** Takes lines away, and the sums of their hours: readers go to the lines before, until the hours are summed up again. */
async function withoutSums(
  { database, remove }: Tools,
  { hours, params }: { hours: string; params: Record<string, unknown> },
  removeLines: () => Promise<void>,
): Promise<void> {
  const where = `${own} AND ${hours}`;
  const [summed] = await database.query(`SELECT 1 FROM trace_hours WHERE ${where} LIMIT 1`, params);
  if (summed) await remove('hour_marks', where, params);
  await removeLines();
  if (summed) await remove('trace_hours', where, params);
}

async function expireBefore(tools: Tools, project: ProjectId, before: Nanos): Promise<void> {
  const { database, remove, markGarbage } = tools;
  const [row] = await database.query<{ hour: string }>(`SELECT ${hourOf('{before:UInt64}')} AS hour`, {
    before: uint64(before),
  });
  const params = { project, hour: row?.hour };
  const past = "hour < {hour:DateTime('UTC')}";
  // Traces that went on after that hour, each of which stays whole.
  const rows = await database.query<{ trace_id: string }>(
    `SELECT trace_id FROM traces WHERE ${own} GROUP BY trace_id
     HAVING arrayMin(groupUniqArrayArray(hours)) < {hour:DateTime('UTC')} AND arrayMax(groupUniqArrayArray(hours)) >= {hour:DateTime('UTC')}`,
    params,
  );
  const [here] = await database.query(`SELECT 1 FROM spans WHERE ${own} AND ${past} LIMIT 1`, params);
  if (!here) return;
  const alive = { ...params, alive: rows.map(({ trace_id }) => trace_id) };
  const gone = `${own} AND trace_id NOT IN {alive:Array(String)}`;
  await markGarbage(`${gone} AND ${past}`, alive);
  await withoutSums(tools, { hours: past, params }, () => remove('trace_summaries', `${gone} AND ${past}`, alive));
  const left = await database.query<{ hour: string }>(
    `SELECT DISTINCT hour FROM trace_summaries WHERE ${own} AND ${past}`,
    params,
  );
  const held = { ...params, hours: left.map((one) => one.hour) };
  await remove('line_hours', `${own} AND ${past} AND hour NOT IN {hours:Array(DateTime('UTC'))}`, held);
  await remove('calls', `${gone} AND minute < {hour:DateTime('UTC')}`, alive);
  for (const table of ['call_minutes', 'call_hours'])
    await remove(table, `${own} AND minute < {hour:DateTime('UTC')}`, alive);
  await remove('scores', `${gone} AND created_at < {hour:DateTime('UTC')}`, alive);
  for (const table of ['issue_occurrences', 'abuse_calls'])
    await remove(table, `${gone} AND at < {hour:DateTime('UTC')}`, alive);
  await remove('spans', `${gone} AND ${past}`, alive);
  await remove('traces', `${gone} AND arrayMax(hours) < {hour:DateTime('UTC')}`, alive);
}

export function createTraceEraser({ database, payloads, summaries }: TraceEraserDeps): TraceEraser {
  const tools = createTools(database);
  const { remove, markGarbage } = tools;

  async function eraseTraces(project: ProjectId, traces: readonly TraceId[], rollUp: () => Promise<void>) {
    const held = await database.query<{ hour: string }>(
      `SELECT DISTINCT arrayJoin(hours) AS hour FROM traces WHERE ${ofTraces}`,
      { project, traces },
    );
    const params = { project, traces, hours: held.map(({ hour }) => hour) };
    await markGarbage(`${ofTraces} AND ${inHours}`, params);
    await database.insert(
      'erased_traces',
      traces.map((trace) => ({ project_id: project, trace_id: trace })),
      { insert_deduplicate: 0 },
    );
    // Of calls that are gone the minutes hear by deleted rows.
    await database.command(
      `INSERT INTO calls (project_id, minute, trace_id, span_id, version, is_deleted)
       SELECT project_id, minute, trace_id, span_id, toUInt64(toUnixTimestamp64Nano(now64(9))), 1
       FROM calls FINAL WHERE ${ofTraces}`,
      params,
    );
    await rollUp();
    await withoutSums(tools, { hours: inHours, params }, () =>
      remove('trace_summaries', `${ofTraces} AND ${inHours}`, params),
    );
    for (const table of ['calls', 'scores', 'issue_occurrences', 'abuse_calls']) await remove(table, ofTraces, params);
    await remove('spans', `${ofTraces} AND ${inHours}`, params);
    await remove('traces', ofTraces, params);
  }

  /** Of these pieces the ones that a span refers to. */
  async function referenced(project: ProjectId, hashes: readonly string[]): Promise<Set<string>> {
    const rows = await database.query<{ hash: string }>(
      `SELECT DISTINCT hash FROM (SELECT ${piecesOf} AS hash FROM spans AS f WHERE ${own})
       WHERE hash IN {hashes:Array(String)}`,
      { project, hashes },
    );
    return new Set(rows.map(({ hash }) => hash));
  }

  async function sweepSome(project: ProjectId): Promise<{ seen: number; removed: number }> {
    const rows = await database.query<{ hash: string; now: string }>(
      `SELECT hash, toString(now64(3)) AS now FROM payload_garbage FINAL WHERE ${own} LIMIT {limit:UInt32}`,
      { project, limit: piecesAtOnce },
    );
    const [first] = rows;
    if (!first) return { seen: 0, removed: 0 };
    const hashes = rows.map(({ hash }) => hash);
    // What comes from now on writes its pieces again, later than `now`, or is waited for and seen to refer to them. The
    // second time is for writes that were under way at the first, and remembered a piece whose span then failed.
    for (let times = 0; times < 2; times++) {
      await payloads.forget(project, hashes);
      await summaries.drain();
    }
    const kept = await referenced(project, hashes);
    const doomed = hashes.filter((hash) => !kept.has(hash));
    if (doomed.length > 0)
      await remove(
        'payloads',
        `${own} AND hash IN {hashes:Array(String)} AND written_at < toDateTime64({now:String}, 3)`,
        {
          project,
          hashes: doomed,
          now: first.now,
        },
      );
    await remove('payload_garbage', `${own} AND hash IN {hashes:Array(String)}`, { project, hashes });
    return { seen: rows.length, removed: doomed.length };
  }

  return {
    async erase(project, subject, { signal, around } = {}) {
      let erased = 0;
      while (!signal?.aborted) {
        const rows = await database.query<{ trace_id: TraceId }>(`${tracesOf[subject.type]} LIMIT {limit:UInt32}`, {
          project,
          id: subject.id,
          limit: tracesAtOnce,
        });
        const traces = rows.map(({ trace_id }) => trace_id);
        if (traces.length === 0) break;
        const eraseThem = () => summaries.exclusively((rollUp) => eraseTraces(project, traces, rollUp));
        await (around ? around(traces, eraseThem) : eraseThem());
        erased += traces.length;
      }
      if (subject.type === 'session')
        await remove('scores', `${own} AND session_id = {id:String}`, { project, id: subject.id });
      return erased;
    },

    expire: (project, before) => summaries.exclusively(() => expireBefore(tools, project, before)),

    async sweep(project, signal) {
      let removed = 0;
      while (!signal?.aborted) {
        const step = await sweepSome(project);
        if (step.seen === 0) break;
        removed += step.removed;
      }
      return removed;
    },

    async tombstones(project, ids) {
      const rows = await database.query<{ trace_id: TraceId; at: string }>(
        `SELECT trace_id, toString(max(erased_at)) AS at FROM erased_traces
         WHERE ${own} AND trace_id IN {ids:Array(String)} GROUP BY trace_id`,
        { project, ids },
      );
      return new Map(rows.map(({ trace_id, at }) => [trace_id, `${at.replace(' ', 'T')}Z`]));
    },
  };
}
