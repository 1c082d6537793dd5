import type { Handlers, OnlineRouteId, ScoringRouteId } from '@wheelhouse/core/contract';
import type { JudgingWorld } from '@wheelhouse/core/eval';
import { judgeTag, type ProjectId } from '@wheelhouse/core/records';
import { createOnlineHandlers, lookAtDueOnline, nodeTimer } from './evals/index.ts';
import type { Foundation } from './open-foundation.ts';
import { createLabelDesk } from './review/index.ts';

/** The same world, in which whatever is asked says that it judges: so nothing that judges is judged. */
export const judgingIn = ({ runner, embedder, ...world }: JudgingWorld): JudgingWorld => ({
  ...world,
  runner: { run: (model, input, options) => runner.run(model, input, { ...options, tags: [judgeTag] }) },
  embedder: { embed: (model, texts, options) => embedder.embed(model, texts, { ...options, tags: [judgeTag] }) },
});

type More = {
  scoringOf(project: ProjectId): JudgingWorld;
  scoring: Pick<Handlers<ScoringRouteId>, 'createScoring' | 'estimateScoring'>;
};

/** Scoring what arrives: its routes, and what looks. */
export function openOnline(
  base: Foundation,
  { scoringOf, scoring }: More,
): { handlers: Handlers<OnlineRouteId>; stop(): Promise<void> } {
  const { records, telemetry, feed, clock, random, checker, log } = base;
  const deps = {
    ...{ online: records.online, telemetry: telemetry.online, queries: telemetry.queries, scores: telemetry.scores },
    ...{ wholeSpans: telemetry.wholeSpans, prices: base.prices, scoring, scoringOf, timer: nodeTimer },
    ...{ feed, clock, random, checker, log },
    desk: createLabelDesk({ review: records.review, feed, clock, random }),
    storeNow: () => telemetry.releases.now(),
    routes: (project: ProjectId) => base.routing.table(project),
  };
  const worker = base.heartbeat.on('online', (stopping) => lookAtDueOnline(deps, stopping), {
    onError: (err) => log.error({ err }, 'what arrives cannot be scored; trying again'),
  });
  return { handlers: createOnlineHandlers(deps), stop: worker.stop };
}
