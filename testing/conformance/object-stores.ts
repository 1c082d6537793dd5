import type { AuditStore, BatchStore, FileStore, ResponseStore } from '@wheelhouse/core/ports';
import { type BatchId, defaultProjectId, type FileId, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = {
  files: FileStore;
  batches: BatchStore;
  responses: ResponseStore;
  audit: AuditStore;
  close(): Promise<void>;
};

const by = { project: defaultProjectId, actor: 'ann' };
const elsewhere = 'elsewhere' as ProjectId;
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
let count = 0;
const fresh = (what: string) => `${what}-${run}-${++count}`;
const sha256 = 'a'.repeat(64);

/** What every {@link FileStore} does. */
export function fileStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`file store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const make = (more: { purpose?: string; expiresAt?: string | null } = {}) =>
      world.files.create(by, {
        ...{
          id: fresh('file') as FileId,
          name: 'rows.jsonl',
          purpose: 'batch',
          bytes: 2 ** 33,
          sha256,
          expiresAt: null,
        },
        ...more,
      });

    it('keeps files, once each, and removes them, with an audit row a change', async () => {
      const marker = await newestId(world.audit);
      const file = await make();
      expect(file).toMatchObject({ bytes: 2 ** 33, purpose: 'batch', expiresAt: null });
      expect(await world.files.create(by, { ...file, name: 'again' })).toEqual(file);
      expect(await world.files.get(defaultProjectId, file.id)).toEqual(file);
      expect(await world.files.get(elsewhere, file.id)).toBeNull();
      expect(await world.files.remove({ ...by, project: elsewhere }, file.id)).toBe(false);
      expect(await world.files.remove(by, file.id)).toBe(true);
      expect(await world.files.remove(by, file.id)).toBe(false);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action }) => action)).toEqual(['file.create', 'file.remove']);
    });

    it('lists page by page, either way, by purpose', async () => {
      const purpose = fresh('purpose');
      const made = [await make({ purpose }), await make({ purpose }), await make({ purpose })].map(({ id }) => id);
      const page = async (query: object) =>
        (await world.files.list(defaultProjectId, { limit: 2, purpose, ...query })).map(({ id }) => id);
      expect(await page({})).toEqual([made[2], made[1]]);
      expect(await page({ after: made[1] })).toEqual([made[0]]);
      expect(await page({ order: 'asc' })).toEqual([made[0], made[1]]);
      expect(await page({ order: 'asc', after: made[1] })).toEqual([made[2]]);
      await expect(page({ after: 'none' })).rejects.toMatchObject({ code: 'invalid_request', param: 'after' });
    });

    it('tells whose time is over', async () => {
      const over = await make({ expiresAt: '2020-01-01T00:00:00.000Z' });
      const later = await make({ expiresAt: '2100-01-01T00:00:00.000Z' });
      const found = await world.files.expired(Date.parse('2020-01-01T00:00:00Z'), 1_000);
      expect(found).toContainEqual({ project: defaultProjectId, id: over.id });
      expect(found.map(({ id }) => id)).not.toContain(later.id);
    });
  });
}

/** What every {@link BatchStore} does. */
export function batchStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`batch store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const project = defaultProjectId;
    const make = () =>
      world.batches.create(by, {
        id: fresh('batch') as BatchId,
        endpoint: '/v1/chat/completions',
        inputFileId: 'file_1' as FileId,
        metadata: { team: 'a' },
        expiresAt: '2100-01-01T00:00:00.000Z',
      });

    it('goes from validating to completed, and stays as it ended', async () => {
      const { id, ...made } = await make();
      expect(made).toMatchObject({ status: 'validating', problems: [], total: 0, requestedBy: 'ann', startedAt: null });
      await world.batches.start(project, id, 3);
      await world.batches.start(project, id, 9);
      await world.batches.advance(project, id, { parts: 1, completed: 2, failed: 1 });
      await world.batches.finalize(project, id);
      expect(await world.batches.get(project, id)).toMatchObject({ status: 'finalizing', total: 3, parts: 1 });
      const outputFileId = 'file_2' as FileId;
      await world.batches.end(by, id, { status: 'completed', outputFileId });
      await world.batches.end(by, id, { status: 'failed' });
      await world.batches.advance(project, id, { parts: 7, completed: 7, failed: 7 });
      const done = await world.batches.get(project, id);
      expect(done).toMatchObject({ status: 'completed', completed: 2, failed: 1, outputFileId, errorFileId: null });
      expect(done?.endedAt).not.toBeNull();
      expect(await world.batches.get(elsewhere, id)).toBeNull();
    });

    it('is cancelled while it goes, and says what was wrong when it failed', async () => {
      const { id } = await make();
      expect(await world.batches.cancel(by, id)).toMatchObject({ status: 'cancelling' });
      await world.batches.start(project, id, 3);
      expect(await world.batches.cancel(by, id)).toMatchObject({ status: 'cancelling' });
      await world.batches.end(by, id, { status: 'cancelled' });
      expect(await world.batches.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      expect(await world.batches.cancel(by, 'none' as BatchId)).toBeNull();
      const other = await make();
      const problems = [{ code: 'invalid_json', message: 'no', param: null, line: 2 }];
      await world.batches.end(by, other.id, { status: 'failed', problems });
      expect(await world.batches.get(project, other.id)).toMatchObject({ status: 'failed', problems });
      const newest = await world.batches.list(project, { limit: 1 });
      expect(newest.map((batch) => batch.id)).toEqual([other.id]);
      const older = await world.batches.list(project, { limit: 1, after: other.id });
      expect(older.map((batch) => batch.id)).toEqual([id]);
    });
  });
}

