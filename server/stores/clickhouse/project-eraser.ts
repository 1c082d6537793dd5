import type { ProjectTelemetryEraser } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import type { Database } from './database.ts';
import type { Summaries } from './summaries.ts';

type Deps = { database: Database; summaries: Pick<Summaries, 'exclusively' | 'drain' | 'settle'> };

const own = 'project_id = {project:String}';

/** Telemetry of a project, counted and removed. */
export function createProjectEraser({ database, summaries }: Deps): ProjectTelemetryEraser {
  /** Read from the database itself, so that no table is forgotten that comes later; what is left of spans is made anew, so they go first. */
  async function tables(): Promise<string[]> {
    const rows = await database.query<{ name: string }>(
      `SELECT name FROM system.tables
       WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
         AND name IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'project_id')
       ORDER BY name != 'spans', name`,
    );
    return rows.map(({ name }) => name);
  }

  async function eraseFrom(table: string, project: ProjectId): Promise<void> {
    const [some] = await database.query(`SELECT 1 FROM ${table} WHERE ${own} LIMIT 1`, { project });
    if (some)
      await database.command(`ALTER TABLE ${table} DELETE WHERE ${own} SETTINGS mutations_sync = 2`, { project });
  }

  return {
    async count(project) {
      const [row] = await database.query<{ traces: string; scores: string }>(
        `SELECT (SELECT uniqExact(trace_id) FROM traces WHERE ${own}) AS traces,
           (SELECT uniqExact(trace_id, id) FROM scores WHERE ${own}) AS scores`,
        { project },
      );
      return { traces: Number(row?.traces ?? 0), scores: Number(row?.scores ?? 0) };
    },

    async erase(project, signal) {
      // Writes and summaries that are under way would leave what nobody removes.
      await summaries.drain();
      await summaries.settle();
      const all = await tables();
      await summaries.exclusively(async () => {
        for (const table of all) {
          if (signal.aborted) throw signal.reason;
          await eraseFrom(table, project);
        }
      });
    },
  };
}
