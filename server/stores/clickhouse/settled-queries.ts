import { setTimeout as sleep } from 'node:timers/promises';
import type { TraceQueries } from '@wheelhouse/core/ports';
import type { Summaries } from './summaries.ts';

/** Who just stored a trace finds it; who reads while much is stored does not wait for all of it. */
const patienceMs = 250;

/** The same queries, after the summaries of what was stored before, as far as these are made in a moment. */
export function settledQueries(
  queries: TraceQueries,
  summaries: Pick<Summaries, 'settle' | 'settleMinutes'>,
): TraceQueries {
  async function soon(settled: Promise<void>): Promise<void> {
    const patience = new AbortController();
    const late = sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {});
    // A store that is away says so itself, to the query.
    await Promise.race([settled.catch(() => {}), late]);
    patience.abort();
  }
  const after =
    <Args extends unknown[], Answer>(query: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      await soon(summaries.settle());
      return query(...args);
    };
  return {
    list: after(queries.list),
    searched: queries.searched,
    facets: after(queries.facets),
    async series(project, ask) {
      await soon(ask.of === 'calls' ? summaries.settleMinutes() : summaries.settle());
      return queries.series(project, ask);
    },
    sessions: after(queries.sessions),
    session: after(queries.session),
    tracesOfSession: after(queries.tracesOfSession),
    users: after(queries.users),
  };
}
