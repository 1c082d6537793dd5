import { followRecipe, type RecipeRow } from '@wheelhouse/core/dataset';
import type { MemberChange, NewMember } from '@wheelhouse/core/ports';
import { contentHash, type ExampleId, type Recipe, WheelhouseError } from '@wheelhouse/core/records';
import type { JobKind, JobRun } from './dataset-worker.ts';
import { besideErasing, contentOf, findDataset, keepContents, misfit, type RowDeps } from './keep-rows.ts';
import { pagesOf, type ReadDeps } from './read-examples.ts';

type Deps = RowDeps & ReadDeps;

const rowsAtOnce = 1_000;

/** Puts rows into the draft under the ids that they have: those that are there are changed, the others added. */
async function putRows(deps: Deps, { by, ledger }: JobRun, rows: RecipeRow[]): Promise<void> {
  const { dataset: name } = ledger.job;
  const dataset = await findDataset(deps, by.project, name);
  const refused: { at: number; error: string }[] = [];
  const at = ledger.progress().read + 1;
  const fitting = rows.flatMap((row, i) => {
    const problem = misfit(deps.checker, dataset, row);
    if (problem !== null) refused.push({ at: at + i, error: problem });
    return problem === null ? [{ row, content: contentOf(row), hash: contentHash(contentOf(row)) }] : [];
  });
  await besideErasing(deps, by.project, async (seen) => {
    await keepContents(deps, by.project, fitting);
    const members = fitting.map(({ row: { id, tags, split, weight, source }, hash }) => ({
      ...{ id, hash, tags, split, weight, source },
    }));
    const known = await deps.datasets.draftMembers(
      by.project,
      name,
      members.map(({ id }) => id),
    );
    const there = new Set(known.filter(({ erasedAt }) => erasedAt === null).map(({ id }) => id));
    const changes: MemberChange[] = members.filter(({ id }) => there.has(id));
    const added: NewMember[] = members.filter(({ id }) => !there.has(id));
    const erased = known.filter(({ erasedAt }) => erasedAt !== null).map(({ id }) => id);
    if (erased.length > 0) await deps.datasets.removeExamples(by, name, erased);
    if (changes.length > 0) await deps.datasets.changeExamples(by, name, changes, { seen });
    await deps.datasets.addExamples(by, name, added, { seen });
  });
  const { read, added, refused: before, problems } = ledger.progress();
  const next = { read: read + rows.length, added: added + fitting.length, refused: before + refused.length };
  if (!(await ledger.note({ ...next, problems: [...problems, ...refused].slice(0, 100) })))
    throw new WheelhouseError('conflict', 'The job has ended.');
}

/** Takes out of the draft what the recipe did not make. */
async function removeOthers(deps: Deps, { by, ledger }: JobRun, made: ReadonlySet<string>): Promise<number> {
  const { dataset: name } = ledger.job;
  let removed = 0;
  for (let after = -1; ; ) {
    const members = await deps.datasets.members(by.project, name, null, { limit: rowsAtOnce, after });
    const others = members.filter(({ id }) => !made.has(id)).map(({ id }) => id);
    if (others.length > 0) await deps.datasets.removeExamples(by, name, others);
    removed += others.length;
    if (members.length < rowsAtOnce) return removed;
    after = members.at(-1)?.place ?? after;
  }
}

/** Makes the draft of a dataset what its recipe says, and freezes it. Whatever was cut off, it is done again from the start. */
export function createRecipeJob(deps: Deps): JobKind {
  return {
    async run(run) {
      const { by, ledger, signal } = run;
      const { from, version, steps } = ledger.job.params as unknown as Recipe & { version: number };
      await ledger.note({ read: 0, added: 0, refused: 0, problems: [] });
      const rows = async function* (): AsyncGenerator<RecipeRow> {
        for await (const page of pagesOf(deps, { project: by.project, name: from, version }))
          for (const { hash: _, erasedAt, place: __, ...row } of page) if (erasedAt === null) yield row;
      };
      const made = new Set<ExampleId>();
      let batch: RecipeRow[] = [];
      for await (const row of followRecipe(steps, rows)) {
        made.add(row.id);
        batch.push(row);
        if (batch.length < rowsAtOnce) continue;
        await putRows(deps, run, batch);
        batch = [];
        if (signal.aborted) throw signal.reason;
      }
      if (batch.length > 0) await putRows(deps, run, batch);
      const removed = await removeOthers(deps, run, made);
      if (made.size === 0) throw new WheelhouseError('dataset_empty', 'Nothing is left after the steps of the recipe.');
      const frozen = await deps.datasets.freeze(by, ledger.job.dataset, [`dataset:${from}@${version}`]);
      return { version: frozen.number, rows: frozen.count, removed };
    },
  };
}
