import { failureError } from '@wheelhouse/core/dialect';
import type {
  Admission,
  Admitted,
  CallRecorder,
  Clock,
  PriceReader,
  Provider,
  ProviderKey,
  ProviderReader,
  Random,
} from '@wheelhouse/core/ports';
import {
  type Caller,
  newSpanId,
  newTraceId,
  parseTraceparent,
  type Span,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import {
  type AttemptFailure,
  type Health,
  type Plan,
  type Attempt as Planned,
  planCall,
  type Route,
  type StopFailure,
} from '@wheelhouse/core/route';
import type { Answer, CopyRoom } from './answer-copy.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { bindRoute, keysOf } from './bind-route.ts';
import { CallAsk } from './call-ask.ts';
import { type CallFacts, calledModel } from './call-span.ts';
import type { Control } from './control-headers.ts';
import { EndedCall } from './ended-call.ts';
import type { Metrics } from './metrics.ts';
import type { Outlet, Running } from './outlet.ts';
import { recordingOf } from './recorded-call.ts';
import { answerOf, attemptOf, type Failed, refusalFor, retryHeaders, stopError } from './stop-answer.ts';
import type { Task } from './task.ts';

export type CallDeps = {
  providers: ProviderReader;
  health: Health;
  admission: Admission;
  recorder: CallRecorder;
  prices: PriceReader;
  metrics: Metrics;
  clock: Clock;
  random: Random;
  /** What running answers keep for their traces comes out of it. */
  room: CopyRoom;
  log: { error(details: object, message: string): void };
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Uniform in [0, 1). */
  chance(): number;
};

export type CallInput = {
  task: Task;
  by: Caller;
  traceparent: string | null;
  userAgent: string | null;
  control: Control;
  run: Span['run'];
  /** Of its span, where they had to be known before. */
  ids?: { traceId: TraceId; spanId: SpanId; startNs: bigint };
  origin: CallFacts['origin'];
  /** When all of the request was here, of `performance.now()`. */
  startMs: number;
};

const noLimits = Object.freeze({});
const noAnswer: Answer = { dialect: null, bytes: Buffer.alloc(0), streamed: false, cut: false, asSent: false };

/** Who answered, as callers know it. */
const nameOf = ({ provider, planned }: Attempt) => `${provider}/${planned.target.vendorModel}`;

/** One call, from its admission to its span: carries out the plan of its route. */
export class Call implements AttemptOwner, Running {
  readonly traceId: TraceId;
  readonly #deps: CallDeps;
  readonly #in: CallInput;
  readonly #outlet: Outlet;
  readonly #facts: CallFacts;
  readonly #route: Route;
  readonly #bound: ReadonlyMap<string, Provider>;
  readonly #startMs: number;
  #plan: Plan<ProviderKey> | null = null;
  #admitted: Admitted | null = null;
  #running: Attempt[] = [];
  #failed: Failed[] = [];
  #winner: Attempt | null = null;
  #over = false;
  #timer: NodeJS.Timeout | null = null;
  /** Handed out by the plan, waiting to be sent. */
  #waiting: Planned<ProviderKey> | null = null;
  #sentMs = 0;
  /** Why the first target that was gone past cannot take the call. */
  #unfit: WheelhouseError | null = null;

  constructor(deps: CallDeps, input: CallInput, outlet: Outlet) {
    const { task, control, by } = input;
    this.#deps = deps;
    this.#in = input;
    this.#outlet = outlet;
    const parent = input.traceparent === null ? null : parseTraceparent(input.traceparent);
    this.traceId = input.ids?.traceId ?? parent?.traceId ?? newTraceId(deps.random.bytes(16));
    const { target } = task;
    this.#facts = {
      operation: task.operation,
      model: calledModel(target),
      asked: task.asked,
      streamed: task.streamed,
      user: task.user,
      session: task.session,
      metadata: task.metadata,
      by,
      traceId: this.traceId,
      spanId: input.ids?.spanId ?? newSpanId(deps.random.bytes(8)),
      parentSpanId: parent?.spanId ?? null,
      run: input.run,
      userAgent: input.userAgent,
      control,
      startNs: input.ids?.startNs ?? deps.clock.now(),
      firstTokenNs: null,
      provider: target.provider,
      vendorModel: target.vendorModel,
      status: 0,
      attempts: [],
      origin: input.origin,
    };
    this.#startMs = deps.nowMs();
    const bound = bindRoute(target.route, (name) => deps.providers.find(by.project, name));
    this.#route = bound.route;
    this.#bound = bound.providers;
  }

  /** Admission first; failures go to the outlet, also at once. */
  start(): void {
    try {
      const answer = this.#deps.admission.admit(this.#ask());
      if (answer instanceof Promise)
        answer.then(
          (admitted) => this.#enter(admitted),
          (error: unknown) => this.#refuse(error),
        );
      else this.#enter(answer);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #ask(): CallAsk {
    const { task, by, control } = this.#in;
    const user = control.user ?? task.user;
    return new CallAsk({ task, by, user, nowMs: this.#startMs, prices: this.#deps.prices });
  }

  #refuse(error: unknown): void {
    const known = this.#known(error);
    if (this.#over) return;
    this.#over = true;
    this.#deps.metrics.refused(known.code);
    this.#outlet.fail(known, {});
  }

  #known(error: unknown): WheelhouseError {
    if (error instanceof WheelhouseError) return error;
    this.#deps.log.error({ err: error }, 'a call failed inside of the gateway');
    return new WheelhouseError('internal', 'Something went wrong inside Wheelhouse.', { cause: error });
  }

  #enter(admitted: Admitted): void {
    if (this.#over) {
      admitted.release();
      return;
    }
    this.#admitted = admitted;
    const { control, task } = this.#in;
    const { settings } = this.#route;
    const sticky = settings.sticky === 'user' ? (control.user ?? task.user) : (control.session ?? task.session);
    this.#plan = planCall<ProviderKey>({
      route: this.#route,
      health: this.#deps.health,
      keysOf: (name) => keysOf(this.#bound.get(name)),
      stickyKey: settings.sticky === null ? null : sticky,
      deadlineMs: control.deadlineMs === null ? null : this.#startMs + control.deadlineMs,
      nowMs: this.#startMs,
      random: this.#deps.chance,
    });
    this.#deps.metrics.began();
    this.#next();
  }

  #next(): void {
    const step = this.#plan?.next(this.#deps.nowMs());
    if (step === undefined || this.#over) return;
    if (step.do === 'stop') {
      this.#stop(step.failure);
      return;
    }
    if (step.afterMs <= 0) {
      this.#send(step.attempt);
      return;
    }
    this.#waiting = step.attempt;
    this.#timer = setTimeout(() => {
      this.#waiting = null;
      this.#send(step.attempt);
    }, step.afterMs);
  }

  #send(planned: Planned<ProviderKey>): void {
    const { target } = planned;
    const provider = this.#bound.get(target.provider);
    const { timeouts, hedgeAfterMs } = this.#route.settings;
    if (provider === undefined || this.#plan === null) return;
    try {
      const outgoing = this.#in.task.compose(provider, target);
      const times = { waits: timeouts, deadlineMs: this.#plan.deadlineMs, nowMs: this.#deps.nowMs };
      const { room } = this.#deps;
      const attempt = new Attempt(this, { planned, outgoing, provider: provider.name, times, room });
      this.#facts.provider = provider.name;
      this.#facts.vendorModel = target.vendorModel;
      this.#running.push(attempt);
      if (this.#sentMs === 0) this.#sentMs = performance.now();
      attempt.send(provider);
    } catch (error) {
      this.#running = this.#running.filter((attempt) => attempt.planned !== planned);
      if (error instanceof WheelhouseError && error.code === 'unsupported_by_model') {
        this.#goPast(planned, error);
        return;
      }
      this.#plan.left(planned);
      this.#fail(this.#known(error));
      return;
    }
    if (hedgeAfterMs !== null && !planned.hedge) this.#timer = setTimeout(() => this.#hedge(), hedgeAfterMs);
  }

  /** One target cannot do what the call asks for; another one may. */
  #goPast(planned: Planned<ProviderKey>, error: WheelhouseError): void {
    this.#plan?.unfit(planned);
    this.#unfit ??= error;
    if (this.#running.length === 0) this.#next();
  }

  #hedge(): void {
    this.#timer = null;
    const now = this.#deps.nowMs();
    if (this.#winner !== null || this.#running.length !== 1) return;
    const planned = this.#plan?.hedge(now);
    if (planned) this.#send(planned);
  }

  answered(attempt: Attempt): void {
    this.#plan?.answered(attempt.planned, attempt.headers, this.#deps.nowMs());
  }

  won(attempt: Attempt): boolean {
    if (this.#winner !== null || this.#over) return false;
    this.#winner = attempt;
    this.#stopTimer();
    this.#plan?.begun(attempt.planned, this.#deps.nowMs());
    for (const other of this.#running) if (other !== attempt) this.#leave(other);
    this.#running = [attempt];
    const { target } = attempt.planned;
    this.#facts.provider = attempt.provider;
    this.#facts.vendorModel = target.vendorModel;
    this.#facts.status = attempt.status;
    if (this.#in.task.streamed) this.#facts.firstTokenNs = this.#deps.clock.now();
    const { passes, streamed } = attempt.outgoing;
    const type = streamed && attempt.tap !== null ? 'text/event-stream; charset=utf-8' : 'application/json';
    this.#outlet.start({
      status: attempt.status,
      headers: passes ? attempt.headers : translatedHeaders(attempt.headers, type),
      own: this.#own(nameOf(attempt)),
      limits: this.#limits,
      missed: false,
      streamed: (attempt.headers['content-type'] ?? '').includes('event-stream'),
      pure: attempt.outgoing.dialect !== null,
    });
    for (const piece of attempt.takeHeld()) this.#outlet.write(piece);
    return true;
  }

  #own(target: string): Record<string, string> {
    return { 'x-wheelhouse-trace-id': this.traceId, 'x-wheelhouse-target': target };
  }

  get #limits(): Readonly<Record<string, string>> {
    return this.#admitted?.headers ?? noLimits;
  }

  /** Where nobody has answered. */
  get #ownOfFailure(): Record<string, string> {
    return { 'x-wheelhouse-trace-id': this.traceId, ...this.#limits };
  }

  write(chunk: Buffer): boolean {
    return this.#outlet.write(chunk);
  }

  done(attempt: Attempt): void {
    this.#plan?.ended(attempt.planned, null, this.#deps.nowMs());
    if (attempt.planned.number > 1) this.#note(attempt, null);
    this.#running = [];
    this.#outlet.end();
    this.#finish(attempt, null);
  }

  failed(attempt: Attempt, failure: AttemptFailure): void {
    this.#plan?.ended(attempt.planned, failure, this.#deps.nowMs());
    this.#running = this.#running.filter((other) => other !== attempt);
    this.#failed.push({ attempt, failure });
    this.#note(attempt, failure);
    this.#deps.metrics.attemptFailed(attempt.planned.target.ref, failure.kind);
    if (this.#over) return;
    if (attempt === this.#winner) {
      // Two answers are never joined to one: what has begun ends here.
      const told = attempt.tap?.failure();
      if (told && attempt.outgoing.passes) this.#outlet.end();
      else this.#outlet.fail(failureError(failure), {});
      this.#finish(attempt, failure.message);
      return;
    }
    if (this.#running.length === 0 && this.#waiting === null) {
      this.#stopTimer();
      this.#next();
    }
  }

  /** Only what did not go as it nearly always goes is worth a word. */
  #note(attempt: Attempt, failure: AttemptFailure | null): void {
    const { planned, status, startMs } = attempt;
    const { key, hedge } = planned;
    this.#facts.attempts.push({
      ...{ target: nameOf(attempt), key: key?.id ?? null, hedge, startMs, endMs: this.#deps.nowMs(), status },
      failure: failure === null ? null : { kind: failure.kind, message: failure.message },
    });
  }

  #leave(attempt: Attempt): void {
    attempt.leave();
    this.#plan?.left(attempt.planned);
    if (this.#failed.length > 0 || attempt.planned.number > 1 || this.#running.length > 1) this.#note(attempt, null);
  }

  #stop(failure: StopFailure): void {
    const told = attemptOf(this.#failed, failure);
    const last = told ?? this.#failed.at(-1)?.attempt ?? null;
    if (last !== null) {
      this.#facts.provider = last.provider;
      this.#facts.vendorModel = last.planned.target.vendorModel;
      this.#facts.status = last.status;
    }
    const headers = retryHeaders(failure, this.#failed);
    const refusal = refusalFor(told, failure);
    if (told === null || refusal === null) {
      const error = this.#failed.length === 0 && this.#unfit !== null ? this.#unfit : stopError(failure, this.#bound);
      this.#outlet.fail(error, { ...this.#ownOfFailure, ...headers });
      this.#finish(null, error.message);
      return;
    }
    this.#outlet.start({
      status: refusal.status,
      headers: refusal.headers,
      own: { ...this.#own(nameOf(told)), ...headers },
      limits: this.#limits,
      missed: false,
      streamed: false,
      pure: told.outgoing.dialect !== null,
    });
    if (refusal.body.length > 0) this.#outlet.write(refusal.body);
    this.#outlet.end();
    this.#record(answerOf(refusal, told), failure.message, false);
  }

  /** Before anything was answered, and without another attempt. */
  #fail(error: WheelhouseError): void {
    for (const attempt of this.#running) this.#leave(attempt);
    this.#running = [];
    this.#outlet.fail(error, this.#ownOfFailure);
    this.#finish(null, error.message);
  }

  /** The caller left: the vendor hears of it at once, and what was seen is recorded. */
  abort(reason: string): void {
    if (this.#over) return;
    if (this.#plan === null) {
      // Still waiting to be admitted.
      this.#over = true;
      return;
    }
    const attempt = this.#winner ?? this.#running[0] ?? null;
    for (const running of this.#running) this.#leave(running);
    this.#running = [];
    if (this.#waiting !== null) this.#plan.left(this.#waiting);
    this.#finish(attempt, reason);
  }

  resume(): void {
    this.#winner?.resume();
  }

  #finish(attempt: Attempt | null, error: string | null): void {
    const tap = attempt?.tap ?? null;
    const spent = attempt !== null && (error === null || attempt.begun);
    this.#record(tap === null ? noAnswer : tap.answer(), error, spent);
  }

  #record(answer: Answer, error: string | null, spent: boolean): void {
    this.#over = true;
    this.#stopTimer();
    const { recorder, prices, clock, metrics } = this.#deps;
    const facts = this.#facts;
    const end = { answer, endNs: clock.now(), error };
    const call = new EndedCall({ facts, end }, prices);
    recorder.record(recordingOf(call));
    this.#outlet.over(call);
    const beforeMs = this.#sentMs === 0 ? null : this.#sentMs - this.#in.startMs;
    metrics.ended(facts, { ok: error === null, endNs: end.endNs, beforeMs });
    this.#settle(call, spent);
  }

  #settle(call: EndedCall, spent: boolean): void {
    const admitted = this.#admitted;
    this.#admitted = null;
    if (admitted === null || admitted.free) return;
    if (spent) admitted.settle(call.spent());
    else admitted.release();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting = null;
  }
}

/** Of a translated answer only what is true of ours as well. */
function translatedHeaders(headers: Record<string, string>, contentType: string): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': contentType };
  for (const name of ['x-request-id', 'request-id', 'retry-after']) {
    const value = headers[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
