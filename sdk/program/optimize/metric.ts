import type { NamedScorer, ScoringWorld } from '@wheelhouse/core/eval';
import { labelsOf, type Metric, namedMetric } from '@wheelhouse/core/optimize';
import { type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import { valueChecker } from '../../model/index.ts';
import type { OptimizationDefinition } from './definition.ts';

type Named = string | { name: string; options?: Record<string, unknown> | undefined };

const noSandbox: ScoringWorld['sandbox'] = { run: () => Promise.reject(new Error('There is no sandbox here.')) };

/** What the definition measures by, as the compiler takes it. @throws WheelhouseError `invalid_request` */
export function metricOf(
  { metric }: Pick<OptimizationDefinition<never, never>, 'metric'>,
  {
    metadata,
    ...asked
  }: Pick<ScoringWorld, 'runner' | 'embedder' | 'signal'> & { metadata: WeakMap<object, JsonObject> },
): { labels: string[] | null; metric: Metric<object, unknown> } {
  if (typeof metric === 'function')
    return {
      labels: null,
      metric: (answered) => metric({ ...answered, metadata: metadata.get(answered.input) ?? {} } as never),
    };
  const named = ((Array.isArray(metric) ? metric : [metric]) as Named[]).map((one): string | NamedScorer =>
    typeof one === 'string' ? one : { name: one.name, options: (one.options ?? {}) as JsonObject },
  );
  const labels = labelsOf(named);
  if (labels.some((label) => /^code\b/.test(label)))
    throw new WheelhouseError('invalid_request', 'The scorer `code` runs in the server only.', {
      ...{ param: 'metric', hint: 'Give a function, or other scorers by name, such as `exact`.' },
    });
  const world: ScoringWorld = { ...asked, sandbox: noSandbox };
  return { labels, metric: namedMetric(labels, { world, checker: valueChecker, metadata }) };
}
