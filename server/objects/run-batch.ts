import {
  type BatchStore,
  type BlobStore,
  type CancelSignal,
  type FileStore,
  type JobQueue,
  type Steps,
  workInSteps,
} from '@wheelhouse/core/ports';
import {
  type Batch,
  type BatchId,
  type Caller,
  type FileId,
  nanosToMs,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { callLine, type LineDeps } from './call-line.ts';
import { checkBatch } from './check-batch.ts';
import { blobOf } from './object-bodies.ts';
import { readLines } from './read-lines.ts';

export type BatchDeps = LineDeps & {
  batches: BatchStore;
  files: FileStore;
  blobs: BlobStore;
  jobs: JobQueue;
  log: { error(details: object, message: string): void };
  /** Lines that are called, written and counted together: after a kill no more than these are called again. */
  partLines?: number;
};

export const batchQueue = 'batches';
export type BatchJob = { by: Caller; id: BatchId };
type Going = Batch & { parts: number };

const callsAtOnce = 8;
const isEnded = ({ status }: Batch) => ['completed', 'failed', 'expired', 'cancelled'].includes(status);
const partOf = (project: ProjectId, id: BatchId, part: number, kind: 'output' | 'errors') =>
  `${project}/batches/${id}/${part}.${kind}`;

/** What one hold of the job goes on with from part to part. */
type Hold = { job: BatchJob; signal: CancelSignal; lines: Lines | null };

async function* one(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield Buffer.from(text);
}

async function* joined(blobs: BlobStore, names: string[]): AsyncGenerator<Uint8Array> {
  for (const name of names) yield* (await blobs.get(name)) ?? [];
}

/** Lines that are not empty, some at a time, from a place on. */
async function openLines(content: AsyncIterable<Uint8Array>, from: number) {
  const lines = readLines(content)[Symbol.asyncIterator]();
  async function next(): Promise<string | null> {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) return null;
      if (value.trim() !== '') return value;
    }
  }
  for (let i = 0; i < from; i++) await next();
  return {
    async take(count: number): Promise<string[]> {
      const taken: string[] = [];
      for (let line = await next(); line !== null; line = taken.length < count ? await next() : null) taken.push(line);
      return taken;
    },
    close: async () => void (await lines.return?.(undefined)),
  };
}

type Lines = Awaited<ReturnType<typeof openLines>>;

/** Does the work for each, a few at once, and keeps the order. */
async function mapSome<In, Out>(items: In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as In);
  };
  await Promise.all(Array.from({ length: Math.min(callsAtOnce, items.length) }, worker));
  return results;
}

/** One file out of the parts; null when they are empty. The id follows from the batch, so that it is made once. */
async function joinParts(
  { blobs, files }: Pick<BatchDeps, 'blobs' | 'files'>,
  by: Caller,
  { batch, kind }: { batch: Going; kind: 'output' | 'errors' },
): Promise<FileId | null> {
  const names = Array.from({ length: batch.parts }, (_, part) => partOf(by.project, batch.id, part, kind));
  const id = batch.id.replace('batch_', `file_${kind}_`) as FileId;
  const { bytes, sha256 } = await blobs.put(blobOf(by.project, id), joined(blobs, names));
  if (bytes === 0) {
    await blobs.remove(blobOf(by.project, id));
    return null;
  }
  const name = `${batch.id}_${kind}.jsonl`;
  await files.create(by, { id, name, purpose: 'batch_output', bytes, sha256, expiresAt: null });
  return id;
}

/** Gives out what was answered, and forgets the parts. */
async function finish(deps: BatchDeps, { by, id }: BatchJob, batch: Going): Promise<void> {
  const { batches, blobs, clock } = deps;
  await batches.finalize(by.project, id);
  const outputFileId = await joinParts(deps, by, { batch, kind: 'output' });
  const errorFileId = await joinParts(deps, by, { batch, kind: 'errors' });
  const late = nanosToMs(clock.now()) >= Date.parse(batch.expiresAt);
  const status = batch.status === 'cancelling' ? 'cancelled' : late ? 'expired' : 'completed';
  await batches.end(by, id, { status, outputFileId, errorFileId });
  for (let part = 0; part < batch.parts; part++)
    for (const kind of ['output', 'errors'] as const) await blobs.remove(partOf(by.project, id, part, kind));
}

/** Makes the calls of batches as jobs; a batch that a kill cut off goes on where its last part was written. */
export async function startBatchWorker(deps: BatchDeps): Promise<void> {
  const { batches, blobs, partLines = 64 } = deps;

  async function inputOf(by: Caller, batch: Batch): Promise<AsyncIterable<Uint8Array>> {
    const content = await blobs.get(blobOf(by.project, batch.inputFileId));
    if (content) return content;
    throw new WheelhouseError('not_found', `The input file ${batch.inputFileId} is gone.`);
  }

  async function validate(by: Caller, batch: Batch): Promise<void> {
    const { total, problems } = await checkBatch(await inputOf(by, batch), batch.endpoint);
    if (problems.length > 0) await batches.end(by, batch.id, { status: 'failed', problems });
    else await batches.start(by.project, batch.id, total);
  }

  async function callPart(hold: Hold, batch: Going): Promise<void> {
    const { by, id } = hold.job;
    const { signal } = hold;
    hold.lines ??= await openLines(await inputOf(by, batch), batch.parts * partLines);
    const texts = await hold.lines.take(partLines);
    const rows = await mapSome(texts, (text) => callLine(deps, { by, batch, text, signal }));
    if (signal.aborted) throw signal.reason;
    const of = (ok: boolean) => rows.filter((row) => row.ok === ok);
    const text = (ok: boolean) =>
      of(ok)
        .map((row) => row.text)
        .join('');
    await blobs.put(partOf(by.project, id, batch.parts, 'output'), one(text(true)));
    await blobs.put(partOf(by.project, id, batch.parts, 'errors'), one(text(false)));
    await batches.advance(by.project, id, {
      parts: batch.parts + 1,
      completed: batch.completed + of(true).length,
      failed: batch.failed + of(false).length,
    });
  }

  /** false when there is nothing more to do. */
  async function step(hold: Hold): Promise<boolean> {
    const { job } = hold;
    const batch = await batches.get(job.by.project, job.id);
    if (!batch || isEnded(batch)) return false;
    const isDone = batch.completed + batch.failed >= batch.total;
    if (batch.status === 'validating') await validate(job.by, batch);
    else if (batch.status === 'in_progress' && !isDone) await callPart(hold, batch);
    else await finish(deps, job, batch);
    return true;
  }

  function begin(job: BatchJob, signal: CancelSignal): Steps {
    const hold: Hold = { job, signal, lines: null };
    return { step: () => step(hold), close: async () => hold.lines?.close() };
  }

  async function givenUp(payload: object): Promise<void> {
    const { by, id } = payload as BatchJob;
    deps.log.error({ batch: id }, 'a batch was given up');
    const message = "It failed several times in a row; the server's log says why.";
    await batches.end(by, id, { status: 'failed', problems: [{ code: 'internal', message, param: null, line: null }] });
  }

  await workInSteps<BatchJob>(deps, { queue: batchQueue, begin, givenUp });
}
