import type { Batch, JsonObject, StoredFile } from '@wheelhouse/core/records';

const seconds = (iso: string): number => Math.floor(Date.parse(iso) / 1000);

/** A file as OpenAI describes it; times are seconds since 1970. */
export const fileBody = (file: StoredFile): JsonObject => ({
  id: file.id,
  object: 'file',
  bytes: file.bytes,
  created_at: seconds(file.createdAt),
  ...(file.expiresAt === null ? {} : { expires_at: seconds(file.expiresAt) }),
  filename: file.name,
  purpose: file.purpose,
  status: 'processed',
});

/** A batch as OpenAI describes it. */
export function batchBody(batch: Batch): JsonObject {
  const endedAs = (status: Batch['status']) => (batch.status === status ? batch.endedAt : null);
  const times: Record<string, string | null> = {
    in_progress_at: batch.startedAt,
    finalizing_at: batch.finalizingAt,
    completed_at: endedAs('completed'),
    failed_at: endedAs('failed'),
    expired_at: endedAs('expired'),
    cancelling_at: batch.cancellingAt,
    cancelled_at: endedAs('cancelled'),
  };
  const optional = {
    output_file_id: batch.outputFileId,
    error_file_id: batch.errorFileId,
    ...Object.fromEntries(Object.entries(times).map(([name, iso]) => [name, iso === null ? null : seconds(iso)])),
  };
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    errors: batch.problems.length === 0 ? null : { object: 'list', data: batch.problems },
    input_file_id: batch.inputFileId,
    completion_window: '24h',
    status: batch.status,
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)) as JsonObject),
    created_at: seconds(batch.createdAt),
    expires_at: seconds(batch.expiresAt),
    request_counts: { total: batch.total, completed: batch.completed, failed: batch.failed },
    metadata: Object.keys(batch.metadata).length === 0 ? null : batch.metadata,
  };
}

/** A page of a list that goes on after its last id. */
export const listBody = (rows: JsonObject[], hasMore: boolean): JsonObject => ({
  object: 'list',
  data: rows,
  first_id: rows[0]?.id ?? null,
  last_id: rows.at(-1)?.id ?? null,
  has_more: hasMore,
});

/** Where the bytes of a file are. */
export const blobOf = (project: string, fileId: string): string => `${project}/files/${fileId}`;
