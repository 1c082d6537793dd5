import { examineRows, type HealthRow, type Prompt, type Recent, shareOf, toHealthRow } from '@wheelhouse/core/dataset';
import type { Breathe, TraceQueries } from '@wheelhouse/core/ports';
import { everyTrace, type JsonObject, type ProjectId, type RowProblem } from '@wheelhouse/core/records';
import { simEmbedding } from '@wheelhouse/core/sim';
import type { JobKind } from './dataset-worker.ts';
import { findDataset, misfit, type RowDeps } from './keep-rows.ts';
import { pagesOf, type ReadDeps } from './read-examples.ts';

export type HealthParams = { version: number | null; near: number };

type Deps = RowDeps &
  ReadDeps & {
    queries: Pick<TraceQueries, 'list'>;
    /** What registered models say, the newest version of each. */
    prompts(project: ProjectId): Prompt[];
    breathe: Breathe;
  };

/** Rows that are looked at; of more, a sample. */
const mostRows = 20_000;
const recentTraces = 500;
const problemsKept = 50;
const dimensions = 128;

async function recentInputs({ queries, clock }: Deps, project: ProjectId): Promise<Recent[]> {
  const found: Recent[] = [];
  const selection = { filter: everyTrace, nowNs: clock.now() };
  for (let cursor: string | null = ''; cursor !== null && found.length < recentTraces; ) {
    const page: Awaited<ReturnType<TraceQueries['list']>> = await queries.list(project, {
      ...{ ...selection, limit: 100, ...(cursor === '' ? {} : { cursor }) },
    });
    for (const { traceId, inputPreview } of page.data)
      if (inputPreview !== '') found.push({ traceId, text: inputPreview });
    cursor = page.next;
  }
  return found;
}

/** Looks through a version, or the draft, and says what is wrong with it. */
export function createHealthJob(deps: Deps): JobKind {
  return {
    async run({ by, ledger, signal }) {
      const { version, near } = ledger.job.params as unknown as HealthParams;
      const { dataset: name, id } = ledger.job;
      const dataset = await findDataset(deps, by.project, name);
      const { members } = await deps.datasets.countMembers(by.project, name, version);
      const share = mostRows / Math.max(members, 1);
      const rows: HealthRow[] = [];
      const misfits: { rows: number; problems: RowProblem[] } = { rows: 0, problems: [] };
      let total = 0;
      for await (const page of pagesOf(deps, { project: by.project, name, version })) {
        for (const row of page) {
          if (row.erasedAt !== null) continue;
          total++;
          const problem = misfit(deps.checker, dataset, row);
          if (problem !== null && ++misfits.rows <= problemsKept) misfits.problems.push({ at: total, error: problem });
          if (share >= 1 || shareOf(`${id} ${row.id}`) < share) rows.push(toHealthRow(row));
        }
        await ledger.note({ read: total, total: members });
        if (signal.aborted) throw signal.reason;
      }
      const ask = {
        total,
        rows,
        near,
        prompts: deps.prompts(by.project),
        recent: await recentInputs(deps, by.project),
      };
      const world = { embed: (text: string) => simEmbedding(text.slice(0, 2_000), dimensions), breathe: deps.breathe };
      const report = await examineRows(ask, world);
      return { ...report, version, misfits } as unknown as JsonObject;
    },
  };
}
