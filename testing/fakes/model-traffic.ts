import type { ModelTraffic, ScoreStore, VersionUse } from '@wheelhouse/core/ports';
import type { LineageRef, Nanos, NanoUsd, ProjectId, Score, Span } from '@wheelhouse/core/records';
import { foldSpan } from './fold-span.ts';

const sumOf = (costs: (NanoUsd | null)[]): NanoUsd | null =>
  costs.reduce((sum, cost) => (cost === null ? sum : (sum ?? 0n) + cost), null);
const isNumeric = (value: Score['value']) => typeof value !== 'string';

function quantile(sorted: Nanos[], share: number): Nanos {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0n;
}

function summarize(scores: Score[]): VersionUse['scores'] {
  const names = [...new Set(scores.map(({ name }) => name))];
  return names
    .map((name) => {
      const values = scores.filter((score) => score.name === name).map(({ value }) => value);
      const numbers = values.filter(isNumeric).map(Number);
      const mean = numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
      return { name, count: values.length, mean, newest: values.at(-1) ?? '' };
    })
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** Over fragments and scores that are stored here. */
export function fakeModelTraffic(fragments: Span[], scores: Pick<ScoreStore, 'ofTrace'>): ModelTraffic {
  function folded(project: ProjectId): Span[] {
    const groups = new Map<string, [Span, ...Span[]]>();
    for (const span of fragments.filter(({ projectId }) => projectId === project)) {
      const key = `${span.traceId}/${span.spanId}`;
      groups.set(key, [...(groups.get(key) ?? []), span] as [Span, ...Span[]]);
    }
    return [...groups.values()].map(foldSpan);
  }
  const stamped = (project: ProjectId, fromNs: Nanos, untilNs: Nanos | null = null) =>
    folded(project).filter(
      (span) =>
        span.model !== null &&
        span.run === null &&
        span.startNs >= fromNs &&
        (untilNs === null || span.startNs < untilNs),
    );

  async function useOf(project: ProjectId, spans: Span[]): Promise<Omit<VersionUse, 'model' | 'version'>> {
    const all = folded(project);
    const costs = spans.map((span) =>
      span.usage === null && span.parentSpanId === null
        ? sumOf(all.filter(({ traceId }) => traceId === span.traceId).map(({ cost }) => cost?.totalNanoUsd ?? null))
        : (span.cost?.totalNanoUsd ?? null),
    );
    const took = spans.flatMap(({ startNs, endNs }) => (endNs === null ? [] : [endNs - startNs]));
    const sorted = took.sort((a, b) => Number(a - b));
    const traces = [...new Set(spans.map(({ traceId }) => traceId))];
    const given = (await Promise.all(traces.map((id) => scores.ofTrace(project, id)))).flat();
    const mine = given
      .filter(({ spanId }) => spanId === null || spans.some((span) => span.spanId === spanId))
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    return {
      aliases: [...new Set(spans.flatMap(({ model }) => model?.alias ?? []))].sort(),
      calls: spans.length,
      errors: spans.filter(({ status }) => status === 'error').length,
      costNanoUsd: sumOf(costs),
      unpriced: costs.filter((cost, i) => cost === null && spans[i]?.status !== 'error').length,
      latency: sorted.length === 0 ? null : { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) },
      lastNs: spans.map(({ startNs }) => startNs).sort((a, b) => Number(b - a))[0] ?? 0n,
      scores: summarize(mine),
    };
  }

  return {
    async uses(project, { models, fromNs, untilNs }) {
      const groups = new Map<string, Span[]>();
      for (const span of stamped(project, fromNs, untilNs)) {
        if (span.model === null || (models !== null && !models.includes(span.model.name))) continue;
        const key = JSON.stringify([span.model.name, span.model.version]);
        groups.set(key, [...(groups.get(key) ?? []), span]);
      }
      const keys = [...groups.keys()].sort();
      const uses = keys.map(async (key): Promise<VersionUse> => {
        const [model, version] = JSON.parse(key) as [string, number];
        return { model, version, ...(await useOf(project, groups.get(key) ?? [])) };
      });
      return { whole: true, uses: await Promise.all(uses) };
    },
    async spansOf(project, refs, fromNs) {
      const asked = refs.filter((ref) => /^(?:version|alias):/.test(ref));
      return new Map(
        asked.map((ref) => {
          const spans = stamped(project, fromNs).filter(
            ({ model }) =>
              ref === `version:${model?.name}@${model?.version}` || ref === `alias:${model?.name}@${model?.alias}`,
          );
          const last = spans.sort((a, b) => Number(a.startNs - b.startNs)).at(-1);
          const newest = last ? { traceId: last.traceId, spanId: last.spanId, startNs: last.startNs } : null;
          return [ref, { count: spans.length, newest }];
        }),
      );
    },
    async versionsIn(project, refs) {
      return refs.flatMap((ref) => {
        const spans = folded(project).filter(
          ({ traceId, spanId, model }) =>
            model !== null && (ref === `trace:${traceId}` || ref === `span:${traceId}/${spanId}`),
        );
        const versions = spans.map(({ model }): LineageRef => `version:${model?.name}@${model?.version}`);
        return [...new Set(versions)].sort().map((from) => ({ from, to: ref }));
      });
    },
  };
}