/** What every {@link ResponseStore} does. */
export function responseStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`response store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const project = defaultProjectId;
    const response = (id: string, expiresAtMs: number) => ({
      ...{ id, body: { id, output: ['ü'] }, input: [{ role: 'user' }], previousId: 'resp_0' },
      ...{ createdAtMs: 1_700_000_000_123, expiresAtMs },
    });

    it('keeps responses of a project until they are removed or over', async () => {
      const [a, b] = [response(fresh('resp'), 1_700_000_001_000), response(fresh('resp'), 4_000_000_000_000)];
      await world.responses.put([
        { project, response: a },
        { project, response: b },
      ]);
      await world.responses.put([{ project, response: { ...b, body: { again: true } } }]);
      await world.responses.put([]);
      expect(await world.responses.get(project, a.id)).toEqual(a);
      expect(await world.responses.get(elsewhere, a.id)).toBeNull();
      await world.responses.expire(1_700_000_001_000);
      expect(await world.responses.get(project, a.id)).toBeNull();
      expect((await world.responses.get(project, b.id))?.body).toEqual({ again: true });
      expect(await world.responses.remove(elsewhere, b.id)).toBe(false);
      expect(await world.responses.remove(project, b.id)).toBe(true);
      expect(await world.responses.remove(project, b.id)).toBe(false);
    });

    it('keeps the request of one that is being made, until it is made', async () => {
      const one = response(fresh('resp'), 4_000_000_000_000);
      const request = JSON.stringify({ input: 'a \u0000 b' });
      await world.responses.begin(project, one, request);
      expect(await world.responses.pending(project, one.id)).toEqual({ response: one, request });
      expect(await world.responses.pending(elsewhere, one.id)).toBeNull();
      const going = { status: 'in_progress' };
      expect(await world.responses.settle(project, one.id, { body: going, made: false })).toBe(true);
      expect(await world.responses.pending(project, one.id)).toEqual({ response: { ...one, body: going }, request });
      const whole = { status: 'completed' };
      expect(await world.responses.settle(elsewhere, one.id, { body: {}, made: true })).toBe(false);
      expect(await world.responses.settle(project, one.id, { body: whole, made: true })).toBe(true);
      expect(await world.responses.settle(project, one.id, { body: {}, made: true })).toBe(false);
      expect(await world.responses.pending(project, one.id)).toBeNull();
      expect((await world.responses.get(project, one.id))?.body).toEqual(whole);
      expect(await world.responses.pending(project, fresh('none'))).toBeNull();
    });
  });
}
