import type { Handlers, ReplayRouteId } from '@wheelhouse/core/contract';
import { parseFilter } from '@wheelhouse/core/query';
import { canonicalJson, type Filter, nanosToMs, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { callOf } from './call-api.ts';
import { rowsOfTraces } from './datasets/index.ts';
import { createReplayEstimate } from './evals/index.ts';
import type { Foundation } from './open-foundation.ts';
import { type AskedByReplays, type AskedInput, createReplayHandlers } from './releases/index.ts';

const tracesAtOnce = 100;
/** Where most inputs are alike, no more traces are looked at for others. */
const mostTraces = 5_000;

function filterOf(ref: string): Filter {
  const parsed = parseFilter(`model:"${ref}" -tag:judge`);
  if (parsed.ok) return parsed.filter;
  throw new WheelhouseError('invalid_request', `\`${ref}\` cannot be looked for: ${parsed.problem.message}`);
}

/** What a version was asked, newest first, each input once. */
function inputsOf({ telemetry, clock }: Foundation) {
  return async (project: ProjectId, { ref, last }: { ref: string; last: number }) => {
    const selection = { filter: filterOf(ref), nowNs: clock.now() };
    const found = new Map<string, AskedInput>();
    const without: string[] = [];
    let cursor: string | null = null;
    for (let looked = 0; looked < mostTraces && found.size < last; looked += tracesAtOnce) {
      const page: Awaited<ReturnType<typeof telemetry.queries.list>> = await telemetry.queries.list(project, {
        ...{ ...selection, limit: tracesAtOnce },
        ...(cursor === null ? {} : { cursor }),
      });
      const traces = page.data.map(({ traceId }) => traceId);
      const wanted = { traces, expected: false, tags: [], from: 1 };
      const { rows, refused } = await rowsOfTraces(telemetry.wholeSpans, project, wanted);
      without.push(...refused.map(({ error }) => error));
      for (const { input, source } of rows) {
        const key = canonicalJson(input);
        if (found.size < last && source && !found.has(key))
          found.set(key, { input, source: { traceId: source.traceId, spanId: source.spanId } });
      }
      cursor = page.next;
      if (cursor === null) break;
    }
    return { rows: [...found.values()], without };
  };
}

/** Replays: what callers asked last, asked again by the routes of the others. */
export function openReplays(base: Foundation, handlers: Pick<Handlers, AskedByReplays>): Handlers<ReplayRouteId> {
  const { records, telemetry, clock } = base;
  return createReplayHandlers({
    ...{ call: callOf<AskedByReplays>(handlers), wholeSpans: telemetry.wholeSpans, rows: base.sets.rowAdder },
    ...{ evaluations: records.evaluations, nowMs: () => nanosToMs(clock.now()), inputs: inputsOf(base) },
    estimate: createReplayEstimate({
      ...{ evaluations: records.evaluations, checker: base.checker, clock, prices: base.prices },
      ...{ traffic: telemetry.traffic, routes: (project: ProjectId) => base.routing.table(project) },
    }),
  });
}
