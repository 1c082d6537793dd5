import {
  type Attachment,
  isJsonObject,
  type Json,
  type JsonObject,
  type ProjectId,
  type Span,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { appendSplitCalls } from '../price-split-calls.ts';
import { type DoorAnswer, type DoorDeps, type DoorRequest, objectBody } from '../vendor-door.ts';
import { Unreadable } from '../vendor-values.ts';
import type { FeedbackRoutes } from './feedback-routes.ts';
import { readMultipart } from './multipart.ts';
import { moveFeedback, traceOfRun } from './place-feedback.ts';
import { type AttachedFile, readParts } from './read-parts.ts';
import { readRun } from './read-run.ts';

const source = 'langsmith';

type DescribedFile = AttachedFile & { attachment: Attachment };
type Batch = { project: ProjectId; runs: { id: string; span: Span; files: DescribedFile[] }[]; errors: string[] };

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** A batch of which nothing could be read is refused, so that its sender hears of it. */
function accepted(batch: Batch, others: number): DoorAnswer {
  const { errors, runs } = batch;
  if (errors.length > 0 && runs.length + others === 0) return { status: 422, body: { detail: errors.join(' ') } };
  return { status: 202, body: { message: 'Runs batch ingested', ...(errors.length > 0 ? { errors } : {}) } };
}

/** The part of LangSmith's API that takes runs. */
export function createRunRoutes(deps: DoorDeps, feedback: Pick<FeedbackRoutes, 'take' | 'tell'>) {
  function refuse(batch: Batch, cause: Unreadable, refused: JsonObject | null): void {
    batch.errors.push(cause.message);
    const body = Buffer.from(JSON.stringify(refused));
    const letter = { path: '/langsmith/runs/batch', contentType: 'application/json', body };
    const rejected = { project: batch.project, source, reason: cause.reason, sample: cause.message };
    deps.ledger.reject(refused ? { ...rejected, letter } : rejected);
  }

  function addRun(batch: Batch, run: Json, method: 'post' | 'patch', files: AttachedFile[] = []): void {
    try {
      if (!isJsonObject(run)) throw new Unreadable('no object', 'A run is an object.');
      const described = files.map((file) => ({
        ...file,
        attachment: deps.attachments.describe(file.content, file.type),
      }));
      const told = described.map(({ name, attachment: { id, type, bytes } }) => ({ id, name, type, bytes }));
      const whole = told.length === 0 ? run : { ...run, attachments: told };
      batch.runs.push({
        id: typeof run.id === 'string' ? run.id : JSON.stringify(run.id ?? null),
        span: readRun(whole, { project: batch.project, patchedNs: method === 'patch' ? deps.clock.now() : null }),
        files: described,
      });
    } catch (cause) {
      if (!(cause instanceof Unreadable)) throw cause;
      refuse(batch, cause, { [method]: [run] });
    }
  }

  /** A file that cannot be kept is in the ledger, and takes nothing else with it. */
  async function keepFiles({ project, runs, errors }: Batch): Promise<void> {
    for (const { span, files } of runs)
      for (const { name, attachment, content } of files) {
        const place = { traceId: span.traceId, spanId: span.spanId, name };
        try {
          await deps.attachments.keep(project, { attachment, content, place }, source);
        } catch (error) {
          if (!(error instanceof WheelhouseError) || error.retryable) throw error;
          errors.push(error.message);
        }
      }
  }

  /** Its files are there before a span says so. */
  async function storeRuns(batch: Batch): Promise<void> {
    await keepFiles(batch);
    await appendSplitCalls(
      deps,
      batch.runs.map(({ span }) => span),
      source,
    );
    feedback.tell(batch.project, await moveFeedback(deps, batch.project, batch.runs));
  }

  /** How many runs an unreadable request held is unknown, and none would hide it. */
  async function reading<T>(project: ProjectId, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof WheelhouseError)
        deps.ledger.reject({ project, source, reason: error.code, sample: error.message });
      throw error;
    }
  }

  async function multipart(request: DoorRequest): Promise<DoorAnswer> {
    const { project } = request.by;
    const parts = await reading(project, async () =>
      readParts(readMultipart(await request.body(), request.headers['content-type'] ?? '')),
    );
    const batch: Batch = { project, runs: [], errors: [] };
    for (const { cause, method, run } of parts.refused) refuse(batch, cause, run && { [method]: [run] });
    for (const { method, run, files } of parts.runs) addRun(batch, run, method, files);
    await storeRuns(batch);
    let judged = 0;
    for (const body of parts.feedback)
      try {
        await feedback.take(body, project);
        judged++;
      } catch (cause) {
        if (!(cause instanceof Unreadable)) throw cause;
        batch.errors.push(cause.message);
      }
    return accepted(batch, judged);
  }

  async function batch(request: DoorRequest): Promise<DoorAnswer> {
    const body = await reading(request.by.project, () => objectBody(request));
    const { project } = request.by;
    const batch: Batch = { project, runs: [], errors: [] };
    for (const method of ['post', 'patch'] as const) for (const run of listOf(body[method])) addRun(batch, run, method);
    await storeRuns(batch);
    return accepted(batch, 0);
  }

  /** One run, or a patch of one, which may leave out where it is. */
  async function one(request: DoorRequest, patched: string | null): Promise<DoorAnswer> {
    const { project } = request.by;
    const body = await reading(request.by.project, () => objectBody(request));
    const isLost = patched !== null && body.trace_id === undefined && body.dotted_order === undefined;
    const trace = isLost ? await traceOfRun(deps.finder, project, patched) : null;
    const run = {
      ...body,
      ...(patched === null ? {} : { id: patched }),
      ...(trace === null ? {} : { trace_id: trace }),
    };
    const batch: Batch = { project, runs: [], errors: [] };
    addRun(batch, run, patched === null ? 'post' : 'patch');
    await storeRuns(batch);
    return accepted(batch, 0);
  }

  return { multipart, batch, one };
}
