import { checkInput, predict } from '@wheelhouse/core/model';
import type { CallCopier, Clock, OnText, Predicted, PredictRequest, WholeSpans } from '@wheelhouse/core/ports';
import { type JsonObject, type ModelRef, WheelhouseError } from '@wheelhouse/core/records';
import type { Target } from '@wheelhouse/core/route';
import { offerCopy } from './copy-run.ts';
import { type FinishedSteps, readFinishedSteps } from './finished-steps.ts';
import { fitConversation } from './fit-input.ts';
import { knownError } from './known-error.ts';
import { createRunSpans, type RunSpansDeps } from './run-spans.ts';
import { createWorld, type WorldDeps } from './step-world.ts';
import { createTally } from './tally.ts';

export type SteppedDeps = RunSpansDeps &
  WorldDeps & {
    clock: Clock;
    copier: CallCopier;
    wholeSpans: Pick<WholeSpans, 'ofTraces'>;
    log: { error(details: object, message: string): void };
  };

/** Where a run stands among the runs that it is part of. */
export type Place = {
  /** The models above it, outermost first, as they were named. */
  above: readonly string[];
  finished: FinishedSteps | null;
};

export const outermost: Place = { above: [], finished: null };

const deepest = 8;

export type SteppedInput = {
  request: PredictRequest;
  target: Target & { version: NonNullable<Target['version']>; name: string };
  place: Place;
  ask(request: PredictRequest, place: Place): Promise<Predicted>;
};

function checkDepth(ref: string, { above }: Place): void {
  if (above.length < deepest) return;
  throw new WheelhouseError(
    'invalid_request',
    `Models call models more than ${deepest} deep: ${above.join(' → ')} → ${ref}.`,
    {
      param: 'model',
      hint: 'An alias may have come to point in a circle; move it, or name versions by number.',
    },
  );
}

/** Aborts with the caller, and when its time is over. */
function boundTime({ signal, deadlineMs }: PredictRequest): { signal: AbortSignal; done(): void } {
  const controller = new AbortController();
  const leave = () => controller.abort(signal.reason);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  const late = () =>
    controller.abort(new WheelhouseError('upstream_timeout', `It was not done within ${deadlineMs} ms.`));
  const timer = deadlineMs === null ? null : setTimeout(late, deadlineMs);
  return {
    signal: controller.signal,
    done() {
      if (timer !== null) clearTimeout(timer);
      signal.removeEventListener('abort', leave);
    },
  };
}

/** Notes when the first text came. */
function heard(span: { firstText(): void }, onText: OnText): OnText {
  return (piece) => {
    span.firstText();
    onText(piece);
  };
}

/** One run of a model that is more than one call, or none: its spans, its steps, what it took. */
export async function runStepped(deps: SteppedDeps, input: SteppedInput): Promise<Predicted> {
  const { request, target, place } = input;
  const { ref, version, name, alias, chosen } = target;
  const { by, labels } = request;
  const { checker } = deps;
  const model: ModelRef = { name, version: version.number, alias };
  const versionName = `${name}@${version.number}`;
  checkDepth(ref, place);
  const fitted = fitConversation(version.signature.input, request.ask, ref);
  // What is refused here is no run yet.
  const asked = { ...fitted, input: checkInput(version.signature.input, fitted.input, { name: ref, checker }) };
  const finished =
    request.resume === null ? place.finished : await readFinishedSteps(deps.wholeSpans, by.project, request.resume);

  const startNs = deps.clock.now();
  const spans = createRunSpans(deps, request);
  request.onStart?.(spans.traceId);
  const attributes: JsonObject = {
    'wheelhouse.model': ref,
    'wheelhouse.flavor': version.definition.flavor,
    'wheelhouse.input': JSON.stringify({ messages: request.ask.messages, variables: request.ask.input }),
    ...(request.resume === null ? {} : { 'wheelhouse.resumed': request.resume }),
    ...(chosen &&
      chosen.copyTo !== null && { 'wheelhouse.release': chosen.release, 'wheelhouse.release.arm': chosen.arm }),
  };
  const span = spans.open({
    parent: null,
    kind: 'chain',
    name: `predict ${ref}`,
    model,
    input: asked.input,
    attributes,
  });
  const tally = createTally();
  const time = boundTime(request);
  const taken = () => ({ traceId: spans.traceId, latencyNs: deps.clock.now() - startNs, ...tally.read(), model });
  const world = createWorld(
    deps,
    {
      ...{ by, project: by.project, versionName, modelName: name, version, spans, tally, finished },
      signal: time.signal,
      ask: (called, theirs, { traceparent, onText }) =>
        input.ask(
          {
            ...{ by, labels, run: request.run, userAgent: null, deadlineMs: null, resume: null, onStart: null },
            ...{ model: called, ask: theirs, traceparent, onText, signal: time.signal },
          },
          { above: [...place.above, ref], finished },
        ),
    },
    span,
  );
  try {
    const onText = request.onText === null ? null : heard(span, request.onText);
    const { output, text } = await predict(version, asked, { name: ref, world, onText });
    time.signal.throwIfAborted();
    span.end({ output });
    return { ok: true, output, text, ...taken() };
  } catch (error) {
    span.end({ error });
    // Whoever hears that it failed may resume it at once.
    await spans.stored();
    return { ok: false, error: knownError(deps, error, time.signal), text: null, ...taken() };
  } finally {
    time.done();
    const of = { traceId: spans.traceId, spanId: span.spanId };
    offerCopy(deps.copier, { request, target, of, ask: (copied) => input.ask(copied, outermost) });
  }
}
