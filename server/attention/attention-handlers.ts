import type {
  AttentionBody,
  GatewayTargetsBody,
  GatewayUsageBody,
  Handlers,
  LedgerBody,
} from '@wheelhouse/core/contract';
import type { AttentionReads, Clock } from '@wheelhouse/core/ports';
import {
  type AbuseUser,
  type Actor,
  type Alert,
  type Issue,
  type Key,
  nanosToMs,
  type PipelineRun,
  type ProjectId,
  type Release,
} from '@wheelhouse/core/records';
import type { Findings } from './findings.ts';
import { findInAbuse } from './of-abuse.ts';
import { findInIssues } from './of-issues.ts';
import { findInPipelines } from './of-pipelines.ts';
import { findInReleases } from './of-releases.ts';
import { findInAlerts, findInBudgets, findInKeys, findInLedger, findInTargets } from './of-the-server.ts';
import { findFailures, findInCalls } from './of-traces.ts';

export type AttentionDeps = {
  reads: AttentionReads;
  clock: Clock;
  log: { warn(details: object, message: string): void };
  ledger(by: Actor): Promise<LedgerBody>;
  usage(by: Actor): Promise<GatewayUsageBody>;
  targets(by: Actor): Promise<GatewayTargetsBody>;
  keys(project: ProjectId): Promise<Key[]>;
  /** Those that are open. */
  alerts(project: ProjectId): Promise<Alert[]>;
  /** Those that run, and the newest of those that were rolled back. */
  releases(project: ProjectId): Promise<Release[]>;
  /** Runs that wait for a yes, and the newest of those that failed. */
  pipelineRuns(project: ProjectId): Promise<PipelineRun[]>;
  /** New ones, and those that are back. */
  issues(project: ProjectId): Promise<Issue[]>;
  /** Users who are listed now. */
  abuse(project: ProjectId): Promise<AbuseUser[]>;
  /** Of teams and people, by id. */
  names(project: ProjectId): Promise<Map<string, string>>;
};

const minuteNs = 60_000_000_000n;
const hours = { '1h': 1n, '6h': 6n, '24h': 24n, '7d': 168n, '30d': 720n } as const;
const mostRows = 20;
const rank = { bad: 0, warn: 1, note: 2 } as const;
/** Of the same severity: what costs calls now first. */
const kinds: AttentionBody['rows'][number]['kind'][] = [
  ...([
    'alert',
    'abuse',
    'issue',
    'release',
    'pipeline',
    'target',
    'budget',
    'ledger',
    'failures',
    'latency',
    'dead_letters',
    'key',
    'prices',
  ] as const),
];

/** What in a project needs somebody's attention, from everywhere at once; what cannot be read is named. */
export function createAttentionHandlers(deps: AttentionDeps): Handlers<'getAttention'> {
  const { reads, clock } = deps;
  return {
    async getAttention({ by, query }) {
      const nowNs = clock.now();
      const nowMs = nanosToMs(nowNs);
      // Whole minutes, because calls are summed by the minute; the one that runs is in it.
      const untilNs = (nowNs / minuteNs + 1n) * minuteNs;
      const time = { fromNs: untilNs - hours[query.last] * 60n * minuteNs, untilNs };
      const asked = { reads, project: by.project, time };
      const unread: string[] = [];
      const look = async (what: string, find: () => Promise<Findings>): Promise<Findings[]> => {
        try {
          return [await find()];
        } catch (err) {
          deps.log.warn({ err, what }, 'what may need attention could not be read');
          unread.push(what);
          return [];
        }
      };
      const budgets = async () => {
        const [usage, keys, names] = await Promise.all([
          ...([deps.usage(by), deps.keys(by.project), deps.names(by.project)] as const),
        ]);
        for (const { id, name } of keys) names.set(id, name);
        return findInBudgets(usage, names);
      };
      const ledger = async () => {
        const book = await deps.ledger(by);
        if (book.partial) unread.push('what other servers received');
        return findInLedger(book, nowMs);
      };
      const found = await Promise.all([
        look('failures of traces', () => findFailures(asked)),
        look('calls', () => findInCalls(asked)),
        look('the ledger', ledger),
        look('budgets', budgets),
        look('targets', async () => findInTargets(await deps.targets(by), nowMs)),
        look('monitors', async () => findInAlerts(await deps.alerts(by.project))),
        look('issues', async () => findInIssues(await deps.issues(by.project))),
        look('releases', async () => findInReleases(await deps.releases(by.project), nanosToMs(time.fromNs))),
        look('pipelines', async () => findInPipelines(await deps.pipelineRuns(by.project), nanosToMs(time.fromNs))),
        look('users at risk', async () => findInAbuse(await deps.abuse(by.project), nowMs)),
        look('keys', async () => findInKeys(await deps.keys(by.project), nowMs)),
      ]);
      const all = found.flat();
      const rows = all
        .flatMap((one) => one.rows)
        .sort((a, b) => rank[a.severity] - rank[b.severity] || kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
      return {
        at: new Date(nowMs).toISOString(),
        rows: rows.slice(0, mostRows),
        more: Math.max(0, rows.length - mostRows),
        looked: all.map(({ looked }) => looked),
        unread,
      };
    },
  };
}
