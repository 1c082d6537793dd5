import { type Handlers, pageBelow, type RenormalizationBody } from '@wheelhouse/core/contract';
import {
  type Clock,
  type JobQueue,
  type PriceReader,
  type Random,
  type RenormalizationStore,
  type SpanFragments,
  type SpanStore,
  workInSteps,
} from '@wheelhouse/core/ports';
import {
  idRandomBytes,
  nanosToMs,
  newId,
  type ProjectId,
  type Renormalization,
  type Span,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { exportedDialects, normalizer, priceSpan, renormalizeSpan } from '@wheelhouse/core/trace';

export type RenormalizeDeps = {
  store: RenormalizationStore;
  fragments: SpanFragments;
  spans: Pick<SpanStore, 'append'>;
  prices: PriceReader;
  jobs: JobQueue;
  clock: Clock;
  random: Random;
  log: { error(details: object, message: string): void };
  pageSize?: number;
};

const queue = 'renormalization';
type Job = { project: ProjectId; id: string };

/** The place after the last fragment. */
const end = 'end';
/** When `from` is left out: before every span. */
const beginning = '1970-01-01T00:00:00.000Z';

const newTaskId = ({ clock, random }: RenormalizeDeps) =>
  newId('rn', nanosToMs(clock.now()), random.bytes(idRandomBytes));

const isEnded = ({ status }: Renormalization) => status !== 'queued' && status !== 'running';
const staleOf = ({ from, until, normalizer: version }: Pick<Renormalization, 'from' | 'until' | 'normalizer'>) => ({
  ...{ from, until, normalizer: version },
  dialects: exportedDialects,
});

/** What its cost depends on; the newest price counts where that changed. */
const billed = ({ provider, requestModel, responseModel, usage }: Span): string =>
  JSON.stringify([provider, requestModel, responseModel, usage]);

/** The fragment as it is read today. */
export function readAnew(fragment: Span, prices: PriceReader): Span {
  const read = renormalizeSpan(fragment);
  const priced = billed(read) === billed(fragment) ? read : priceSpan({ ...read, cost: null }, prices);
  return { ...priced, readAnew: true };
}

/**
 * Reads stored spans again, page by page. What is read is one more fragment, which counts in place of the one that an
 * older normaliser made, so that nothing is rewritten; a page that is done twice after a kill comes to the same.
 */
export async function startRenormalizationWorker(deps: RenormalizeDeps): Promise<void> {
  const { store } = deps;

  /** false when there is nothing more to do. */
  async function step({ project, id }: Job): Promise<boolean> {
    const task = await store.get(project, id);
    if (!task || isEnded(task)) return false;
    const { progress } = task;
    if (progress.after === end) {
      await store.finish(id, 'completed');
      return false;
    }
    const place = { after: progress.after, limit: deps.pageSize ?? 200 };
    const page = await deps.fragments.page(project, staleOf(task), place);
    const anew = page.fragments.map((fragment) => readAnew(fragment, deps.prices));
    // After a kill a page holds what is left of it: the same fragments never come twice, so no token stands for them.
    await deps.spans.append(anew, newTaskId(deps));
    return store.advance(id, {
      done: progress.done + anew.length,
      changed: progress.changed + page.fragments.filter((old, i) => differs(old, anew[i] ?? old)).length,
      after: page.next ?? end,
    });
  }

  async function givenUp(payload: object): Promise<void> {
    const { id } = payload as Job;
    deps.log.error({ renormalization: id }, 'a renormalization was given up');
    await store.finish(id, 'failed', "It failed several times in a row; the server's log says why.");
  }

  await workInSteps<Job>(deps, { queue, begin: (job) => ({ step: () => step(job) }), givenUp });
}

const plain = ({ normalizer: _, readAnew: __, ...span }: Span): string =>
  JSON.stringify(span, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
const differs = (old: Span, anew: Span): boolean => {
  const keys = Object.keys(anew).sort();
  const inOrder = (span: Span) => Object.fromEntries(keys.map((key) => [key, span[key as keyof Span]])) as Span;
  return plain(inOrder(old)) !== plain(inOrder(anew));
};

function toBody({ progress: { after: _, ...counts }, ...task }: Renormalization): RenormalizationBody {
  return { ...task, ...counts };
}

type Ids = 'listRenormalizations' | 'createRenormalization' | 'getRenormalization' | 'cancelRenormalization';

/** Reading stored spans again: asked for here, done by {@link startRenormalizationWorker}. */
export function createRenormalizationHandlers(deps: RenormalizeDeps): Handlers<Ids> {
  const { store } = deps;
  return {
    listRenormalizations: ({ by, query }) => pageBelow(query, (page) => store.list(by.project, page), toBody),

    async createRenormalization({ by, body }) {
      const nowMs = nanosToMs(deps.clock.now());
      const period = {
        from: body.from ?? beginning,
        until: body.until ?? new Date(nowMs + 1).toISOString(),
        normalizer,
      };
      const total = await deps.fragments.count(by.project, staleOf(period));
      const id = newTaskId(deps);
      const task = await store.create(by, { id, ...period, total });
      await deps.jobs.enqueue(queue, { project: by.project, id } satisfies Job);
      return toBody(task);
    },

    async getRenormalization({ by, params }) {
      const task = await store.get(by.project, params.renormalizationId);
      if (!task)
        throw new WheelhouseError(
          'not_found',
          `There is no renormalization \`${params.renormalizationId.slice(0, 80)}\`.`,
          { hint: 'GET /api/v1/renormalizations lists what was asked for.' },
        );
      return toBody(task);
    },

    cancelRenormalization: async ({ by, params }) => toBody(await store.cancel(by, params.renormalizationId)),
  };
}
