import { type Handlers, pageBelow, type RepricingBody } from '@wheelhouse/core/contract';
import {
  type CallCosts,
  type Clock,
  type JobQueue,
  type PricedCall,
  type PriceReader,
  type Random,
  type RepricingStore,
  type SpanStore,
  workInSteps,
} from '@wheelhouse/core/ports';
import {
  idRandomBytes,
  nanosToMs,
  newId,
  type Period,
  type ProjectId,
  parseSpanId,
  parseTraceId,
  type Repricing,
  type RepricingProgress,
  type Span,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { costFragment, costOfCall } from '@wheelhouse/core/trace';

export type RepricingDeps = {
  store: RepricingStore;
  costs: CallCosts;
  spans: Pick<SpanStore, 'append'>;
  prices: PriceReader;
  jobs: JobQueue;
  clock: Clock;
  random: Random;
  log: { error(details: object, message: string): void };
  pageSize?: number;
};

const queue = 'repricing';
type Job = { project: ProjectId; repricingId: string };

const sampleSize = 1_000;
/** The place after the last call. */
const end = 'end';

const isEnded = ({ status }: Repricing) => status !== 'queued' && status !== 'running';

/** What a call costs now, and what it will cost after. */
function priced(project: ProjectId, call: PricedCall, prices: PriceReader) {
  const cost = costOfCall({ ...call, projectId: project }, prices);
  const before = call.costNanoUsd;
  const after = cost?.totalNanoUsd ?? before;
  return { cost, before, after, changed: cost !== null && cost.totalNanoUsd !== before };
}

/** One page of calls: the fragments with new figures, and how far that is. */
function repricePage(
  { project, prices }: { project: ProjectId; prices: PriceReader },
  { number, progress }: Repricing,
  page: Awaited<ReturnType<CallCosts['page']>>,
): { fragments: Span[]; progress: RepricingProgress } {
  const next = { ...progress, after: page.next ?? end };
  const fragments: Span[] = [];
  for (const call of page.calls) {
    const { cost, before, after, changed } = priced(project, call, prices);
    next.done++;
    next.beforeNanoUsd += before ?? 0n;
    next.afterNanoUsd += after ?? 0n;
    if (cost === null) next.unpriced++;
    if (cost === null || !changed) continue;
    next.changed++;
    fragments.push(costFragment({ ...call, projectId: project }, { ...cost, revision: number }));
  }
  return { fragments, progress: next };
}

/**
 * Prices the calls of a period again, page by page. A new figure is one more fragment of its span, of a higher revision,
 * so that the old one stays readable; a page that is written twice after a kill has the same token and counts once.
 */
export async function startRepricingWorker(deps: RepricingDeps): Promise<void> {
  const { store, costs, prices } = deps;

  /** false when there is nothing more to do. */
  async function step({ project, repricingId: id }: Job): Promise<boolean> {
    const repricing = await store.get(project, id);
    if (!repricing || isEnded(repricing)) return false;
    const { period, number, progress } = repricing;
    if (progress.after === end) {
      await store.finish(id, 'completed');
      return false;
    }
    const place = { after: progress.after, limit: deps.pageSize ?? 1_000, before: number };
    const page = await costs.page(project, period, place);
    const { fragments, progress: next } = repricePage({ project, prices }, repricing, page);
    if (fragments.length > 0) await deps.spans.append(fragments, `${id}-${progress.done}`);
    return store.advance(id, next);
  }

  async function givenUp(payload: object): Promise<void> {
    const { repricingId } = payload as Job;
    deps.log.error({ repricing: repricingId }, 'a re-pricing was given up');
    await store.finish(repricingId, 'failed', "It failed several times in a row; the server's log says why.");
  }

  await workInSteps<Job>(deps, { queue, begin: (job) => ({ step: () => step(job) }), givenUp });
}

function toBody({ period, progress, number, ...repricing }: Repricing): RepricingBody {
  const { after, beforeNanoUsd, afterNanoUsd, ...counts } = progress;
  return {
    ...repricing,
    ...period,
    ...counts,
    revision: number,
    beforeNanoUsd: String(beforeNanoUsd),
    afterNanoUsd: String(afterNanoUsd),
  };
}

type Ids =
  | 'estimateRepricing'
  | 'listRepricings'
  | 'createRepricing'
  | 'getRepricing'
  | 'cancelRepricing'
  | 'listSpanCosts';

/** Re-pricing: what it would change, then the job. */
export function createRepricingHandlers(deps: RepricingDeps): Handlers<Ids> {
  const { store, costs } = deps;
  const periodOf = (body: {
    from: string;
    until: string;
    provider?: string | undefined;
    model?: string | undefined;
  }): Period => ({
    from: body.from,
    until: body.until,
    provider: body.provider ?? null,
    model: body.model ?? null,
  });
  return {
    async estimateRepricing({ by, body }) {
      const period = periodOf(body);
      const [totals, sample] = await Promise.all([
        costs.totals(by.project, period),
        costs.sample(by.project, period, sampleSize),
      ]);
      let [before, after, changed] = [0n, 0n, 0];
      for (const call of sample) {
        const figure = priced(by.project, call, deps.prices);
        before += figure.before ?? 0n;
        after += figure.after ?? 0n;
        if (figure.changed) changed++;
      }
      return {
        calls: totals.calls,
        unpriced: totals.unpriced,
        beforeNanoUsd: totals.costNanoUsd === null ? null : String(totals.costNanoUsd),
        sampled: sample.length,
        sampleBeforeNanoUsd: String(before),
        sampleAfterNanoUsd: String(after),
        sampleChanged: changed,
      };
    },
    listRepricings: ({ by, query }) => pageBelow(query, (page) => store.list(by.project, page), toBody),
    async createRepricing({ by, body }) {
      const period = periodOf(body);
      const { calls } = await costs.totals(by.project, period);
      const id = newId('rp', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
      const repricing = await store.create(by, { id, period, total: calls });
      await deps.jobs.enqueue(queue, { project: by.project, repricingId: id } satisfies Job);
      return toBody(repricing);
    },
    async getRepricing({ by, params }) {
      const repricing = await store.get(by.project, params.repricingId);
      if (!repricing) throw new WheelhouseError('not_found', `There is no re-pricing ${params.repricingId}.`);
      return toBody(repricing);
    },
    cancelRepricing: async ({ by, params }) => toBody(await store.cancel(by, params.repricingId)),
    async listSpanCosts({ by, params }) {
      const [trace, span] = [parseTraceId(params.traceId), parseSpanId(params.spanId)];
      const figures = trace && span ? await costs.history(by.project, trace, span) : [];
      return {
        data: figures.map(({ revision = 0, totalNanoUsd, byBucket, priceId, writtenAt }) => ({
          revision,
          totalNanoUsd: String(totalNanoUsd),
          byBucket: Object.fromEntries(Object.entries(byBucket).map(([bucket, nano]) => [bucket, String(nano)])),
          priceId,
          writtenAt,
        })),
      };
    },
  };
}
