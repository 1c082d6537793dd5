import type { Handlers, SeriesBody, SessionBody, UserBody } from '@wheelhouse/core/contract';
import type {
  Clock,
  Selection,
  Series,
  SeriesAsk,
  SessionSummary,
  SpanStore,
  TraceQueries,
  UserSummary,
} from '@wheelhouse/core/ports';
import { type Measures, type Quantiles, WheelhouseError } from '@wheelhouse/core/records';
import { readFilter } from './read-filter.ts';
import { selectionBefore } from './selection-before.ts';
import { turnOf } from './session-turns.ts';
import { decimal, traceSummaryBody } from './wire.ts';

export type QueryDeps = { queries: TraceQueries; spans: Pick<SpanStore, 'spansOfTrace' | 'span'>; clock: Clock };

const quantilesBody = (quantiles: Quantiles) =>
  quantiles && { p50: decimal(quantiles.p50), p90: decimal(quantiles.p90), p99: decimal(quantiles.p99) };
const measuresBody = (measures: Measures): SeriesBody['groups'][number]['total'] => ({
  ...measures,
  costNanoUsd: decimal(measures.costNanoUsd),
  latency: quantilesBody(measures.latency),
  firstToken: quantilesBody(measures.firstToken),
});
const seriesBody = ({ step, fromNs, untilNs, groups }: Series) => ({
  step,
  fromNs: decimal(fromNs),
  untilNs: decimal(untilNs),
  groups: groups.map((group) => ({
    ...group,
    total: measuresBody(group.total),
    buckets: group.buckets.map((bucket) => ({ ...measuresBody(bucket), startNs: decimal(bucket.startNs) })),
  })),
});
/** What is frequent now may have been rare. */
const mostGroups = 20;
const activityBody = <T extends SessionSummary | UserSummary>(summary: T) => ({
  ...summary,
  firstNs: decimal(summary.firstNs),
  lastNs: decimal(summary.lastNs),
  costNanoUsd: decimal(summary.costNanoUsd),
});
const sessionBody = (session: SessionSummary): SessionBody => activityBody(session);
const userBody = (user: UserSummary): UserBody => activityBody(user);

type Asked = { q: string; limit: number; cursor?: string | undefined };

/** Reads of many traces at once: lists, facets, series, sessions and users. */
export function createQueryHandlers(
  deps: QueryDeps,
): Handlers<'listTraces' | 'listFacets' | 'getSeries' | 'listSessions' | 'getSession' | 'listUsers'> {
  const { queries, clock } = deps;
  const selection = (q: string) => ({ filter: readFilter(q), nowNs: clock.now() });
  const page = ({ limit, cursor }: Omit<Asked, 'q'>) => ({ limit, ...(cursor === undefined ? {} : { cursor }) });
  const ask = (query: Asked) => ({ ...selection(query.q), ...page(query) });
  return {
    async listTraces({ by, query }) {
      const { data, next } = await queries.list(by.project, ask(query));
      return { data: data.map(traceSummaryBody), next };
    },

    listFacets: ({ by, query }) =>
      queries.facets(by.project, { ...selection(query.q), fields: query.fields, limit: query.limit }),

    async getSeries({ by, query }) {
      const selected = selection(query.q);
      const asked: Omit<SeriesAsk, keyof Selection | 'groups'> = {
        of: query.of,
        ...(query.by === undefined ? {} : { by: query.by }),
        ...(query.step === undefined ? {} : { step: query.step }),
        ...(query.score === undefined ? {} : { score: query.score }),
      };
      const earlier = query.compare === undefined ? null : selectionBefore(selected);
      const [series, before] = await Promise.all([
        queries.series(by.project, { ...selected, ...asked, groups: query.groups }),
        earlier && queries.series(by.project, { ...earlier, ...asked, groups: mostGroups }),
      ]);
      return { of: series.of, ...seriesBody(series), before: before && seriesBody(before) };
    },

    async listSessions({ by, query }) {
      const { data, next } = await queries.sessions(by.project, ask(query));
      return { data: data.map(sessionBody), next };
    },

    async getSession({ by, params, query }) {
      const [session, traces] = await Promise.all([
        queries.session(by.project, params.sessionId),
        queries.tracesOfSession(by.project, params.sessionId, page(query)),
      ]);
      if (session === null)
        throw new WheelhouseError('not_found', `There is no session \`${params.sessionId.slice(0, 80)}\`.`, {
          hint: 'GET /api/v1/sessions lists what is; a session is there as soon as a trace names it.',
        });
      const turns = await Promise.all(traces.data.map((trace) => turnOf(deps.spans, by.project, trace)));
      return { session: sessionBody(session), turns, next: traces.next };
    },

    async listUsers({ by, query }) {
      const { data, next } = await queries.users(by.project, ask(query));
      return { data: data.map(userBody), next };
    },
  };
}
