import type {
  AnswerCache,
  CacheAsk,
  CachedAnswer,
  CachePlan,
  Clock,
  PriceReader,
  Random,
  SpanSink,
} from '@wheelhouse/core/ports';
import { newSpanId, newTraceId, parseTraceparent, type Span } from '@wheelhouse/core/records';
import { AnswerCopy } from './answer-copy.ts';
import type { CallInput } from './call.ts';
import { type CallFacts, recordingOf } from './call-span.ts';
import type { Metrics } from './metrics.ts';
import type { Head, Outlet, Running } from './outlet.ts';

export type CacheDeps = {
  sink: SpanSink;
  prices: PriceReader;
  metrics: Metrics;
  clock: Clock;
  random: Random;
  nowMs(): number;
};

const traceHeader = 'x-wheelhouse-trace-id';
const cacheHeader = 'x-wheelhouse-cache';

/** What of a call its answer depends on. */
export function cacheAsk({ task, by, control }: CallInput): CacheAsk {
  const { target, asked, streamed } = task;
  return {
    by,
    model: target.ref,
    route: target.route.name,
    targets: target.route.targets.map(({ ref }) => ref),
    version: target.version?.hash ?? null,
    dialect: asked.dialect ?? task.operation,
    streamed,
    body: asked.body,
    wish: control.cache,
  };
}

/** What a vendor held back for its content it may say the next time. */
const heldBack = /filter|refus|safety|block|prohibit|recitation|guardrail/i;
const isWhole = ({ status, finishReasons }: Span): boolean =>
  status === 'ok' && !finishReasons.some((reason) => heldBack.test(reason));

/** Keeps a copy of a good answer on its way. */
class Keeping implements Outlet {
  readonly #outlet: Outlet;
  readonly #keep: (answer: Omit<CachedAnswer, 'storedAtMs'>) => void;
  readonly #copy = new AnswerCopy();
  #head: Head | null = null;
  #ended = false;

  constructor(outlet: Outlet, keep: (answer: Omit<CachedAnswer, 'storedAtMs'>) => void) {
    this.#outlet = outlet;
    this.#keep = keep;
  }

  start(head: Head): void {
    this.#head = head;
    this.#outlet.start({ ...head, own: { ...head.own, [cacheHeader]: 'miss' } });
  }

  write(chunk: Buffer): boolean {
    this.#copy.add(chunk);
    return this.#outlet.write(chunk);
  }

  end(): void {
    this.#ended = true;
    this.#outlet.end();
  }

  fail(...failure: Parameters<Outlet['fail']>): void {
    this.#outlet.fail(...failure);
  }

  /** Errors, and answers that this caller did not get whole, are never kept. */
  over(span: () => Span): void {
    const head = this.#head;
    const { bytes, cut } = this.#copy.read(null, false);
    if (head !== null && this.#ended && head.status === 200 && !cut && bytes.length > 0 && isWhole(span())) {
      const type = head.headers['content-type'] ?? 'application/json';
      this.#keep({ status: 200, headers: { 'content-type': type }, body: bytes, streamed: head.streamed });
    }
    this.#outlet.over(span);
  }
}

/** An answer that is there already, as a call that took no time. */
function replay(deps: CacheDeps, cached: CachedAnswer, [input, outlet]: [CallInput, Outlet]): void {
  const { task, by, control, userAgent, run } = input;
  const { operation, target, asked, streamed, user, session, metadata } = task;
  const parent = input.traceparent === null ? null : parseTraceparent(input.traceparent);
  const startNs = deps.clock.now();
  const facts: CallFacts = {
    ...{ operation, target, asked, streamed, user, session, metadata, by, run, userAgent, control, startNs },
    traceId: parent?.traceId ?? newTraceId(deps.random.bytes(16)),
    spanId: newSpanId(deps.random.bytes(8)),
    parentSpanId: parent?.spanId ?? null,
    firstTokenNs: streamed ? startNs : null,
    provider: target.provider,
    vendorModel: target.vendorModel,
    status: cached.status,
    attempts: [],
    origin: 'hit',
  };
  const age = Math.max(0, Math.floor((deps.nowMs() - cached.storedAtMs) / 1_000));
  const bytes = Buffer.from(cached.body.buffer, cached.body.byteOffset, cached.body.byteLength);
  const own = { [traceHeader]: facts.traceId, [cacheHeader]: 'hit', age: String(age) };
  outlet.start({ status: cached.status, headers: cached.headers, own, streamed: cached.streamed, pure: true });
  outlet.write(bytes);
  outlet.end();
  const answer = { dialect: asked.dialect, bytes, streamed: cached.streamed, cut: false };
  const end = { answer, endNs: deps.clock.now(), error: null };
  const recording = recordingOf({ facts, end, requestChars: task.bytes }, deps);
  deps.sink.record(recording);
  outlet.over(recording.read);
}

/** Answers from the cache, or has the call made and keeps what it gives. */
export function serveCached(
  deps: CacheDeps & { cache: AnswerCache },
  { ask, plan, input, outlet }: { ask: CacheAsk; plan: CachePlan; input: CallInput; outlet: Outlet },
  make: (outlet: Outlet) => Running,
): Running {
  const { project } = ask.by;
  const { cache, metrics } = deps;
  let running: Running | null = null;
  let left = false;
  const goOn = (found: CachedAnswer | null) => {
    if (left) return;
    metrics.cache(found === null ? 'miss' : 'hit');
    if (found !== null) return replay(deps, found, [input, outlet]);
    const keep = (answer: Omit<CachedAnswer, 'storedAtMs'>) =>
      cache.put(project, plan, ask, { ...answer, storedAtMs: deps.nowMs() });
    running = make(plan.keepSeconds === null ? outlet : new Keeping(outlet, keep));
  };
  const found = plan.read ? cache.get(project, plan, ask) : null;
  // A cache that is away costs its use, not the call.
  if (found instanceof Promise) found.then(goOn, () => goOn(null));
  else goOn(found);
  return {
    abort(reason) {
      left = true;
      running?.abort(reason);
    },
    resume: () => running?.resume(),
  };
}
