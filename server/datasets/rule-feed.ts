import type { DatasetRuleStore, FilterFeed, LiveFeed, StandingFilter, WholeSpans } from '@wheelhouse/core/ports';
import type { Actor, DatasetRule } from '@wheelhouse/core/records';
import { keepRows, type RowDeps } from './keep-rows.ts';
import { rowsOfTraces } from './trace-rows.ts';

type Deps = RowDeps & {
  datasetRules: Pick<DatasetRuleStore, 'all' | 'count'>;
  wholeSpans: WholeSpans;
  feed: Pick<LiveFeed, 'publish'>;
};

type Standing = StandingFilter & { dataset: string; rule: DatasetRule };

/** Feeds drafts by rules: traces that fit become examples, each once. */
export const createRuleFeed = (deps: Deps): FilterFeed<Standing> => ({
  async all() {
    const rules = await deps.datasetRules.all();
    const awake = rules.filter(({ rule }) => !rule.paused);
    return awake.map(({ project, dataset, rule }) => ({
      ...{ project, id: rule.id, q: rule.q, sample: rule.sample, dataset, rule },
    }));
  },

  changes: ({ type }) => type === 'datasets',

  async feed({ project, dataset, rule }, traces) {
    const by: Actor = { project, actor: `rule ${rule.id}` };
    const wanted = { traces, expected: rule.expected, tags: rule.tags, from: 1 };
    const rows = async () => (await rowsOfTraces(deps.wholeSpans, project, wanted)).rows;
    const { ids } = await keepRows(deps, by, { name: dataset, rows, unique: true });
    if (ids.length === 0) return;
    await deps.datasetRules.count(project, rule.id, ids.length);
    deps.feed.publish({ type: 'datasets', project, name: dataset });
  },
});
