import { splitOf } from '@wheelhouse/core/dataset';
import type { SplitRule } from '@wheelhouse/core/records';
import type { JobKind } from './dataset-worker.ts';
import { pagesOf, type ReadDeps } from './read-examples.ts';

/** Gives every row of a draft the split that a rule says. */
export function createSplitJob(deps: ReadDeps): JobKind {
  return {
    async run({ by, ledger, signal }) {
      const rule = ledger.job.params as unknown as SplitRule;
      const { place } = ledger.progress();
      const rows = { project: by.project, name: ledger.job.dataset, version: null };
      for await (const page of pagesOf(deps, rows, { after: typeof place === 'number' ? place : -1 })) {
        const changes = page
          .filter(({ erasedAt }) => erasedAt === null)
          .map((row) => ({ row, split: splitOf(row, rule) }))
          .filter(({ row, split }) => row.split !== split)
          .map(({ row: { id, hash, tags, weight }, split }) => ({ id, hash, tags, weight, split }));
        await ledger.change(changes, { looked: page.length, place: page.at(-1)?.place ?? null });
        if (signal.aborted) throw signal.reason;
      }
      return null;
    },
  };
}
