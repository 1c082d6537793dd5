import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, ModelTraffic } from '@wheelhouse/core/ports';
import { type Nanos, nanosToIso } from '@wheelhouse/core/records';

const hourNs = 3_600_000_000_000n;

/** What versions did in live traffic. */
export function createUseHandlers(deps: {
  traffic: Pick<ModelTraffic, 'uses'>;
  clock: Clock;
}): Handlers<'listModelUse'> {
  return {
    async listModelUse({ by, query }) {
      const untilNs: Nanos = deps.clock.now();
      const fromNs = untilNs - BigInt(query.hours) * hourNs;
      const { whole, uses } = await deps.traffic.uses(by.project, { models: query.models, fromNs, untilNs });
      return {
        from: nanosToIso(fromNs),
        until: nanosToIso(untilNs),
        whole,
        data: uses.map(({ costNanoUsd, latency, lastNs, ...use }) => ({
          ...use,
          costNanoUsd: costNanoUsd === null ? null : String(costNanoUsd),
          latencyNs: latency && { p50: String(latency.p50), p95: String(latency.p95) },
          lastAt: nanosToIso(lastNs),
        })),
      };
    },
  };
}
