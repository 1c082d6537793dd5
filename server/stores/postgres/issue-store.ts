import type { DueIssues, IssueChange, IssueFilter, IssueLook, IssueStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  causeKey,
  groupOfIssue,
  type Issue,
  type IssueEvent,
  type IssueGroup,
  issueOfGroup,
  type JsonObject,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import { createBadScores } from './bad-score-store.ts';
import { claimDue } from './claim-due.ts';
import type { Db, Tx } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import type { IssueTables } from './issue-tables.ts';
import { countChange, recordChange } from './record-change.ts';

const eventsShown = 200;
/** Where nobody did it. */
const itself = 'wheelhouse';

const toIssue = (row: Selectable<IssueTables['issues']>): Issue => ({
  ...{ id: row.id, title: row.title, signal: row.signal, state: row.state, isBlocker: row.is_blocker },
  ...{ assignee: row.assignee, models: row.models, resolution: row.resolution },
  firstSeen: row.first_seen.toISOString(),
  lastSeen: row.last_seen.toISOString(),
  regressedAt: row.regressed_at?.toISOString() ?? null,
});

const toGroup = (row: Selectable<IssueTables['issue_groups']>): IssueGroup => ({
  ...{ id: row.id, issueId: row.issue_id, cause: row.cause, text: row.text, size: row.size },
  ...{ sum: row.sum, words: row.words },
});

/** What telemetry says of an issue; what people say of it is theirs, but for one that comes back. */
const seenOf = (issue: Issue) => ({
  title: issue.title,
  models: JSON.stringify(issue.models),
  first_seen: issue.firstSeen,
  last_seen: issue.lastSeen,
});

const missing = (id: string) =>
  new WheelhouseError('not_found', `There is no issue \`${id.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/issues lists them.',
  });

const found = (db: Db | Tx, project: ProjectId, id: string) =>
  db.selectFrom('issues').selectAll().where('project_id', '=', project).where('id', '=', id);

/** Locked in the order of their ids, so that nobody waits for another. */
async function locked(tx: Tx, project: ProjectId, ids: readonly string[]): Promise<Map<string, Issue>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom('issues')
    .selectAll()
    .where('project_id', '=', project)
    .where('id', 'in', ids)
    .orderBy('id')
    .forUpdate()
    .execute();
  return new Map(rows.map((row) => [row.id, toIssue(row)]));
}

type Said = { issueId: string; kind: IssueEvent['kind']; text: string };

async function say(tx: Tx, { project, actor }: Actor, events: readonly Said[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ issueId, kind, text }) => ({ project_id: project, issue_id: issueId, actor, kind, text }));
  await tx.insertInto('issue_events').values(rows).execute();
}

/** Gives those that are back. */
async function writeIssues(tx: Tx, project: ProjectId, { issues, events }: IssueLook): Promise<Set<string>> {
  const before = await locked(
    tx,
    project,
    issues.map(({ id }) => id),
  );
  const opened = new Set(events.flatMap(({ kind, issueId }) => (kind === 'opened' ? [issueId] : [])));
  const back = new Set<string>();
  for (const issue of issues) {
    const was = before.get(issue.id);
    // One that was there and is not was put into another meanwhile.
    if (was === undefined && !opened.has(issue.id)) continue;
    if (was === undefined) {
      const { id, signal, state, isBlocker, assignee } = issue;
      await tx
        .insertInto('issues')
        .values({ project_id: project, id, signal, state, is_blocker: isBlocker, assignee, ...seenOf(issue) })
        .execute();
      continue;
    }
    // Whoever resolved it meanwhile did so after these calls began.
    const isBack = issue.state === 'regressed' && was.state === 'resolved';
    if (isBack) back.add(issue.id);
    await tx
      .updateTable('issues')
      .set({
        ...seenOf(issue),
        ...(isBack ? { state: 'regressed', regressed_at: issue.regressedAt } : {}),
      })
      .where('project_id', '=', project)
      .where('id', '=', issue.id)
      .execute();
  }
  return back;
}

async function writeGroups(tx: Tx, project: ProjectId, groups: readonly IssueGroup[]): Promise<void> {
  for (const { id, issueId, cause, text, size, sum, words } of groups) {
    const grown = { size, sum: JSON.stringify(sum), words: JSON.stringify(words) };
    await tx
      .insertInto('issue_groups')
      .values({
        ...{ project_id: project, id, issue_id: issueId, text, ...grown, cause: JSON.stringify(cause) },
        cause_key: causeKey(cause),
      })
      // A person may have put it to another issue meanwhile.
      .onConflict((conflict) => conflict.columns(['project_id', 'id']).doUpdateSet(grown))
      .execute();
  }
}

async function recordLook(tx: Tx, { project, heldUntilMs }: DueIssues, look: IssueLook): Promise<boolean> {
  const { place, dueMs, groups, events } = look;
  const held = await tx
    .updateTable('issue_feeds')
    .set({ place_ms: place.ms, place_id: place.id, due_ms: dueMs, held_until_ms: 0 })
    .where('project_id', '=', project)
    .where('held_until_ms', '=', String(heldUntilMs))
    .returning('project_id')
    .executeTakeFirst();
  if (!held) return false;
  const back = await writeIssues(tx, project, look);
  await writeGroups(tx, project, groups);
  const said = events.filter(({ kind, issueId }) => kind !== 'regressed' || back.has(issueId));
  await say(tx, { project, actor: itself }, said);
  if (said.length > 0) await countChange(tx);
  return true;
}

async function readPage(
  db: Db,
  project: ProjectId,
  { limit, cursor, state, signal, model, assignee }: IssueFilter,
): Promise<{ data: Issue[]; next: string | null }> {
  const [ms, id] = cursor === undefined ? [] : (/^(\d{1,16})\.(is_[0-9a-f]{1,40})$/.exec(cursor)?.slice(1) ?? ['', '']);
  if (ms === '')
    throw new WheelhouseError('invalid_request', 'The cursor is not one that a page gave as `next`.', {
      param: 'cursor',
    });
  const rows = await db
    .selectFrom('issues')
    .selectAll()
    .where('project_id', '=', project)
    .$if(ms !== undefined, (query) =>
      query.where(sql<boolean>`(last_seen, id) < (to_timestamp(${Number(ms)} / 1000.0), ${id})`),
    )
    .$if(state === 'open', (query) => query.where('state', '!=', 'resolved'))
    .$if(state !== undefined && state !== 'open', (query) => query.where('state', '=', state as Issue['state']))
    .$if(signal !== undefined, (query) => query.where('signal', '=', signal ?? 'error'))
    .$if(model !== undefined, (query) => query.where(sql<boolean>`models::jsonb ? ${model}`))
    .$if(assignee !== undefined, (query) => query.where('assignee', '=', assignee ?? ''))
    .orderBy('last_seen', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const data = rows.slice(0, limit).map(toIssue);
  const last = data.at(-1);
  return { data, next: rows.length > limit && last ? `${Date.parse(last.lastSeen)}.${last.id}` : null };
}

/** What changes, and what is said of it. */
function changesOf(was: Issue, by: Actor, { state, assignee, isBlocker, note }: IssueChange) {
  const events: Omit<Said, 'issueId'>[] = [];
  const set: Partial<Record<'state' | 'resolution' | 'assignee', string | null>> & { is_blocker?: boolean } = {};
  // Whoever does something with it has seen it.
  if (was.state === 'new') set.state = 'known';
  if (state !== undefined) {
    set.state = state.to;
    set.resolution =
      state.to === 'resolved'
        ? JSON.stringify({ at: new Date().toISOString(), by: by.actor, ...state.resolution })
        : null;
    const later = state.to === 'resolved' && state.resolution.versions !== null;
    events.push({ kind: 'state', text: later ? 'resolved in a later version' : state.to });
    if (state.to === 'resolved' && was.isBlocker) set.is_blocker = false;
  }
  if (assignee !== undefined && assignee !== was.assignee) {
    set.assignee = assignee;
    events.push({ kind: 'assigned', text: assignee ?? 'nobody' });
  }
  if (isBlocker !== undefined && isBlocker !== was.isBlocker) {
    set.is_blocker = isBlocker;
    events.push({ kind: 'blocker', text: isBlocker ? 'holds its aliases' : 'holds nothing' });
  }
  if (note !== undefined) events.push({ kind: 'note', text: note });
  return { set, events };
}

function createPeoplesPart(db: Db): Pick<IssueStore, 'change' | 'merge' | 'split'> {
  const audited = (tx: Tx, by: Actor, what: { action: string; id: string; detail: JsonObject }) =>
    recordChange(tx, by, { action: `issue.${what.action}`, subject: what.id, detail: what.detail });
  const read = async (tx: Tx, by: Actor, id: string): Promise<Issue> => {
    const row = await found(tx, by.project, id).executeTakeFirst();
    if (!row) throw missing(id);
    return toIssue(row);
  };
  return {
    change: (by, id, change) =>
      inTransaction(db, async (tx) => {
        const was = (await locked(tx, by.project, [id])).get(id);
        if (!was) return null;
        const { set, events } = changesOf(was, by, change);
        if (Object.keys(set).length > 0)
          await tx
            .updateTable('issues')
            .set(set as Partial<Pick<Issue, 'state'>>)
            .where('project_id', '=', by.project)
            .where('id', '=', id)
            .execute();
        await say(
          tx,
          by,
          events.map((event) => ({ ...event, issueId: id })),
        );
        const detail = Object.fromEntries(events.map(({ kind, text }) => [kind, text]));
        await audited(tx, by, { action: 'change', id, detail });
        return read(tx, by, id);
      }),

    merge: (by, { id, into }) =>
      inTransaction(db, async (tx) => {
        const both = await locked(tx, by.project, [id, into]);
        const [one, other] = [both.get(id), both.get(into)];
        if (!one || !other) throw missing(one ? into : id);
        await tx
          .updateTable('issue_groups')
          .set({ issue_id: into })
          .where('project_id', '=', by.project)
          .where('issue_id', '=', id)
          .execute();
        await tx
          .updateTable('issue_events')
          .set({ issue_id: into })
          .where('project_id', '=', by.project)
          .where('issue_id', '=', id)
          .execute();
        await tx
          .updateTable('issues')
          .set({
            models: JSON.stringify([...new Set([...other.models, ...one.models])].toSorted()),
            is_blocker: one.isBlocker || other.isBlocker,
            first_seen: sql`least(first_seen, ${one.firstSeen})`,
            last_seen: sql`greatest(last_seen, ${one.lastSeen})`,
          })
          .where('project_id', '=', by.project)
          .where('id', '=', into)
          .execute();
        await tx.deleteFrom('issues').where('project_id', '=', by.project).where('id', '=', id).execute();
        await say(tx, by, [{ issueId: into, kind: 'merged', text: one.title }]);
        await audited(tx, by, { action: 'merge', id, detail: { into, title: one.title } });
        return read(tx, by, into);
      }),

    split: (by, { id, groupId, title }) =>
      inTransaction(db, async (tx) => {
        const was = (await locked(tx, by.project, [id])).get(id);
        if (!was) throw missing(id);
        const own = issueOfGroup(groupId);
        if (own === id)
          throw new WheelhouseError('conflict', 'The issue began with this group.', {
            hint: 'Take the others out of it instead.',
          });
        const taken = await tx
          .selectFrom('issue_groups')
          .select('id')
          .where('project_id', '=', by.project)
          .where('issue_id', '=', id)
          .where('id', '=', groupId)
          .executeTakeFirst();
        if (!taken) throw new WheelhouseError('not_found', `\`${id}\` has no group \`${groupId.slice(0, 80)}\`.`);
        const { signal, firstSeen, lastSeen, models } = was;
        await tx
          .insertInto('issues')
          .values({
            ...{ project_id: by.project, id: own, title, signal, state: 'known', is_blocker: false },
            ...{ models: JSON.stringify(models), first_seen: firstSeen, last_seen: lastSeen },
          })
          .execute();
        await tx
          .updateTable('issue_groups')
          .set({ issue_id: own })
          .where('project_id', '=', by.project)
          .where('id', '=', groupId)
          .execute();
        await say(tx, by, [
          { issueId: id, kind: 'split', text: title },
          { issueId: own, kind: 'split', text: `from ${was.title}` },
        ]);
        await audited(tx, by, { action: 'split', id, detail: { group: groupId, to: own } });
        return read(tx, by, own);
      }),
  };
}

