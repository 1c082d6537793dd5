import type { CallRecorder, Clock, Random } from '@wheelhouse/core/ports';
import { newSpanId, newTraceId, parseTraceparent, type Span, type WheelhouseError } from '@wheelhouse/core/records';
import type { CallInput } from './call.ts';
import type { EndedCall } from './ended-call.ts';
import type { Head, Outlet } from './outlet.ts';
import { recordingOf } from './recorded-call.ts';

const traceHeader = 'x-wheelhouse-trace-id';

/** A caller who gets the answer of another's call: under a trace of its own, whose cost is nothing. */
export class Follower implements Outlet {
  readonly #outlet: Outlet;
  readonly #input: CallInput;
  readonly #deps: { recorder: CallRecorder; clock: Clock };
  readonly #ids: Pick<Span, 'traceId' | 'spanId' | 'parentSpanId'>;
  readonly #startNs: bigint;
  #leftBecause: string | null = null;

  constructor(outlet: Outlet, input: CallInput, deps: { recorder: CallRecorder; clock: Clock; random: Random }) {
    const parent = input.traceparent === null ? null : parseTraceparent(input.traceparent);
    this.#outlet = outlet;
    this.#input = input;
    this.#deps = deps;
    this.#startNs = input.ids?.startNs ?? deps.clock.now();
    this.#ids = {
      traceId: input.ids?.traceId ?? parent?.traceId ?? newTraceId(deps.random.bytes(16)),
      spanId: input.ids?.spanId ?? newSpanId(deps.random.bytes(8)),
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

  over(leading: EndedCall): void {
    const { control, run, task } = this.#input;
    const call = leading.for({
      ...this.#ids,
      startNs: this.#startNs,
      endNs: this.#deps.clock.now(),
      run,
      tags: control.tags,
      userId: control.user ?? task.user,
      sessionId: control.session ?? task.session,
      metadata: { ...task.metadata, ...control.metadata },
      left: this.#leftBecause,
    });
    this.#deps.recorder.record(recordingOf(call));
    this.#outlet.over(call);
  }
}
