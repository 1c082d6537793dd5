import type { NamedScorer, ScoringWorld } from '@wheelhouse/core/eval';
import { labelsOf, type Metric, namedMetric } from '@wheelhouse/core/optimize';
import type { JsonObject } from '@wheelhouse/core/records';
import { valueChecker } from '../../model/index.ts';
import type { OptimizationDefinition } from './definition.ts';

type Named = string | { name: string; options?: Record<string, unknown> | undefined };

/** What the definition measures by, as the compiler takes it. @throws WheelhouseError `invalid_request` */
export function metricOf(
  { metric }: Pick<OptimizationDefinition<never, never>, 'metric'>,
  { metadata, ...world }: ScoringWorld & { metadata: WeakMap<object, JsonObject> },
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
  return { labels, metric: namedMetric(labels, { world, checker: valueChecker, metadata }) };
}