/** Projects that nobody has looked at. */
export const withoutFeed = sql`wheelhouse.projects p
  where not exists (select 1 from wheelhouse.issue_feeds f where f.project_id = p.id)
    and not exists (select 1 from wheelhouse.project_removals r where r.project_id = p.id)`;

function createFeed(db: Db): Pick<IssueStore, 'claim' | 'known' | 'record'> {
  return {
    claim: (nowMs, { holdMs, limit, startMs }) =>
      inTransaction(db, async (tx) => {
        await sql`insert into wheelhouse.issue_feeds (project_id, place_ms)
          select id, ${startMs} from ${withoutFeed} on conflict do nothing`.execute(tx);
        const rows = await claimDue(tx, 'issue_feeds', { nowMs, holdMs, limit });
        return rows.map(({ project_id, place_ms, place_id, held_until_ms }) => ({
          ...{ project: project_id as ProjectId, place: { ms: Number(place_ms), id: place_id } },
          heldUntilMs: Number(held_until_ms),
        }));
      }),

    async known(project, causeKeys) {
      const { count } = await db
        .selectFrom('issue_groups')
        .select((of) => of.fn.countAll<string>().as('count'))
        .where('project_id', '=', project)
        .executeTakeFirstOrThrow();
      if (causeKeys.length === 0) return { groups: [], issues: [], groupCount: Number(count) };
      const groups = await db
        .selectFrom('issue_groups')
        .selectAll()
        .where('project_id', '=', project)
        .where('cause_key', 'in', causeKeys)
        .execute();
      const ids = [...new Set(groups.map((row) => row.issue_id))];
      const issues =
        ids.length === 0
          ? []
          : await db
              .selectFrom('issues')
              .selectAll()
              .where('project_id', '=', project)
              .where('id', 'in', ids)
              .execute();
      return { groups: groups.map(toGroup), issues: issues.map(toIssue), groupCount: Number(count) };
    },

    record: (due, look) => inTransaction(db, (tx) => recordLook(tx, due, look)),
  };
}

