import { type Handlers, pageBelow, type TraceExportBody } from '@wheelhouse/core/contract';
import {
  type BlobStore,
  type Clock,
  type JobQueue,
  type Random,
  type TraceExportStore,
  type TraceQueries,
  type TraceSummary,
  workInSteps,
} from '@wheelhouse/core/ports';
import {
  idRandomBytes,
  nanosToMs,
  newId,
  type ProjectId,
  type TraceExport,
  type TraceExportProgress,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { jsonLines, type StoredExports, type WriterDeps } from './export.ts';
import { readFilter } from './read-filter.ts';

export type ExportJobDeps = WriterDeps & {
  store: TraceExportStore;
  blobs: BlobStore;
  queries: Pick<TraceQueries, 'list' | 'facets'>;
  jobs: JobQueue;
  clock: Clock;
  random: Random;
  log: { error(details: object, message: string): void };
  /** Traces of a part. */
  partTraces?: number;
};

const queue = 'export';
type Job = { project: ProjectId; id: string };

const pageTraces = 100;
/** The place after the last trace. */
const end = 'end';

const isEnded = ({ status }: TraceExport) => status !== 'queued' && status !== 'running';
const partOf = (project: ProjectId, id: string, part: number) => `${project}/exports/${id}/${part}.jsonl`;
const noExport = (id: string) =>
  new WheelhouseError('not_found', `There is no export \`${id.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/exports lists them.',
  });

const encoder = new TextEncoder();
async function* bytesOf(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const line of lines) yield encoder.encode(line);
}

/** Writes the next part, and says how far that is. */
async function writePart(deps: ExportJobDeps, project: ProjectId, made: TraceExport): Promise<TraceExportProgress> {
  const { id, progress } = made;
  const filter = readFilter(made.q);
  let { after } = progress;
  let traces = 0;
  const pages = async function* (): AsyncGenerator<TraceSummary[]> {
    while (after !== end && traces < (deps.partTraces ?? 1_000)) {
      const cursor = after === null ? {} : { cursor: after };
      const page = await deps.queries.list(project, { filter, nowNs: made.nowNs, limit: pageTraces, ...cursor });
      traces += page.data.length;
      if (page.data.length > 0) yield page.data;
      after = page.next ?? end;
    }
  };
  const { bytes } = await deps.blobs.put(
    partOf(project, id, progress.parts),
    bytesOf(jsonLines(deps, project, pages())),
  );
  return { parts: progress.parts + 1, traces: progress.traces + traces, bytes: progress.bytes + bytes, after };
}

/**
 * Writes traces to blobs, part by part, each a number of whole lines. A part counts when it is durable, so that a kill
 * repeats one part at most, under the same name.
 */
export async function startExportWorker(deps: ExportJobDeps): Promise<void> {
  const { store, blobs } = deps;

  /** false when there is nothing more to do. */
  async function step({ project, id }: Job): Promise<boolean> {
    const made = await store.get(project, id);
    if (!made || isEnded(made)) return false;
    if (made.progress.after === end) {
      await store.finish(id, 'completed');
      return false;
    }
    const next = await writePart(deps, project, made);
    if (await store.advance(id, next)) return true;
    // It was stopped meanwhile, and perhaps removed.
    await blobs.remove(partOf(project, id, made.progress.parts));
    return false;
  }

  async function givenUp(payload: object): Promise<void> {
    const { id } = payload as Job;
    deps.log.error({ export: id }, 'an export was given up');
    await store.finish(id, 'failed', "It failed several times in a row; the server's log says why.");
  }

  await workInSteps<Job>(deps, { queue, begin: (job) => ({ step: () => step(job) }), givenUp });
}

/** What an export wrote, for {@link createTraceExport}. */
export function createStoredExports({ store, blobs }: Pick<ExportJobDeps, 'store' | 'blobs'>): StoredExports {
  return async (project, id) => {
    const made = await store.get(project, id);
    if (!made) throw noExport(id);
    if (made.status !== 'completed')
      throw new WheelhouseError('conflict', `The export is ${made.status}; its file is not whole.`, {
        hint: `GET /api/v1/exports/${id} says how far it is.`,
      });
    const parts = async function* () {
      for (let part = 0; part < made.progress.parts; part++) {
        const content = await blobs.get(partOf(project, id, part));
        if (content === null) throw new WheelhouseError('internal', `Part ${part} of the export ${id} is missing.`);
        yield* content;
      }
    };
    return { traces: made.progress.traces, pieces: parts() };
  };
}

function toBody({ progress: { traces, bytes }, nowNs: _, ...made }: TraceExport): TraceExportBody {
  return { ...made, traces, bytes };
}

type Ids = 'listExports' | 'createExport' | 'getExport' | 'cancelExport' | 'removeExport';

/** Exports to the server's disk or bucket: asked for here, done by {@link startExportWorker}. */
export function createExportHandlers(deps: ExportJobDeps): Handlers<Ids> {
  const { store, blobs } = deps;
  return {
    listExports: ({ by, query }) => pageBelow(query, (page) => store.list(by.project, page), toBody),

    async createExport({ by, body: { q } }) {
      const nowNs = deps.clock.now();
      const selection = { filter: readFilter(q), nowNs };
      const { total } = await deps.queries.facets(by.project, { ...selection, fields: [], limit: 1 });
      const id = newId('exp', nanosToMs(nowNs), deps.random.bytes(idRandomBytes));
      const made = await store.create(by, { id, q, nowNs, total });
      await deps.jobs.enqueue(queue, { project: by.project, id } satisfies Job);
      return toBody(made);
    },

    async getExport({ by, params }) {
      const made = await store.get(by.project, params.exportId);
      if (!made) throw noExport(params.exportId);
      return toBody(made);
    },

    async cancelExport({ by, params }) {
      const made = await store.cancel(by, params.exportId);
      if (!made) throw noExport(params.exportId);
      return toBody(made);
    },

    async removeExport({ by, params }) {
      const made = await store.cancel(by, params.exportId);
      if (!made) throw noExport(params.exportId);
      // One more than is counted: a part may have been written that a kill kept from counting.
      for (let part = 0; part <= made.progress.parts; part++) await blobs.remove(partOf(by.project, made.id, part));
      return { removed: await store.remove(by, made.id) };
    },
  };
}
