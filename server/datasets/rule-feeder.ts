import type { Clock, DatasetRuleStore, LiveFeed, TraceQueries, WholeSpans } from '@wheelhouse/core/ports';
import { selects } from '@wheelhouse/core/query';
import type { Actor, DatasetRule, Nanos, ProjectId, TraceId } from '@wheelhouse/core/records';
import { keepRows, type RowDeps } from './keep-rows.ts';
import { rowsOfTraces } from './trace-rows.ts';
import { filterOf, isSampled } from './traces-job.ts';

type Standing = Awaited<ReturnType<DatasetRuleStore['all']>>[number];

export type FeederDeps = RowDeps & {
  datasetRules: Pick<DatasetRuleStore, 'all' | 'count'>;
  queries: Pick<TraceQueries, 'searched'>;
  wholeSpans: WholeSpans;
  feed: LiveFeed;
  clock: Clock;
  log: { error(details: object, message: string): void };
};

export type RuleFeeder = {
  /** Makes examples of the traces that have been quiet for a while. */
  flush(): Promise<void>;
  stop(): void;
};

/** Spans of one trace come one after another; when none came for so long, it is whole. */
const quietNs: Nanos = 5_000_000_000n;
const rulesLastNs: Nanos = 5_000_000_000n;
const mostWaiting = 20_000;
const everyMs = 1_000;

/**
 * Feeds drafts by rules: traces that fit, as they come. Nothing is promised of traces that come while no server runs; a
 * job with the same filter adds those.
 */
export function startRuleFeeder(deps: FeederDeps): RuleFeeder {
  const { feed, clock, datasetRules } = deps;
  const waiting = new Map<TraceId, { project: ProjectId; at: Nanos }>();
  let rules: { standing: Standing[]; at: Nanos } | null = null;
  let isBusy = false;

  async function readRules(): Promise<Standing[]> {
    if (rules === null || clock.now() - rules.at > rulesLastNs)
      rules = { standing: await datasetRules.all(), at: clock.now() };
    return rules.standing;
  }

  const unsubscribe = feed.subscribe((event) => {
    if (event.type === 'datasets') rules = null;
    if (event.type !== 'traces') return;
    const isIdle = rules?.standing.every(({ project }) => project !== event.project);
    const isFresh = rules !== null && clock.now() - rules.at <= rulesLastNs;
    if ((isIdle && isFresh) || waiting.size >= mostWaiting) return;
    for (const id of event.traceIds) waiting.set(id, { project: event.project, at: clock.now() });
  });

  async function feedRule({ project, dataset, rule }: Standing, traces: TraceId[]): Promise<void> {
    if (traces.length === 0) return;
    const by: Actor = { project, actor: `rule ${rule.id}` };
    const wanted = { traces, expected: rule.expected, tags: rule.tags, from: 1 };
    const rows = async () => (await rowsOfTraces(deps.wholeSpans, project, wanted)).rows;
    const { ids } = await keepRows(deps, by, { name: dataset, rows, unique: true });
    if (ids.length === 0) return;
    await datasetRules.count(project, rule.id, ids.length);
    feed.publish({ type: 'datasets', project, name: dataset });
  }

  async function feedProject(project: ProjectId, standing: Standing[], ids: TraceId[]): Promise<void> {
    const traces = await deps.queries.searched(project, ids);
    const chosen = ({ q, id, sample }: DatasetRule) => {
      const filter = filterOf(q);
      return traces
        .filter((trace) => selects(trace, filter, clock.now()) && isSampled(id, trace.traceId, sample))
        .map(({ traceId }) => traceId);
    };
    for (const one of standing) await feedRule(one, chosen(one.rule));
  }

  async function flush(): Promise<void> {
    const quiet = [...waiting].filter(([, { at }]) => clock.now() - at >= quietNs);
    if (quiet.length === 0) return;
    for (const [id] of quiet) waiting.delete(id);
    const standing = await readRules();
    for (const project of new Set(standing.map((one) => one.project))) {
      const ids = quiet.filter(([, one]) => one.project === project).map(([id]) => id);
      const own = standing.filter((one) => one.project === project);
      if (ids.length > 0) await feedProject(project, own, ids);
    }
  }

  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    flush()
      .catch((err: unknown) => deps.log.error({ err }, 'rules of datasets could not be followed for some traces'))
      .finally(() => {
        isBusy = false;
      });
  }, everyMs);
  timer.unref();

  return {
    flush,
    stop() {
      unsubscribe();
      clearInterval(timer);
    },
  };
}
