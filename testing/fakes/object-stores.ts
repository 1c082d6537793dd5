import { createHash } from 'node:crypto';
import type { BatchStore, BlobStore, FileStore, ResponseStore, StoredResponse } from '@wheelhouse/core/ports';
import { type Batch, type BatchId, type ProjectId, type StoredFile, WheelhouseError } from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

/** What stands behind the row of that id, or everything; the list is in its own order. */
function after<Row extends { id: string }>(rows: Row[], id: string | undefined): Row[] {
  if (id === undefined) return rows;
  const place = rows.findIndex((row) => row.id === id);
  if (place === -1)
    throw new WheelhouseError('invalid_request', `\`${id}\` is no place in the list.`, { param: 'after' });
  return rows.slice(place + 1);
}

export function fakeBlobStore(): BlobStore {
  const blobs = new Map<string, Buffer>();
  return {
    async put(name, content) {
      const all: Uint8Array[] = [];
      for await (const chunk of content) all.push(chunk);
      const bytes = Buffer.concat(all);
      blobs.set(name, bytes);
      return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    },
    async get(name) {
      const found = blobs.get(name);
      if (!found) return null;
      return (async function* () {
        yield found;
      })();
    },
    remove: async (name) => void blobs.delete(name),
    async removeAll(folder) {
      for (const name of [...blobs.keys()]) if (name.startsWith(`${folder}/`)) blobs.delete(name);
    },
  };
}

export function fakeFileStore(audit: FakeAuditStore): FileStore {
  const files: (StoredFile & { project: ProjectId })[] = [];
  const bare = ({ project: _, ...file }: StoredFile & { project: ProjectId }): StoredFile => file;
  const find = (project: ProjectId, id: string) => files.find((file) => file.project === project && file.id === id);
  return {
    async create(by, file) {
      const before = find(by.project, file.id);
      if (before) return bare(before);
      const made = { ...file, createdAt: audit.now(), project: by.project };
      files.push(made);
      audit.record(by, {
        action: 'file.create',
        subject: file.id,
        detail: { name: file.name, purpose: file.purpose, bytes: file.bytes },
      });
      return bare(made);
    },
    async get(project, id) {
      const found = find(project, id);
      return found ? bare(found) : null;
    },
    async list(project, page) {
      const own = files.filter((file) => file.project === project);
      const ordered = page.order === 'asc' ? own : own.reverse();
      return after(ordered, page.after)
        .filter(({ purpose }) => page.purpose === undefined || purpose === page.purpose)
        .slice(0, page.limit)
        .map(bare);
    },
    async remove(by, id) {
      const found = find(by.project, id);
      if (!found) return false;
      files.splice(files.indexOf(found), 1);
      audit.record(by, { action: 'file.remove', subject: id, detail: { name: found.name, purpose: found.purpose } });
      return true;
    },
    expired: async (nowMs, limit) =>
      files
        .filter(({ expiresAt }) => expiresAt !== null && Date.parse(expiresAt) <= nowMs)
        .slice(0, limit)
        .map(({ project, id }) => ({ project, id })),
  };
}

type Row = Batch & { parts: number; project: ProjectId };

export function fakeBatchStore(audit: FakeAuditStore): BatchStore {
  const batches: Row[] = [];
  const bare = ({ project: _, parts: __, ...batch }: Row): Batch => batch;
  const find = (project: ProjectId, id: BatchId) => batches.find((row) => row.project === project && row.id === id);
  const going = (row: Row | undefined, among = ['validating', 'in_progress', 'finalizing', 'cancelling']) =>
    row && among.includes(row.status) ? row : null;
  const change = (row: Row | null, values: Partial<Row>) => void (row && Object.assign(row, values));
  return {
    async create(by, batch) {
      const row: Row = {
        ...batch,
        ...{ outputFileId: null, errorFileId: null, status: 'validating', problems: [], parts: 0 },
        ...{ total: 0, completed: 0, failed: 0, requestedBy: by.actor, createdAt: audit.now(), startedAt: null },
        ...{ finalizingAt: null, endedAt: null, cancellingAt: null, project: by.project },
      };
      batches.push(row);
      audit.record(by, {
        action: 'batch.create',
        subject: batch.id,
        detail: { endpoint: batch.endpoint, inputFile: batch.inputFileId },
      });
      return bare(row);
    },
    async get(project, id) {
      const found = find(project, id);
      return found ? { ...bare(found), parts: found.parts } : null;
    },
    list: async (project, page) =>
      after(batches.filter((row) => row.project === project).reverse(), page.after)
        .slice(0, page.limit)
        .map(bare),
    start: async (project, id, total) =>
      change(going(find(project, id), ['validating']), { status: 'in_progress', total, startedAt: audit.now() }),
    advance: async (project, id, progress) => change(going(find(project, id)), progress),
    finalize: async (project, id) =>
      change(going(find(project, id), ['in_progress']), { status: 'finalizing', finalizingAt: audit.now() }),
    async end(by, id, { status, problems = [], outputFileId = null, errorFileId = null }) {
      const row = going(find(by.project, id));
      if (!row) return;
      change(row, { status, problems, outputFileId, errorFileId, endedAt: audit.now() });
      audit.record(by, {
        action: `batch.${status}`,
        subject: id,
        detail: { completed: row.completed, failed: row.failed },
      });
    },
    async cancel(by, id) {
      const row = find(by.project, id);
      if (going(row, ['validating', 'in_progress'])) {
        change(row ?? null, { status: 'cancelling', cancellingAt: audit.now() });
        audit.record(by, { action: 'batch.cancel', subject: id, detail: {} });
      }
      return row ? bare(row) : null;
    },
  };
}

export function fakeResponseStore(): ResponseStore {
  const responses = new Map<string, StoredResponse>();
  const requests = new Map<string, string>();
  const key = (project: ProjectId, id: string) => `${project} ${id}`;
  return {
    async put(records) {
      for (const { project, response } of records) responses.set(key(project, response.id), response);
    },
    get: async (project, id) => responses.get(key(project, id)) ?? null,
    async begin(project, response, request) {
      responses.set(key(project, response.id), response);
      requests.set(key(project, response.id), request);
    },
    async pending(project, id) {
      const [response, request] = [responses.get(key(project, id)), requests.get(key(project, id))];
      return response === undefined || request === undefined ? null : { response, request };
    },
    async settle(project, id, { body, made }) {
      const response = responses.get(key(project, id));
      if (response === undefined || !requests.has(key(project, id))) return false;
      responses.set(key(project, id), { ...response, body });
      if (made) requests.delete(key(project, id));
      return true;
    },
    remove: async (project, id) => responses.delete(key(project, id)),
    async expire(nowMs) {
      for (const [name, { expiresAtMs }] of responses) if (expiresAtMs <= nowMs) responses.delete(name);
    },
  };
}
