import type { Clock, Random, SpanSink } from '@wheelhouse/core/ports';
import { newSpanId, newTraceId, parseTraceparent, type Span, type WheelhouseError } from '@wheelhouse/core/records';
import type { CallInput } from './call.ts';
import { freeCost } from './call-span.ts';
import type { Head, Outlet } from './outlet.ts';

const traceHeader = 'x-wheelhouse-trace-id';

/** What a recorded follower takes: the texts are those of the call that was made. */
const boxes = 2_000;

/** A caller who gets the answer of another's call: under a trace of its own, whose cost is nothing. */
export class Follower implements Outlet {
  readonly #outlet: Outlet;
  readonly #input: CallInput;
  readonly #deps: { sink: SpanSink; clock: Clock };
  readonly #ids: Pick<Span, 'traceId' | 'spanId' | 'parentSpanId'>;
  readonly #startNs: bigint;
  #leftBecause: string | null = null;

  constructor(outlet: Outlet, input: CallInput, deps: { sink: SpanSink; clock: Clock; random: Random }) {
    const parent = input.traceparent === null ? null : parseTraceparent(input.traceparent);
    this.#outlet = outlet;
    this.#input = input;
    this.#deps = deps;
    this.#startNs = deps.clock.now();
    this.#ids = {
      traceId: parent?.traceId ?? newTraceId(deps.random.bytes(16)),
      spanId: newSpanId(deps.random.bytes(8)),
      parentSpanId: parent?.spanId ?? null,
    };
  }

  left(reason: string): void {
    this.#leftBecause = reason;
  }

  start(head: Head): void {
    this.#outlet.start({ ...head, own: { ...head.own, [traceHeader]: this.#ids.traceId } });
  }

  write(chunk: Buffer): boolean {
    return this.#outlet.write(chunk);
  }

  end(): void {
    this.#outlet.end();
  }

  fail(error: WheelhouseError, headers: Record<string, string>): void {
    this.#outlet.fail(error, { ...headers, [traceHeader]: this.#ids.traceId });
  }

  over(span: () => Span): void {
    const { control, run, task } = this.#input;
    const own = {
      ...this.#ids,
      startNs: this.#startNs,
      endNs: this.#deps.clock.now(),
      run,
      tags: control.tags,
      userId: control.user ?? task.user,
      sessionId: control.session ?? task.session,
      metadata: { ...task.metadata, ...control.metadata },
    };
    const left = this.#leftBecause;
    let made: Span | null = null;
    const read = () => {
      made ??= followed(span(), own, left);
      return made;
    };
    this.#deps.sink.record({ bytes: boxes, read });
    this.#outlet.over(read);
  }
}

function followed(span: Span, own: Partial<Span>, left: string | null): Span {
  return {
    ...span,
    ...own,
    ...(left === null ? {} : { status: 'error', statusMessage: left }),
    usage: null,
    cost: span.status === 'error' ? null : freeCost,
    events: [],
    attributes: { ...span.attributes, 'wheelhouse.origin': 'shared', 'wheelhouse.shared.span': span.spanId },
  };
}
