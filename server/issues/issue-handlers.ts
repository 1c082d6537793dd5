import {
  type Handlers,
  type IssueBody,
  type IssueRouteId,
  issueSchemas,
  type ParsedBody,
} from '@wheelhouse/core/contract';
import type { Clock, IssueChange, IssueCounts, IssueStore, IssueTelemetry, LiveFeed } from '@wheelhouse/core/ports';
import { allOf, printFilter } from '@wheelhouse/core/query';
import {
  type Actor,
  type BadScoreRule,
  type Filter,
  type Issue,
  type IssueGroup,
  issueOfGroup,
  nanosToMs,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type BadScoreRules, badBelow, badWhenTrue, titleOf } from '@wheelhouse/core/watch';
import { createBadScoreHandlers } from './bad-score-handlers.ts';

export type IssueHandlerDeps = {
  issues: IssueStore;
  telemetry: Pick<IssueTelemetry, 'counts' | 'versions' | 'occurrences' | 'seenScores'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
};

const groupsShown = 50;
const noCounts: IssueCounts = { traces: 0, users: 0, days: new Array<number>(issueSchemas.issueDays).fill(0) };

const missing = (id: string) =>
  new WheelhouseError('not_found', `There is no issue \`${id.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/issues lists them.',
  });

const is = (field: 'status' | 'model', value: string): Filter => ({ type: 'is', field, patterns: [[value]] });

/** Traces that fail as a group does: the filter knows no messages, and nothing of why a model stopped. */
export function filterOf(groups: readonly IssueGroup[], rules: BadScoreRules): string {
  const [first] = groups;
  if (first === undefined) return '';
  const { signal, what, model } = first.cause;
  const parts: Filter[] = model === '' ? [] : [is('model', model)];
  if (signal === 'error') parts.unshift(is('status', 'error'));
  if (signal === 'handled') parts.unshift({ type: 'compare', field: 'errors', op: '>', value: 0n });
  if (signal === 'score' && what !== '') parts.unshift(...scoreFilter(what, rules.get(what)));
  return printFilter(allOf(parts));
}

function scoreFilter(name: string, rule: BadScoreRule | undefined): Filter[] {
  const isTrueBad = (badWhenTrue as readonly string[]).includes(name);
  const usual: BadScoreRule = isTrueBad ? { bad: 'true' } : { bad: 'below', value: badBelow };
  const { bad, ...of } = rule ?? usual;
  if (bad === 'true') return [{ type: 'score', name, op: '>=', value: 1 }];
  if (bad === 'false') return [{ type: 'score', name, op: '<', value: 1 }];
  if ('value' in of) return [{ type: 'score', name, op: bad === 'below' ? '<' : '>', value: of.value }];
  return 'values' in of ? [{ type: 'scored', name, patterns: of.values.map((value) => [value]) }] : [];
}

/** What routes say of issues, and what they ask before one changes. */
function createIssueTools({ issues, telemetry, clock }: Omit<IssueHandlerDeps, 'feed'>) {
  const nowMs = () => Math.floor(nanosToMs(clock.now()));

  async function withCounts(project: ProjectId, data: readonly Issue[]): Promise<IssueBody[]> {
    const groups = await issues.groupsOf(
      project,
      data.map(({ id }) => id),
    );
    const counts = await telemetry.counts(project, groups, { days: issueSchemas.issueDays, untilMs: nowMs() });
    return data.map((issue) => ({ ...issue, ...(counts.get(issue.id) ?? noCounts) }));
  }

  async function detail(project: ProjectId, id: string) {
    const found = await issues.get(project, id);
    if (!found) throw missing(id);
    const { issue, groups, events } = found;
    const [[body], ruled, versions] = await Promise.all([
      withCounts(project, [issue]),
      issues.badScores(project),
      telemetry.versions(
        project,
        groups.map((group) => group.id),
      ),
    ]);
    if (body === undefined) throw missing(id);
    const rules = new Map(ruled.map(({ name, rule }) => [name, rule]));
    const isFirst = ({ id: group }: IssueGroup) => issueOfGroup(group) === issue.id;
    const ordered = [...groups.filter(isFirst), ...groups.filter((group) => !isFirst(group))];
    return {
      ...body,
      ...{ q: filterOf(ordered, rules), versions, events },
      groups: ordered.slice(0, groupsShown).map((group) => ({
        ...{ ...group.cause, id: group.id, text: group.text, isFirst: isFirst(group) },
      })),
    };
  }

  /** The newest version of each model that it was seen in; null: of none. */
  async function lastVersions(project: ProjectId, id: string): Promise<Record<string, number> | null> {
    const groups = await issues.groupsOf(project, [id]);
    const seen = await telemetry.versions(
      project,
      groups.map((group) => group.id),
    );
    const last: Record<string, number> = {};
    for (const { model, number } of seen) last[model] = Math.max(number, last[model] ?? 0);
    return seen.length === 0 ? null : last;
  }

  async function changeOf({ by, id, body }: { by: Actor; id: string; body: ParsedBody<'changeIssue'> }) {
    const { state, from, ...rest } = body;
    const change: IssueChange = {
      ...(rest.assignee === undefined ? {} : { assignee: rest.assignee }),
      ...(rest.isBlocker === undefined ? {} : { isBlocker: rest.isBlocker }),
      ...(rest.note === undefined ? {} : { note: rest.note }),
    };
    if (state === 'known') return { ...change, state: { to: state, resolution: null } };
    if (state === undefined) return change;
    const versions = from === 'now' ? null : await lastVersions(by.project, id);
    if (from === 'later_version' && versions === null)
      throw new WheelhouseError('invalid_request', 'It was not seen in a registered model, which has versions.', {
        ...{ param: 'from', hint: 'Say `now`: any call that begins later brings it back.' },
      });
    return { ...change, state: { to: state, resolution: { versions } } };
  }

  async function mayBlock(project: ProjectId, id: string): Promise<void> {
    const found = await issues.get(project, id);
    if (!found) throw missing(id);
    if (found.issue.state === 'resolved')
      throw new WheelhouseError('conflict', 'It is resolved, and holds nothing.', {
        hint: 'Say first that it is known.',
      });
    if (found.issue.models.length === 0)
      throw new WheelhouseError(
        'conflict',
        'It was not seen in a registered model, so that there is no alias to hold.',
      );
  }

  return { withCounts, detail, changeOf, mayBlock };
}

/** In which ways traces fail, and what people do about it; what is new is found by {@link lookAtIssues}. */
export function createIssueHandlers(deps: IssueHandlerDeps): Handlers<IssueRouteId> {
  const { issues, telemetry, feed } = deps;
  const { withCounts, detail, changeOf, mayBlock } = createIssueTools(deps);
  return {
    ...createBadScoreHandlers(deps),

    async listIssues({ by, query }) {
      const { data, next } = await issues.list(by.project, query);
      return { data: await withCounts(by.project, data), next };
    },

    getIssue: ({ by, params }) => detail(by.project, params.issueId),

    async changeIssue({ by, params: { issueId }, body }) {
      if (body.isBlocker) await mayBlock(by.project, issueId);
      const changed = await issues.change(by, issueId, await changeOf({ by, id: issueId, body }));
      if (!changed) throw missing(issueId);
      feed.publish({ type: 'issues', project: by.project });
      return detail(by.project, issueId);
    },

    async listIssueTraces({ by, params, query }) {
      const found = await issues.get(by.project, params.issueId);
      if (!found) throw missing(params.issueId);
      const ids = found.groups.map(({ id }) => id);
      const { data, next } = await telemetry.occurrences(by.project, ids, query);
      return {
        data: data.map(({ traceId, spanId, atMs, user, version }) => ({
          ...{ traceId, spanId, at: new Date(atMs).toISOString(), user },
          model: version === null ? null : `${version.model}@${version.number}`,
        })),
        next,
      };
    },

    async mergeIssue({ by, params: { issueId }, body: { into } }) {
      if (into === issueId)
        throw new WheelhouseError('invalid_request', 'An issue cannot be put into itself.', { param: 'into' });
      await issues.merge(by, { id: issueId, into });
      feed.publish({ type: 'issues', project: by.project });
      return detail(by.project, into);
    },

    async splitIssue({ by, params: { issueId }, body }) {
      const group = (await issues.get(by.project, issueId))?.groups.find(({ id }) => id === body.group);
      if (!group) throw new WheelhouseError('not_found', `\`${issueId.slice(0, 80)}\` has no such group.`);
      const issue = await issues.split(by, { id: issueId, groupId: group.id, title: titleOf(group) });
      feed.publish({ type: 'issues', project: by.project });
      return detail(by.project, issue.id);
    },
  };
}
