import type { AuditStore, CommentStore } from '@wheelhouse/core/ports';
import {
  type CommentId,
  contentHash,
  defaultProjectId,
  type LineageRef,
  type ProjectId,
  type TraceId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { comments: CommentStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
let count = 0;

/** What every {@link CommentStore} does. */
export function commentStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`comment store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const newId = () => `cm_${name}_${++count}` as CommentId;
    const subject = () => `version:bot-${++count}@1` as LineageRef;
    const write = (on: LineageRef, text: string, mentions: string[] = []) =>
      world.comments.write(by, { id: newId(), on, text, mentions });

    it('keeps what was written, and the hash of what it was in the audit log', async () => {
      const on = subject();
      const marker = await newestId(world.audit);
      const written = await write(on, 'Too terse, @bob', ['bob']);
      expect(written).toEqual({
        ...{ id: written.id, on, text: 'Too terse, @bob', mentions: ['bob'], author: 'ada', changedAt: null },
        createdAt: new Date(written.createdAt).toISOString(),
      });
      expect(await world.comments.get(project, written.id)).toEqual(written);
      const changed = await world.comments.change(by, written.id, { text: 'Fine', mentions: [] });
      expect(changed).toEqual({ ...written, text: 'Fine', mentions: [], changedAt: expect.any(String) });
      expect(await world.comments.change(by, written.id, { text: 'Fine', mentions: [] })).toEqual(changed);
      expect(await world.comments.remove({ ...by, project: 'elsewhere' as ProjectId }, written.id)).toBe(false);
      expect(await world.comments.remove(by, written.id)).toBe(true);
      expect(await world.comments.remove(by, written.id)).toBe(false);
      expect(await world.comments.get(project, written.id)).toBeNull();
      const { id } = written;
      const [terse, fine] = ['Too terse, @bob', 'Fine'].map((text) => ({ hash: contentHash(text) }));
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        { action: 'comment.write', subject: on, detail: { id, before: null, after: terse } },
        { action: 'comment.change', detail: { id, before: terse, after: fine } },
        { action: 'comment.remove', detail: { id, before: { ...fine, author: 'ada' }, after: null } },
      ]);
      const gone = world.comments.change(by, id, { text: 'x', mentions: [] });
      await expect(gone).rejects.toMatchObject({ code: 'not_found' });
    });

    it('erases what stands on traces and their spans, and nothing else', async () => {
      const [gone, other] = ['ab', 'cd'].map((byte) => byte.repeat(16)) as [TraceId, TraceId];
      await write(`trace:${gone}`, 'on the trace');
      await write(`span:${gone}/${'01'.repeat(8)}`, 'on a span');
      const kept = await write(`span:${other}/${'01'.repeat(8)}`, 'elsewhere');
      await world.comments.eraseOn('elsewhere' as ProjectId, [other]);
      for (let times = 0; times < 2; times++) await world.comments.eraseOn(project, [gone]);
      const { data } = await world.comments.list(project, { limit: 100 });
      expect(data.filter(({ on }) => on.includes(gone))).toEqual([]);
      expect(data).toContainEqual(kept);
    });

    it('lists by subject and by whom they call, newest first, page by page', async () => {
      const [one, other] = [subject(), subject()];
      const caller = `eve-${++count}`;
      const first = await write(one, 'a', [caller, 'bob']);
      const second = await write(other, 'b', [`${caller}@example.com`]);
      const third = await write(one, 'c');
      const ids = async (filter: object) =>
        (await world.comments.list(project, { limit: 10, ...filter })).data.map(({ id }) => id);
      expect(await ids({ on: one })).toEqual([third.id, first.id]);
      expect(await ids({ mentioning: [caller] })).toEqual([first.id]);
      expect(await ids({ mentioning: [caller, `${caller}@example.com`] })).toEqual([second.id, first.id]);
      expect(await ids({ on: other, mentioning: ['bob'] })).toEqual([]);
      const page = await world.comments.list(project, { limit: 1, on: one });
      expect(page).toMatchObject({ data: [{ id: third.id }], next: third.id });
      const rest = await world.comments.list(project, { limit: 1, on: one, cursor: third.id });
      expect(rest).toMatchObject({ data: [{ id: first.id }], next: null });
      await expect(ids({ cursor: 'nowhere' })).rejects.toMatchObject({ code: 'invalid_request' });
      expect((await world.comments.list('elsewhere' as ProjectId, { limit: 10 })).data).toEqual([]);
    });
  });
}
