import type { AuditStore, DueIssues, IssueLook, IssueStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type Issue, type IssueGroup, issueOfGroup, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { issues: IssueStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const ada = { project, actor: 'ada' };
const elsewhere = 'elsewhere' as ProjectId;
const holdMs = 1_000;
/** Each claim is later than what was held before. */
let nowMs = 1_000_000;
let count = 0;

/** What every {@link IssueStore} does. */
export function issueStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`issue store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const claim = async (at?: number): Promise<DueIssues[]> => {
      if (at === undefined) nowMs += 2 * holdMs;
      const due = await world.issues.claim(at ?? nowMs, { holdMs, limit: 1_000, startMs: 5 });
      return due.filter((one) => one.project === project);
    };
    const cause = (what: string) => ({ signal: 'error' as const, what, step: 'chat', model: 'bot' });
    const group = (what: string, more: Partial<IssueGroup> = {}): IssueGroup => {
      const id = `isg_${(++count).toString(16).padStart(8, '0')}${name.length.toString(16)}`;
      const found = { id, issueId: issueOfGroup(id), cause: cause(what), text: 'no answer', size: 1 };
      return { ...found, sum: [0.5, -0.25], words: { answer: 1 }, ...more };
    };
    const issueOf = ({ issueId }: IssueGroup, more: Partial<Issue> = {}): Issue => ({
      ...{ id: issueId, title: `Title of ${issueId}`, signal: 'error', state: 'new', isBlocker: false, assignee: null },
      ...{ models: ['bot'], firstSeen: '2026-01-02T03:04:05.000Z', lastSeen: '2026-01-02T03:04:06.000Z' },
      ...{ resolution: null, regressedAt: null, ...more },
    });
    const look = (groups: IssueGroup[], issues: Issue[], more: Partial<IssueLook> = {}): IssueLook => ({
      ...{ place: { ms: 7, id: 'abc' }, dueMs: 0, groups, issues },
      events: issues.map(({ id }) => ({ issueId: id, kind: 'opened', text: '' })),
      ...more,
    });
    /** An issue that was found, of one group. */
    async function found(what: string, more: Partial<Issue> = {}) {
      const one = group(what);
      const [due] = await claim();
      if (!due) throw new Error('The project was not due.');
      expect(await world.issues.record(due, look([one], [issueOf(one, more)]))).toBe(true);
      return { group: one, id: one.issueId };
    }

    it('gives a project to one at a time, and writes what was found with the place, or nothing', async () => {
      const [due] = await claim();
      expect(due?.place.ms).toBeGreaterThanOrEqual(5);
      expect(await claim(nowMs + holdMs - 1)).toEqual([]);
      const [again] = await claim();
      const [one, late] = [group('A'), group('B')];
      expect(await world.issues.record(again as DueIssues, look([one], [issueOf(one)]))).toBe(true);
      expect(await world.issues.record(due as DueIssues, look([late], [issueOf(late)]))).toBe(false);
      expect(await world.issues.get(project, late.issueId)).toBeNull();
      expect((await claim())[0]?.place).toEqual({ ms: 7, id: 'abc' });
      const read = await world.issues.get(project, one.issueId);
      expect(read).toMatchObject({
        issue: issueOf(one),
        groups: [one],
        events: [{ kind: 'opened', by: 'wheelhouse' }],
      });
      expect(await world.issues.get(elsewhere, one.issueId)).toBeNull();
    });

    it('knows the groups of causes, with their issues', async () => {
      const one = await found('Known');
      const key = JSON.stringify(['error', 'Known', 'chat', 'bot']);
      const known = await world.issues.known(project, [key]);
      expect(known.groups).toEqual([one.group]);
      expect(known.issues.map(({ id }) => id)).toEqual([one.id]);
      expect(known.groupCount).toBeGreaterThan(0);
      expect((await world.issues.known(elsewhere, [key])).groups).toEqual([]);
    });

    it('keeps what people say while more is seen, and says once that one is back', async () => {
      const { id, group: one } = await found('Changed');
      const before = await newestId(world.audit);
      const resolution = { versions: { bot: 3 } };
      await world.issues.change(ada, id, { assignee: 'bob', isBlocker: true, note: 'Looked at it' });
      expect((await world.issues.get(project, id))?.issue).toMatchObject({ state: 'known', assignee: 'bob' });
      expect((await world.issues.blocker(project, 'bot'))?.isBlocker).toBe(true);
      const resolved = await world.issues.change(ada, id, { state: { to: 'resolved', resolution } });
      expect(resolved).toMatchObject({ state: 'resolved', isBlocker: false, resolution: { by: 'ada', ...resolution } });
      const entries = await entriesSince(world.audit, before);
      expect(entries.map(({ action, subject }) => [action, subject])).toEqual([
        ...[
          ['issue.change', id],
          ['issue.change', id],
        ],
      ]);
      const seen = issueOf(one, { title: 'Seen more', state: 'regressed', regressedAt: '2026-01-03T00:00:00.000Z' });
      const events = [{ issueId: id, kind: 'regressed' as const, text: 'again' }];
      for (const size of [2, 3]) {
        const [due] = await claim();
        await world.issues.record(due as DueIssues, look([{ ...one, size }], [seen], { events }));
      }
      const read = await world.issues.get(project, id);
      expect(read?.issue).toMatchObject({ title: 'Seen more', state: 'regressed', assignee: 'bob' });
      expect(read?.groups[0]?.size).toBe(3);
      expect(read?.events.map(({ kind }) => kind)).toEqual([
        ...['regressed', 'state', 'note', 'blocker', 'assigned', 'opened'],
      ]);
      expect(await world.issues.change(ada, 'is_none', { note: 'x' })).toBeNull();
    });

    it('puts one into another and takes it out again; what was found meanwhile goes where people said', async () => {
      const [one, other] = [await found('Merged'), await found('Merged too', { models: ['other'] })];
      const stale = await claim();
      const merged = await world.issues.merge(ada, { id: one.id, into: other.id });
      expect(merged.models).toEqual(['bot', 'other']);
      // Read before the two were put together.
      const late = look([{ ...one.group, size: 9 }], [issueOf(one.group)], { events: [] });
      expect(await world.issues.record(stale[0] as DueIssues, late)).toBe(true);
      const read = await world.issues.get(project, one.id);
      expect(read?.issue.id).toBe(other.id);
      expect(read?.groups.map(({ id, size }) => [id, size])).toEqual([
        [one.group.id, 9],
        [other.group.id, 1],
      ]);
      const ask = { id: other.id, title: 'Apart' };
      await expect(world.issues.split(ada, { ...ask, groupId: other.group.id })).rejects.toMatchObject({
        code: 'conflict',
      });
      const split = await world.issues.split(ada, { ...ask, groupId: one.group.id });
      expect(split).toMatchObject({ id: one.id, title: 'Apart', state: 'known' });
      expect(await world.issues.groupsOf(project, [one.id])).toEqual([{ id: one.group.id, issueId: one.id }]);
      await expect(world.issues.merge(ada, { id: 'is_none', into: other.id })).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    it('keeps what a project says of its scores, by name', async () => {
      const since = await newestId(world.audit);
      await world.issues.setBadScore(ada, 'stars', { bad: 'below', value: 3 });
      await world.issues.setBadScore(ada, 'stars', { bad: 'below', value: 4 });
      await world.issues.setBadScore(ada, 'a/b tone', { bad: 'one_of', values: ['rude'] });
      expect(await world.issues.badScores(project)).toMatchObject([
        { name: 'a/b tone', rule: { bad: 'one_of', values: ['rude'] }, setBy: 'ada' },
        { name: 'stars', rule: { bad: 'below', value: 4 } },
      ]);
      expect(await world.issues.badScores(elsewhere)).toEqual([]);
      await world.issues.setBadScore(ada, 'a/b tone', null);
      await world.issues.setBadScore(ada, 'stars', null);
      expect(await world.issues.badScores(project)).toEqual([]);
      const entries = await entriesSince(world.audit, since);
      expect(entries.map(({ action }) => action)).toEqual(new Array(5).fill('issue.score'));
    });

    it('lists the last seen first, page by page, those that are asked for', async () => {
      const seen = (day: number) => ({ models: ['paged'], lastSeen: `2027-01-0${day}T00:00:00.000Z` });
      const ids: string[] = [];
      for (const day of [1, 2, 3]) ids.unshift((await found('Paged', seen(day))).id);
      const ask = { limit: 2, model: 'paged' };
      const first = await world.issues.list(project, ask);
      expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
      const rest = await world.issues.list(project, { ...ask, cursor: first.next ?? '' });
      expect([rest.data.map(({ id }) => id), rest.next]).toEqual([ids.slice(2), null]);
      await world.issues.change(ada, ids[0] ?? '', { state: { to: 'resolved', resolution: { versions: null } } });
      const open = await world.issues.list(project, { ...ask, limit: 9, state: 'open', signal: 'error' });
      expect(open.data.map(({ id }) => id)).toEqual(ids.slice(1));
      await expect(world.issues.list(project, { limit: 2, cursor: 'none' })).rejects.toMatchObject({
        code: 'invalid_request',
      });
      expect(await world.issues.blocker(project, 'paged')).toBeNull();
    });
  });
}
