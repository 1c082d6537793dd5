import type {
  AnswerCache,
  CacheAsk,
  CachedAnswer,
  CachePlan,
  CallRecorder,
  Clock,
  PriceReader,
  Random,
} from '@wheelhouse/core/ports';
import { newSpanId, newTraceId, parseTraceparent } from '@wheelhouse/core/records';
import { AnswerCopy } from './answer-copy.ts';
import type { CallInput } from './call.ts';
import { type CallFacts, calledModel } from './call-span.ts';
import { EndedCall } from './ended-call.ts';
import type { Metrics } from './metrics.ts';
import type { Head, Outlet, Running } from './outlet.ts';
import type { QuestionVector } from './question-vector.ts';
import { recordingOf } from './recorded-call.ts';

export type CacheDeps = {
  recorder: CallRecorder;
  prices: PriceReader;
  metrics: Metrics;
  clock: Clock;
  random: Random;
  nowMs(): number;
};

const traceHeader = 'x-wheelhouse-trace-id';
const cacheHeader = 'x-wheelhouse-cache';
const similarityHeader = 'x-wheelhouse-cache-similarity';
const originHeader = 'x-wheelhouse-cache-trace-id';

/** What of a call its answer depends on. */
export function cacheAsk({ task, by, control }: CallInput): CacheAsk {
  const { target, asked, streamed } = task;
  return {
    by,
    user: control.user ?? task.user,
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

/** Keeps a copy of a good answer on its way. */
class Keeping implements Outlet {
  readonly #outlet: Outlet;
  readonly #nowMs: () => number;
  readonly #keep: (answer: CachedAnswer) => void;
  readonly #copy = new AnswerCopy();
  #head: Head | null = null;
  #ended = false;

  constructor(outlet: Outlet, nowMs: () => number, keep: (answer: CachedAnswer) => void) {
    this.#outlet = outlet;
    this.#nowMs = nowMs;
    this.#keep = keep;
  }

  start(head: Head): void {
    this.#head = head;
    const { status, headers, own, limits, streamed, pure } = head;
    this.#outlet.start({ status, headers, own, limits, missed: true, streamed, pure });
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
  over(call: EndedCall): void {
    const head = this.#head;
    const { answer } = call.end;
    // Where the caller got what the trace keeps, there is no second copy.
    const { bytes, cut } = answer.asSent && !answer.cut ? answer : this.#copy.read(answer);
    if (head !== null && this.#ended && head.status === 200 && !cut && bytes.length > 0 && call.isWhole()) {
      const type = head.headers['content-type'] ?? 'application/json';
      this.#keep({
        status: 200,
        headers: { 'content-type': type },
        body: bytes,
        streamed: head.streamed,
        storedAtMs: this.#nowMs(),
        traceId: call.facts.traceId,
      });
    }
    this.#outlet.over(call);
  }
}

/** `similarity`: to the question that it answered; null: it is the same. */
type Found = { answer: CachedAnswer; similarity: number | null };

/** An answer that is there already, as a call that took no time. */
function replay(deps: CacheDeps, { answer: cached, similarity }: Found, [input, outlet]: [CallInput, Outlet]): void {
  const { task, by, control, userAgent, run } = input;
  const { operation, target, asked, streamed, user, session, metadata } = task;
  const parent = input.traceparent === null ? null : parseTraceparent(input.traceparent);
  const startNs = input.ids?.startNs ?? deps.clock.now();
  const facts: CallFacts = {
    ...{
      operation,
      model: calledModel(target),
      asked,
      streamed,
      user,
      session,
      metadata,
      by,
      run,
      userAgent,
      control,
      startNs,
    },
    traceId: input.ids?.traceId ?? parent?.traceId ?? newTraceId(deps.random.bytes(16)),
    spanId: input.ids?.spanId ?? newSpanId(deps.random.bytes(8)),
    parentSpanId: parent?.spanId ?? null,
    firstTokenNs: streamed ? deps.clock.now() : null,
    provider: target.provider,
    vendorModel: target.vendorModel,
    status: cached.status,
    attempts: [],
    origin: similarity === null ? 'hit' : 'semantic',
    cached: { traceId: cached.traceId, similarity },
  };
  const age = Math.max(0, Math.floor((deps.nowMs() - cached.storedAtMs) / 1_000));
  const bytes = Buffer.from(cached.body.buffer, cached.body.byteOffset, cached.body.byteLength);
  const own = {
    ...{ [traceHeader]: facts.traceId, [cacheHeader]: facts.origin, [originHeader]: cached.traceId, age: String(age) },
    ...(similarity === null ? {} : { [similarityHeader]: similarity.toFixed(4) }),
  };
  const { status, headers, streamed: asStream } = cached;
  outlet.start({ status, headers, own, limits: {}, missed: false, streamed: asStream, pure: true });
  outlet.write(bytes);
  outlet.end();
  const answer = { dialect: asked.dialect, bytes, streamed: cached.streamed, cut: false, asSent: true };
  const call = new EndedCall({ facts, end: { answer, endNs: deps.clock.now(), error: null } }, deps.prices);
  deps.recorder.record(recordingOf(call));
  outlet.over(call);
}

type Asked = {
  ask: CacheAsk;
  plan: CachePlan;
  input: CallInput;
  outlet: Outlet;
  /** null: only the same question finds an answer. */
  question: QuestionVector | null;
};

/**
 * Answers from the cache, or has the call made and keeps what it gives. A vector is waited for only where a question is
 * kept that might ask the same; else it is made beside the call, for those that come later.
 */
export function serveCached(
  deps: CacheDeps & { cache: AnswerCache },
  { ask, plan, input, outlet, question }: Asked,
  make: (outlet: Outlet) => Running,
): Running {
  const { project } = ask.by;
  const { cache, metrics } = deps;
  let running: Running | null = null;
  let left = false;

  function hit(found: Found): void {
    if (left) return;
    metrics.cache(found.similarity === null ? 'hit' : 'semantic');
    replay(deps, found, [input, outlet]);
  }

  function miss(): void {
    if (left) return;
    metrics.cache('miss');
    if (plan.keepSeconds === null) {
      running = make(outlet);
      return;
    }
    const vector = question?.vector();
    const keep = (answer: CachedAnswer) => {
      cache.put(project, plan, ask, answer);
      void vector?.then((made) => {
        if (made !== null) cache.place(project, plan, made);
      });
    };
    running = make(new Keeping(outlet, deps.nowMs, keep));
  }

  function lookFurther(): void {
    if (left) return;
    if (question === null || !plan.read) {
      miss();
      return;
    }
    void cache.nearest(project, plan, () => question.vector()).then((found) => (found === null ? miss() : hit(found)));
  }

  const goOn = (answer: CachedAnswer | null) => (answer === null ? lookFurther() : hit({ answer, similarity: null }));
  const found = plan.read ? cache.get(project, plan, ask) : null;
  // A cache that is away costs its use, not the call.
  if (found instanceof Promise) found.then(goOn, () => goOn(null));
  else goOn(found);
  return {
    abort(reason) {
      left = true;
      question?.abort(reason);
      running?.abort(reason);
    },
    resume: () => running?.resume(),
  };
}