export function createIssueStore(db: Db): IssueStore {
  return {
    ...createFeed(db),
    ...createBadScores(db),
    ...createPeoplesPart(db),

    list: (project, filter) => readPage(db, project, filter),

    async get(project, asked) {
      const moved = await db
        .selectFrom('issue_groups')
        .select('issue_id')
        .where('project_id', '=', project)
        .where('id', '=', groupOfIssue(asked))
        .executeTakeFirst();
      const row =
        (await found(db, project, asked).executeTakeFirst()) ??
        (moved && (await found(db, project, moved.issue_id).executeTakeFirst()));
      if (!row) return null;
      const { id } = row;
      const [groups, events] = await Promise.all([
        db
          .selectFrom('issue_groups')
          .selectAll()
          .where('project_id', '=', project)
          .where('issue_id', '=', id)
          .orderBy('size', 'desc')
          .orderBy('id')
          .execute(),
        db
          .selectFrom('issue_events')
          .selectAll()
          .where('project_id', '=', project)
          .where('issue_id', '=', id)
          .orderBy('seq', 'desc')
          .limit(eventsShown)
          .execute(),
      ]);
      return {
        issue: toIssue(row),
        groups: groups.map(toGroup),
        events: events.map(({ seq, at, actor, kind, text }) => ({
          ...{ id: seq, at: at.toISOString(), by: actor, kind, text },
        })),
      };
    },

    async groupsOf(project, issueIds) {
      if (issueIds.length === 0) return [];
      const rows = await db
        .selectFrom('issue_groups')
        .select(['id', 'issue_id'])
        .where('project_id', '=', project)
        .where('issue_id', 'in', issueIds)
        .orderBy('id')
        .execute();
      return rows.map(({ id, issue_id }) => ({ id, issueId: issue_id }));
    },

    async blocker(project, model) {
      const row = await db
        .selectFrom('issues')
        .selectAll()
        .where('project_id', '=', project)
        .where('is_blocker', '=', true)
        .where('state', '!=', 'resolved')
        .where(sql<boolean>`models::jsonb ? ${model}`)
        .orderBy('last_seen', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row ? toIssue(row) : null;
    },
  };
}
