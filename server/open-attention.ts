import type { Handlers } from '@wheelhouse/core/contract';
import type { AttentionReads, Clock } from '@wheelhouse/core/ports';
import { type Actor, nanosToMs } from '@wheelhouse/core/records';
import { createAttentionHandlers } from './attention/index.ts';
import type { Postgres } from './stores/postgres/index.ts';

type Base = {
  records: Pick<Postgres, 'abuse' | 'access' | 'issues' | 'monitors' | 'pipelines' | 'releases'>;
  telemetry: { attention: AttentionReads };
  clock: Clock;
  log: { warn(details: object, message: string): void };
};

/** More are not shown in a list of what needs attention. */
const mostAlerts = 50;
const mostReleases = 50;
const mostIssues = 50;
const mostRuns = 20;
const mostUsers = 50;

/** What the page of attention looks at, asked as whoever looks at the page would ask for each. */
export function openAttention(
  { records, telemetry, clock, log }: Base,
  handlers: Pick<Handlers, 'getLedger' | 'getGatewayUsage' | 'listGatewayTargets'>,
): Handlers<'getAttention'> {
  const bare = (by: Actor) => ({ by, params: {}, query: undefined, body: undefined });
  return createAttentionHandlers({
    ...{ reads: telemetry.attention, clock, log },
    ledger: (by) => handlers.getLedger(bare(by)),
    usage: (by) => handlers.getGatewayUsage(bare(by)),
    targets: (by) => handlers.listGatewayTargets(bare(by)),
    keys: (project) => records.access.keys(project),
    alerts: (project) => records.monitors.alerts(project, { limit: mostAlerts, open: true }),
    async releases(project) {
      const ask = (state: 'running' | 'rolled_back') => records.releases.list(project, { limit: mostReleases, state });
      return (await Promise.all([ask('running'), ask('rolled_back')])).flat();
    },
    async pipelineRuns(project) {
      const ask = (state: 'asks' | 'failed') => records.pipelines.runs(project, { limit: mostRuns, state });
      return (await Promise.all([ask('asks'), ask('failed')])).flat();
    },
    async issues(project) {
      const ask = (state: 'new' | 'regressed') => records.issues.list(project, { limit: mostIssues, state });
      return (await Promise.all([ask('regressed'), ask('new')])).flatMap(({ data }) => data);
    },
    async abuse(project) {
      const nowMs = Math.floor(nanosToMs(clock.now()));
      return (await records.abuse.list(project, { limit: mostUsers, state: 'listed', nowMs })).data;
    },
    async names(project) {
      const named = await Promise.all([records.access.teams(project), records.access.members(project)]);
      return new Map(named.flat().map(({ id, name }) => [id, name]));
    },
  });
}
