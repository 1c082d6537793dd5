import type { ProjectId, TraceId } from '@wheelhouse/core/records';
import type { Database } from './database.ts';
import { hoursSql, minutesSql } from './summary-sql.ts';

/** What the clocks of this process and of the engine may differ by, and a write may take. */
const slackMs = 60_000;
/** The same for the versions of other servers. */
const slackNs = 10_000_000_000n;

/** Gives the function that makes the minutes and hours anew in which a call changed. */
export function createCallRollUp(database: Database): () => Promise<void> {
  let doneUntil: bigint | null = null;
  async function readDone(): Promise<bigint> {
    const [row] = await database.query<{ version: string }>('SELECT max(version) AS version FROM call_hours');
    return BigInt(row?.version ?? 0);
  }
  return async () => {
    doneUntil ??= await readDone();
    const [row] = await database.query<{ version: string }>('SELECT toUnixTimestamp64Nano(now64(9)) AS version');
    const version = row?.version ?? '0';
    const done = doneUntil > slackNs ? doneUntil - slackNs : 0n;
    await database.command(minutesSql, { done: done.toString(), version });
    // Last, so that after a kill in between both are made again.
    await database.command(hoursSql, { version });
    doneUntil = BigInt(version);
  };
}

/** Notes that every trace that came before has its summary. */
export async function putWatermark(database: Database, atMs: number): Promise<void> {
  const at = new Date(atMs).toISOString().replace('T', ' ').replace('Z', '');
  await database.insert('watermarks', [{ name: 'summaries', at }]);
}

/** Traces with a fragment from after the watermark, or from so shortly before that it cannot be told. */
export async function unsettledTraces(
  database: Database,
): Promise<{ untilMs: number; traces: { project: ProjectId; trace: TraceId }[] }> {
  const [mark] = await database.query<{ ms: string }>(
    "SELECT toUnixTimestamp64Milli(max(at)) AS ms FROM watermarks WHERE name = 'summaries'",
  );
  const untilMs = Number(mark?.ms ?? 0);
  const traces = await database.query<{ project: ProjectId; trace: TraceId }>(
    `SELECT DISTINCT project_id AS project, trace_id AS trace FROM traces
     WHERE last_ingested >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')`,
    { since: Math.max(0, untilMs - slackMs) },
  );
  return { untilMs, traces };
}
