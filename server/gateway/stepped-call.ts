import { codecOf, type StreamWriter } from '@wheelhouse/core/dialect';
import type { ModelAnswer, ModelEvent, Predicted, Predictor } from '@wheelhouse/core/ports';
import { type TraceId, type Usage, WheelhouseError } from '@wheelhouse/core/records';
import type { CallInput } from './call.ts';
import type { Metrics } from './metrics.ts';
import type { Outlet, Running } from './outlet.ts';
import type { Stepped } from './stepped-task.ts';

export type SteppedCallDeps = { predictor: Predictor; metrics: Pick<Metrics, 'refused'> };

const traceHeader = 'x-wheelhouse-trace-id';

/** One part of text, as it comes. */
class TextStream {
  readonly #writer: StreamWriter;
  readonly #write: (text: string) => void;
  readonly #begin: ModelEvent[];

  constructor({ dialect, frame }: Stepped, write: (text: string) => void) {
    this.#writer = codecOf(dialect).createWriter(frame);
    this.#write = write;
    const { id, model, created } = frame;
    this.#begin = [
      { type: 'start', id, model, created, usage: null },
      { type: 'partStart', choice: 0, part: 0, kind: 'text', id: null, name: null },
    ];
  }

  #told(events: ModelEvent[]): string {
    return events.map((event) => this.#writer.write(event)).join('');
  }

  piece(text: string): void {
    this.#write(this.#told([...this.#begin.splice(0), { type: 'partDelta', choice: 0, part: 0, text }]));
  }

  end(usage: Usage | null): void {
    const events: ModelEvent[] = [
      ...this.#begin.splice(0),
      { type: 'partEnd', choice: 0, part: 0 },
      { type: 'finish', choice: 0, reason: 'stop', stopSequence: null },
      ...(usage === null ? [] : [{ type: 'usage' as const, usage, serviceTier: null }]),
    ];
    const rest = this.#told(events);
    this.#write(rest + this.#writer.end());
  }
}

const wholeAnswer = ({ frame }: Stepped, text: string, usage: Usage | null): ModelAnswer => ({
  ...{ id: frame.id, model: frame.model, created: frame.created, usage, serviceTier: null },
  choices: [{ index: 0, parts: [{ type: 'text', text }], finishReason: 'stop', stopSequence: null, logprobs: null }],
});

/** Serves a call of a model that is no single call; failures go to the outlet. */
export function serveStepped(
  { predictor, metrics }: SteppedCallDeps,
  { input, stepped, outlet }: { input: CallInput; stepped: Stepped; outlet: Outlet },
): Running {
  const { task, by, control, traceparent, userAgent, run } = input;
  const { dialect, frame, ask } = stepped;
  const { chosen } = task.target;
  const controller = new AbortController();
  let traceId: TraceId | null = null;
  let begun = false;
  const own = (): Record<string, string> => (traceId === null ? {} : { [traceHeader]: traceId });
  const begin = () => {
    if (begun) return;
    begun = true;
    const type = task.streamed ? 'text/event-stream; charset=utf-8' : 'application/json';
    const headers = { 'content-type': type };
    const { streamed } = task;
    outlet.start({ status: 200, headers, own: own(), limits: {}, missed: false, streamed, pure: true });
  };
  const stream = new TextStream(stepped, (text) => {
    begin();
    outlet.write(Buffer.from(text));
  });

  function answer(prediction: Predicted): void {
    if (!prediction.ok) {
      if (prediction.traceId === null) metrics.refused(prediction.error.code);
      outlet.fail(prediction.error, own());
      return;
    }
    const { text, usage } = prediction;
    if (task.streamed) stream.end(usage);
    else {
      begin();
      const body = codecOf(dialect).writeAnswer(wholeAnswer(stepped, text, usage), frame);
      outlet.write(Buffer.from(JSON.stringify(body)));
    }
    outlet.end();
  }

  predictor
    .predict({
      ...{ by, traceparent, userAgent, run, ask, resume: null, signal: controller.signal },
      model: task.target.ref,
      ...(chosen && { draw: chosen.unit }),
      labels: {
        tags: control.tags,
        user: control.user ?? task.user,
        session: control.session ?? task.session,
        metadata: { ...task.metadata, ...control.metadata },
      },
      deadlineMs: control.deadlineMs,
      onStart(given) {
        traceId = given;
      },
      onText: task.streamed ? (piece) => stream.piece(piece) : null,
    })
    .then((prediction) => {
      if (!controller.signal.aborted) answer(prediction);
      if (prediction.traceId !== null) outlet.over(null);
    });
  return {
    abort: (reason) => controller.abort(new WheelhouseError('upstream_cut', reason)),
    resume() {},
  };
}
